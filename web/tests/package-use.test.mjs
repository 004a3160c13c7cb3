// The package and the client of docs/fetch-only-client.md, used by a page on another port: an allowed origin with real
// preflights.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { build } from "esbuild";
import {
  cookie,
  launch,
  ageTokens,
  newContext,
  sessionCookies,
  setCookie,
  signIn,
  recordRequests,
} from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { freePorts, root } from "./harness/process.mjs";
import { startServers, PASSWORD } from "./harness/servers.mjs";

const APP = `
  import { createElement as h, StrictMode } from "react";
  import { createRoot } from "react-dom/client";
  import { createAuth } from "@gatecrumb/client";
  import { AuthProvider, RequireUser, useAuth, useUser } from "@gatecrumb/client/react";
  window.auth = createAuth({ baseUrl: new URLSearchParams(location.search).get("api") });
  window.rendered = [];
  function Status() {
    const { status, user } = useAuth();
    window.rendered.push(status);
    return h("p", { id: "status" }, status + " " + (user?.username ?? "nobody"));
  }
  const Name = () => h("p", { id: "required" }, useUser().username);
  const fallback = ({ status }) => h("p", { id: "required" }, "instead: " + status);
  const page = [h(Status, { key: 1 }), h(RequireUser, { key: 2, fallback }, h(Name))];
  createRoot(document.body).render(h(StrictMode, null, h(AuthProvider, { auth: window.auth }, page)));
`;

let servers, browser, context, site;
before(async () => {
  const [port] = await freePorts(1);
  servers = await startServers({ origins: [`http://localhost:${port}`] });
  browser = await launch();
  const { outputFiles } = await build({
    stdin: { contents: APP, resolveDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": '"development"' },
  });
  const html = '<!doctype html><title>another port</title><body><script type="module" src="/app.js"></script>';
  site = await servePage(html, { port, files: { "/app.js": outputFiles[0].text } });
});
after(async () => {
  await site?.stop();
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
});

/** Opens the page; `errors` collects the errors and warnings of React and the browser. */
async function open() {
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  await page.goto(`${site.origin}/?api=${encodeURIComponent(servers.api)}`);
  return { page, errors };
}
const shows = (page, text) => page.locator("#status", { hasText: text }).waitFor();

test("StrictMode: rendered and mounted twice, with one request and no wrong state", async () => {
  await signIn(context, servers.app);
  const { page, errors } = await open();
  await shows(page, "signed-in demo");
  const requests = recordRequests(page);
  await page.reload();
  await shows(page, "signed-in demo");
  assert.deepEqual(requests, ["me"]);
  const rendered = await page.evaluate(() => window.rendered);
  assert.deepEqual([...new Set(rendered)], ["loading", "signed-in"]);
  assert.ok(rendered.length > 2, "StrictMode was on");
  assert.deepEqual(errors, []);
});

test("another port of the same host: sign in with a real preflight, refresh, sign out", async () => {
  const { page, errors } = await open();
  await shows(page, "signed-out nobody");
  servers.proxy.takeRequests();
  await page.evaluate((password) => window.auth.login("demo", password), PASSWORD);
  await shows(page, "signed-in demo");
  assert.deepEqual(servers.proxy.takeRequests(), ["OPTIONS login", "POST login"]);
  await ageTokens(context, servers.mint);
  const requests = recordRequests(page);
  await page.reload();
  await shows(page, "signed-in demo");
  assert.deepEqual(requests, ["me", "refresh", "me"]);
  await page.evaluate(() => window.auth.logout());
  await shows(page, "signed-out nobody");
  assert.deepEqual(await sessionCookies(context), []);
  // The browser itself reports the 401 that leads to the refresh.
  assert.deepEqual(
    errors.filter((text) => !text.includes("401")),
    [],
  );
});

test("RequireUser shows its children only while a user is signed in, in every tab", async () => {
  const [one, two] = [await open(), await open()];
  const required = (page, text) => page.locator("#required", { hasText: text }).waitFor();
  for (const { page } of [one, two]) await required(page, "instead: signed-out");
  await one.page.evaluate((password) => window.auth.login("demo", password), PASSWORD);
  for (const { page } of [one, two]) await required(page, "demo");
  await two.page.evaluate(() => window.auth.logout());
  for (const { page } of [one, two]) await required(page, "instead: signed-out");
  assert.deepEqual([...one.errors, ...two.errors], []);
});

test("the page that the browser restores or shows again is checked", async () => {
  await signIn(context, servers.app);
  const { page } = await open();
  await shows(page, "signed-in demo");
  const jar = await context.cookies();
  await context.clearCookies(); // as a sign-out elsewhere, which this page has not heard of
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await shows(page, "signed-out nobody");
  await context.addCookies(jar);
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await shows(page, "signed-in demo");
});

test("fetch without an access token: refreshed and retried", async () => {
  await signIn(context, servers.app);
  const { page } = await open();
  await shows(page, "signed-in demo");
  await setCookie(context, "access", undefined);
  const requests = recordRequests(page);
  const status = await page.evaluate(
    (url) => window.auth.fetch(url).then((response) => response.status),
    `${servers.api}/auth/me`,
  );
  assert.equal(status, 200);
  assert.deepEqual(requests, ["me", "refresh", "me"]);
});

test("errors are typed in the browser as well", async () => {
  const { page } = await open();
  const error = await page.evaluate(() =>
    window.auth.login("demo", "wrong").catch(({ name, code, status }) => ({ name, code, status })),
  );
  assert.deepEqual(error, { name: "AuthError", code: "invalid_credentials", status: 401 });
});

test("a page that is not allowed to use BroadcastChannel and cookies still renders", async () => {
  const { page, errors } = await open();
  await page.addInitScript(() => {
    const forbid = () => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    };
    window.BroadcastChannel = class {
      constructor() {
        forbid();
      }
    };
    for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: forbid });
    Object.defineProperty(document, "cookie", { get: forbid });
  });
  // The browser stores no cookie of the response: it does not get any.
  await page.route("**/auth/login", async (route) => {
    const headers = { "content-type": "application/json", origin: site.origin };
    const body = route.request().postData();
    const response = await fetch(`${servers.api}/auth/login`, { method: "POST", headers, body });
    const { "set-cookie": _, ...others } = Object.fromEntries(response.headers);
    await route.fulfill({ status: response.status, headers: others, body: await response.text() });
  });
  await page.reload();
  await shows(page, "signed-out nobody");
  const code = await page.evaluate(
    (password) => window.auth.login("demo", password).catch((error) => error.code),
    PASSWORD,
  );
  assert.equal(code, "cookies_blocked");
  await shows(page, "signed-out nobody");
  assert.deepEqual(
    errors.filter((text) => !text.includes("401")),
    [],
  );
});

test("the fetch-only client: me, then refresh, then me", async () => {
  const document = await readFile(`${root}docs/fetch-only-client.md`, "utf8");
  const code = [...document.matchAll(/```js\n(.*?)```/gs)]
    .map(([, text]) => text)
    .find((text) => text.includes("function currentUser"));
  const page = await context.newPage();
  await page.goto(servers.app);
  const requests = recordRequests(page);
  const load = () =>
    page.evaluate(async (text) => {
      window.plain = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    }, code);
  await load();
  const user = () => page.evaluate(() => window.plain.currentUser().then((found) => found && found.username));
  assert.equal(await user(), null);
  await page.evaluate((password) => window.plain.login("demo", password), PASSWORD);
  requests.length = 0;
  assert.equal(await user(), "demo");
  assert.deepEqual(requests.splice(0), ["me"]);
  const before = await cookie(context, "access");
  await setCookie(context, "access", undefined);
  assert.equal(await user(), "demo");
  assert.deepEqual(requests.splice(0), ["me", "refresh", "me"]);
  assert.ok((await cookie(context, "access")) && before);
  await page.evaluate(() => window.plain.logout());
  assert.equal(await user(), null);
});
