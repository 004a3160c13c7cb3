import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  cookie,
  launch,
  ageTokens,
  newContext,
  sessionCookies,
  setCookie,
  signIn,
  signedIn,
  signedOut,
  recordRequests,
} from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { startServers } from "./harness/servers.mjs";

let servers, browser, context;
before(async () => {
  servers = await startServers();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
});

test("an expired access token on a client page: three requests, and no visible change", async () => {
  const page = await signIn(context, servers.app);
  await ageTokens(context, servers.mint);
  const before = await cookie(context, "refresh");
  const requests = recordRequests(page);
  const statuses = [];
  await page.exposeFunction("recordStatus", (status) => statuses.push(status));
  await page.addInitScript(() => {
    new MutationObserver(() => window.recordStatus(document.querySelector(".who")?.dataset.status)).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
    });
  });
  await page.reload();
  await page.locator("#username", { hasText: "demo" }).waitFor();
  assert.deepEqual(requests, ["me", "refresh", "me"]);
  assert.notEqual(await cookie(context, "refresh"), before, "rotated");
  assert.ok(statuses.length > 0);
  assert.deepEqual(
    statuses.filter((status) => status === "signed-out"),
    [],
    "no flash of the wrong state",
  );
});

test("the same after the browser has deleted the access cookie", async () => {
  const page = await signIn(context, servers.app);
  await setCookie(context, "access", undefined);
  const requests = recordRequests(page);
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByText("You are still signed in.").waitFor();
  assert.deepEqual(requests, ["me", "refresh", "me"]);
});

test("an expired access token on a server-rendered page, opened from a link on another site", async () => {
  await signIn(context, servers.app);
  const elsewhere = await servePage(`<a href="${servers.app}/server">another site</a>`, { host: "127.0.0.1" });
  try {
    const page = await context.newPage();
    await page.goto(elsewhere.origin);
    await ageTokens(context, servers.mint);
    const before = [await cookie(context, "access"), await cookie(context, "refresh")];
    servers.proxy.takeRequests();
    const arrival = page.waitForResponse(`${servers.app}/server`);
    await page.getByRole("link").click();
    const response = await arrival;
    assert.equal(response.status(), 200);
    assert.equal((await response.request().allHeaders())["sec-fetch-site"], "cross-site");
    assert.match(await response.headerValue("cache-control"), /private.*no-store/);
    await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
    await signedIn(page);
    assert.deepEqual(servers.proxy.takeRequests(), ["POST refresh", "GET me"], "one by the server, one by the header");
    const later = [await cookie(context, "access"), await cookie(context, "refresh")];
    assert.ok(later[0] !== before[0] && later[1] !== before[1], "every new cookie reached the browser");
  } finally {
    await elsewhere.stop();
  }
});

test("the same with a link inside the app, which the router fetches", async () => {
  const page = await signIn(context, servers.app);
  await ageTokens(context, servers.mint);
  const before = await cookie(context, "refresh");
  servers.proxy.takeRequests();
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  assert.deepEqual(servers.proxy.takeRequests(), ["POST refresh"]);
  assert.notEqual(await cookie(context, "refresh"), before);
});

test("a refresh by the server forwards the visitor's Cookie header and address, and no other header", async () => {
  await signIn(context, servers.app);
  await setCookie(context, "access", undefined);
  servers.proxy.takeRequests();
  const headers = { "x-mine": "1", "user-agent": "mine", origin: "https://evil.example", "x-real-ip": "203.0.113.9" };
  const response = await context.request.get(`${servers.app}/server`, { headers });
  assert.equal(response.status(), 200);
  const [{ headers: forwarded }] = servers.proxy.requests;
  assert.match(forwarded.cookie, /gatecrumb-refresh=/);
  assert.equal(forwarded["x-real-ip"], "203.0.113.9");
  for (const name of ["x-mine", "origin", "sec-fetch-site"]) assert.equal(forwarded[name], undefined, name);
  assert.notEqual(forwarded["user-agent"], "mine");
});

test("ten tabs at once with an expired access token: all stay signed in, with one or three requests each", async () => {
  await signIn(context, servers.app);
  await ageTokens(context, servers.mint);
  // The first request of each tab waits until all ten have arrived.
  let waiting = [];
  await context.route("**/auth/me", async (route) => {
    if (!waiting) return route.continue();
    waiting.push(route);
    if (waiting.length === 10) {
      const all = waiting;
      waiting = undefined;
      await Promise.all(all.map((each) => each.continue()));
    }
  });
  const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
  const requests = pages.map(recordRequests);
  const loaded = pages.map((page) => page.locator("#username", { hasText: "demo" }).waitFor());
  await Promise.all(pages.map((page) => page.goto(`${servers.app}/client`)));
  await Promise.all(loaded);
  for (const each of requests) {
    assert.ok(["me", "me refresh me"].includes(each.join(" ")), each.join(" "));
  }
  const refreshes = requests.flat().filter((path) => path === "refresh").length;
  assert.ok(refreshes >= 2, `only ${refreshes} refreshes: no race`);
  // The session continues with the cookies of the last response.
  await ageTokens(context, servers.mint);
  await pages[0].reload();
  await pages[0].locator("#username", { hasText: "demo" }).waitFor();
});

test("a lost response to refresh does not sign the user out, and the next attempt succeeds", async () => {
  const page = await signIn(context, servers.app);
  await ageTokens(context, servers.mint);
  const before = await context.cookies();
  let lost = 0;
  await context.route("**/auth/refresh", async (route) => {
    const { cookie } = await route.request().allHeaders();
    const response = await fetch(`${servers.api}/auth/refresh`, { method: "POST", headers: { cookie } });
    assert.equal(response.status, 200, "the server has rotated");
    lost++;
    await route.abort("connectionreset");
  });
  await page.reload();
  await page.getByText("This does not sign you out.").waitFor();
  assert.equal(lost, 1);
  assert.deepEqual(await context.cookies(), before);
  await context.unroute("**/auth/refresh");
  await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("reuse of a superseded refresh token ends the session everywhere", async () => {
  const page = await signIn(context, servers.app);
  const old = await servers.mint.aged(await cookie(context, "refresh"));
  for (let turn = 0; turn < 2; turn++) {
    await ageTokens(context, servers.mint);
    await page.reload();
    await page.locator("#username", { hasText: "demo" }).waitFor();
  }
  const owner = await newContext(browser);
  await owner.addCookies(await context.cookies());
  const elsewhere = await owner.newPage();
  await elsewhere.goto(`${servers.app}/client`);
  await signedIn(elsewhere);

  await setCookie(context, "access", undefined);
  await setCookie(context, "refresh", old);
  await page.reload();
  await signedOut(page);
  await page.getByText("You were signed out for security reasons.").waitFor();
  assert.deepEqual(await sessionCookies(context), []);
  await elsewhere.getByRole("button", { name: "Check again" }).click();
  await signedOut(elsewhere);
  assert.deepEqual(await sessionCookies(owner), []);
  await owner.close();
});
