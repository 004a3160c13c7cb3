import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  cookie,
  launch,
  letTimePass,
  newContext,
  sessionCookies,
  setCookie,
  signIn,
  signedIn,
  signedOut,
  watch,
} from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { createStack } from "./harness/stack.mjs";

let stack, browser, context;
before(async () => {
  stack = await createStack();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
});

test("an access token that ran out, on a client page: three requests, and nobody notices", async () => {
  const page = await signIn(context, stack.app);
  await letTimePass(context, stack.mint);
  const before = await cookie(context, "refresh");
  const asked = watch(page);
  const shown = [];
  await page.exposeFunction("shown", (status) => shown.push(status));
  await page.addInitScript(() => {
    new MutationObserver(() => window.shown(document.querySelector(".who")?.dataset.status)).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
    });
  });
  await page.reload();
  await page.locator("#username", { hasText: "demo" }).waitFor();
  assert.deepEqual(asked, ["me", "refresh", "me"]);
  assert.notEqual(await cookie(context, "refresh"), before, "rotated");
  assert.ok(shown.length > 0);
  assert.deepEqual(
    shown.filter((status) => status === "signed-out"),
    [],
    "no flash of the wrong state",
  );
});

test("an access cookie that the browser dropped: the same", async () => {
  const page = await signIn(context, stack.app);
  await setCookie(context, "access", undefined);
  const asked = watch(page);
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Still you.").waitFor();
  assert.deepEqual(asked, ["me", "refresh", "me"]);
});

test("an access token that ran out, on a server-rendered page, by a link from another site", async () => {
  await signIn(context, stack.app);
  const elsewhere = await servePage(`<a href="${stack.app}/server">over there</a>`, { host: "127.0.0.1" });
  try {
    const page = await context.newPage();
    await page.goto(elsewhere.origin);
    await letTimePass(context, stack.mint);
    const before = [await cookie(context, "access"), await cookie(context, "refresh")];
    stack.gateway.takeSeen();
    const arrival = page.waitForResponse(`${stack.app}/server`);
    await page.getByRole("link").click();
    const answer = await arrival;
    assert.equal(answer.status(), 200);
    assert.equal((await answer.request().allHeaders())["sec-fetch-site"], "cross-site");
    assert.match(await answer.headerValue("cache-control"), /private.*no-store/);
    await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
    await signedIn(page);
    assert.deepEqual(stack.gateway.takeSeen(), ["POST refresh", "GET me"], "one by the server, one by the header");
    const later = [await cookie(context, "access"), await cookie(context, "refresh")];
    assert.ok(later[0] !== before[0] && later[1] !== before[1], "every new cookie reached the browser");
  } finally {
    await elsewhere.stop();
  }
});

test("the same by a link inside the app, which the router fetches", async () => {
  const page = await signIn(context, stack.app);
  await letTimePass(context, stack.mint);
  const before = await cookie(context, "refresh");
  stack.gateway.takeSeen();
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  assert.deepEqual(stack.gateway.takeSeen(), ["POST refresh"]);
  assert.notEqual(await cookie(context, "refresh"), before);
});

test("the server forwards the Cookie header, its word for the address, and nothing else of the visitor's", async () => {
  await signIn(context, stack.app);
  await setCookie(context, "access", undefined);
  stack.gateway.takeSeen();
  const headers = { "x-mine": "1", "user-agent": "mine", origin: "https://evil.example", "x-real-ip": "203.0.113.9" };
  const answer = await context.request.get(`${stack.app}/server`, { headers });
  assert.equal(answer.status(), 200);
  const [{ headers: forwarded }] = stack.gateway.seen;
  assert.match(forwarded.cookie, /gatecrumb-refresh=/);
  assert.equal(forwarded["x-real-ip"], "203.0.113.9");
  for (const name of ["x-mine", "origin", "sec-fetch-site"]) assert.equal(forwarded[name], undefined, name);
  assert.notEqual(forwarded["user-agent"], "mine");
});

test("ten tabs at once with an access token that ran out: all stay signed in, by one or three requests each", async () => {
  await signIn(context, stack.app);
  await letTimePass(context, stack.mint);
  // The first question of each tab waits until all ten are there.
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
  const asked = pages.map(watch);
  const shown = pages.map((page) => page.locator("#username", { hasText: "demo" }).waitFor());
  await Promise.all(pages.map((page) => page.goto(`${stack.app}/client`)));
  await Promise.all(shown);
  for (const each of asked) {
    assert.ok(["me", "me refresh me"].includes(each.join(" ")), each.join(" "));
  }
  const refreshes = asked.flat().filter((path) => path === "refresh").length;
  assert.ok(refreshes >= 2, `they did race: ${refreshes} refreshes`);
  // And the session goes on from whichever answer came last.
  await letTimePass(context, stack.mint);
  await pages[0].reload();
  await pages[0].locator("#username", { hasText: "demo" }).waitFor();
});

test("a lost answer to refresh signs nobody out, and the next try succeeds", async () => {
  const page = await signIn(context, stack.app);
  await letTimePass(context, stack.mint);
  const before = await context.cookies();
  let lost = 0;
  await context.route("**/auth/refresh", async (route) => {
    const { cookie } = await route.request().allHeaders();
    const answer = await fetch(`${stack.api}/auth/refresh`, { method: "POST", headers: { cookie } });
    assert.equal(answer.status, 200, "the server did rotate");
    lost++;
    await route.abort("connectionreset");
  });
  await page.reload();
  await page.getByText("You are not signed out by this.").waitFor();
  assert.equal(lost, 1);
  assert.deepEqual(await context.cookies(), before);
  await context.unroute("**/auth/refresh");
  await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("a superseded refresh token, put back by hand, ends the session everywhere", async () => {
  const page = await signIn(context, stack.app);
  const old = await stack.mint.aged(await cookie(context, "refresh"));
  for (let turn = 0; turn < 2; turn++) {
    await letTimePass(context, stack.mint);
    await page.reload();
    await page.locator("#username", { hasText: "demo" }).waitFor();
  }
  const owner = await newContext(browser);
  await owner.addCookies(await context.cookies());
  const elsewhere = await owner.newPage();
  await elsewhere.goto(`${stack.app}/client`);
  await signedIn(elsewhere);

  await setCookie(context, "access", undefined);
  await setCookie(context, "refresh", old);
  await page.reload();
  await signedOut(page);
  await page.getByText("You were signed out for safety.").waitFor();
  assert.deepEqual(await sessionCookies(context), []);
  await elsewhere.getByRole("button", { name: "Ask again" }).click();
  await signedOut(elsewhere);
  assert.deepEqual(await sessionCookies(owner), []);
  await owner.close();
});
