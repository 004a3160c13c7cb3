import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  cookie,
  fillIn,
  launch,
  letTimePass,
  newContext,
  sessionCookies,
  signIn,
  signedIn,
  signedOut,
  watch,
} from "./harness/browser.mjs";
import { gatecrumb } from "./harness/process.mjs";
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

async function open(path) {
  const page = await context.newPage();
  await page.goto(stack.app + path);
  return page;
}

/** Lets refreshes reach the server, and keeps their answers back until `release`. */
async function holdRefreshes() {
  let release, arrived;
  const released = new Promise((resolve) => (release = resolve));
  const held = new Promise((resolve) => (arrived = resolve));
  await context.route("**/auth/refresh", async (route) => {
    const { cookie: cookies } = await route.request().allHeaders();
    const answer = await fetch(`${stack.api}/auth/refresh`, { method: "POST", headers: { cookie: cookies } });
    arrived();
    await released;
    const headers = { "content-type": "application/json", "set-cookie": answer.headers.getSetCookie().join("\n") };
    // A request that was aborted takes no answer any more.
    await route.fulfill({ status: answer.status, headers, body: await answer.text() }).catch(() => {});
  });
  return { held, release };
}

test("sign-in in one tab shows in the others, without a request of theirs", async () => {
  const other = await open("/");
  await signedOut(other);
  const asked = watch(other);
  await signIn(context, stack.app);
  await signedIn(other);
  assert.deepEqual(asked, []);
});

test("sign-out in one tab shows in the others, and protected pages are left", async () => {
  const here = await signIn(context, stack.app, "/");
  const [home, server, client] = await Promise.all(["/", "/server", "/client"].map(open));
  await Promise.all([home, server, client].map(signedIn));
  await here.getByRole("button", { name: "Sign out" }).click();
  await Promise.all([here, home, server, client].map(signedOut));
  await server.waitForURL("**/sign-in?next=%2Fserver");
  await client.waitForURL("**/sign-in?next=%2Fclient");
  assert.deepEqual(await sessionCookies(context), []);
});

test("a late answer to another tab's refresh does not undo a sign-out", async () => {
  const here = await signIn(context, stack.app, "/");
  await letTimePass(context, stack.mint);
  const { held, release } = await holdRefreshes();
  const other = await context.newPage();
  const asked = watch(other);
  await other.goto(`${stack.app}/client`);
  await held;
  await here.getByRole("button", { name: "Sign out" }).click();
  await signedOut(here);
  release();
  await other.waitForURL("**/sign-in?next=%2Fclient");
  await signedOut(other);
  assert.deepEqual(await sessionCookies(context), []);
  assert.deepEqual(asked, ["me", "refresh"]);
});

test("nor does it mix two users' cookies", async () => {
  gatecrumb(["user", "create", "grace", "--state", stack.state, "--password-stdin"], "a password for grace\n");
  await signIn(context, stack.app, "/");
  const here = await open("/sign-in");
  await signedIn(here);
  await letTimePass(context, stack.mint);
  const { held, release } = await holdRefreshes();
  const other = await open("/client");
  await held;
  await fillIn(here, "a password for grace", "grace");
  await here.waitForURL(`${stack.app}/`);
  const now = await cookie(context, "refresh");
  release();
  await other.locator("#username", { hasText: "grace" }).waitFor();
  assert.equal(await cookie(context, "refresh"), now);
});

test("a server-rendered page is rendered anew when another user signs in", async () => {
  await signIn(context, stack.app, "/");
  const server = await open("/server");
  const before = await server.locator("#user-id").textContent();
  const here = await open("/sign-in");
  await fillIn(here, "a password for grace", "grace");
  await server.locator("#user-id").filter({ hasNotText: before }).waitFor();
});

test("a sign-out whose answer is lost leaves everybody signed in, and says so", async () => {
  const here = await signIn(context, stack.app, "/");
  await here.route("**/auth/logout", (route) => route.abort());
  await here.getByRole("button", { name: "Sign out" }).click();
  await here.getByRole("alert").filter({ hasText: "No connection" }).waitFor();
  await signedIn(here);
  await here.unroute("**/auth/logout");
  await here.getByRole("button", { name: "Sign out" }).click();
  await signedOut(here);
});
