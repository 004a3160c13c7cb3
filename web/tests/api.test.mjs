// A route handler of the app's own, behind `withUser` of @gatecrumb/client/next, and `auth.fetch` in a page.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { build } from "esbuild";
import { ageTokens, launch, newContext, recordRequests, setCookie, signIn } from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { startServers } from "./harness/servers.mjs";

let servers, browser, context, script;
before(async () => {
  servers = await startServers();
  browser = await launch();
  const contents = 'import { createAuth } from "@gatecrumb/client"; window.auth = createAuth();';
  const stdin = { contents, resolveDir: import.meta.dirname ?? new URL(".", import.meta.url).pathname };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "iife" });
  script = outputFiles[0].text;
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
});

/** A page of the app with a client of its own in `window.auth`. */
async function open() {
  const page = await signIn(context, servers.app);
  await page.addScriptTag({ content: script });
  return page;
}
/** The status and body of a request to the route handler, by `auth.fetch` or by the plain `fetch`. */
const call = (page, how, init) =>
  page.evaluate(
    async ([name, options]) => {
      const send = name === "auth.fetch" ? window.auth.fetch : fetch;
      const response = await send("/api/user", options);
      const type = response.headers.get("content-type");
      return { status: response.status, type, body: await response.json() };
    },
    [how, init],
  );

for (const [name, lose] of [
  ["expired", () => ageTokens(context, servers.mint)],
  ["deleted by the browser", () => setCookie(context, "access", undefined)],
]) {
  test(`access token ${name}: 401 access_expired, and auth.fetch recovers with one refresh`, async () => {
    const page = await open();
    await lose();
    const requests = recordRequests(page);
    const plain = await call(page, "fetch");
    assert.deepEqual([plain.status, plain.type, plain.body.code], [401, "application/problem+json", "access_expired"]);
    assert.deepEqual(requests, []);
    // The body is sent again with the retry.
    const { status, body } = await call(page, "auth.fetch", { method: "POST", body: "kept" });
    assert.deepEqual([status, body.received], [200, "kept"]);
    assert.deepEqual(requests, ["refresh"]);
    assert.equal((await call(page, "auth.fetch")).body.id, body.id);
    assert.deepEqual(requests, ["refresh"], "the new token is used");
  });
}

test("nobody signed in: 401 not_logged_in, and auth.fetch does not refresh", async () => {
  const page = await open();
  await context.clearCookies();
  const requests = recordRequests(page);
  const { status, body } = await call(page, "auth.fetch");
  assert.deepEqual([status, body.code], [401, "not_logged_in"]);
  assert.deepEqual(requests, []);
});

test("a form on another origin of the same site has the cookies, and is refused", async () => {
  await signIn(context, servers.app);
  const elsewhere = await servePage("<p>elsewhere</p>");
  try {
    const page = await context.newPage();
    await page.goto(elsewhere.origin);
    const url = `${servers.app}/api/user`;
    const arrival = page.waitForResponse(url);
    await page.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      document.body.append(form);
      setTimeout(() => form.submit()); // later, because a navigation would interrupt this call
    }, url);
    const response = await arrival;
    assert.match((await response.request().allHeaders()).cookie, /gatecrumb-access=/);
    assert.equal(response.status(), 403);
    assert.equal((await response.json()).code, "cross_origin");
  } finally {
    await elsewhere.stop();
  }
});
