import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  cookie,
  fillIn,
  launch,
  ageTokens,
  newContext,
  sessionCookies,
  signIn,
  signOut,
  signedIn,
  signedOut,
  recordRequests,
} from "./harness/browser.mjs";
import { gatecrumb } from "./harness/process.mjs";
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

async function open(path) {
  const page = await context.newPage();
  await page.goto(servers.app + path);
  return page;
}

/** Lets refreshes reach the server, and holds their responses until `release`. */
async function holdRefreshes() {
  let release, arrived;
  const released = new Promise((resolve) => (release = resolve));
  const held = new Promise((resolve) => (arrived = resolve));
  await context.route("**/auth/refresh", async (route) => {
    const { cookie: cookies } = await route.request().allHeaders();
    const response = await fetch(`${servers.api}/auth/refresh`, { method: "POST", headers: { cookie: cookies } });
    arrived();
    await released;
    const headers = { "content-type": "application/json", "set-cookie": response.headers.getSetCookie().join("\n") };
    // An aborted request accepts no response.
    await route.fulfill({ status: response.status, headers, body: await response.text() }).catch(() => {});
  });
  return { held, release };
}

test("a sign-in in one tab reaches the others without a request", async () => {
  const other = await open("/");
  await signedOut(other);
  const requests = recordRequests(other);
  await signIn(context, servers.app);
  await signedIn(other);
  assert.deepEqual(requests, []);
});

test("a sign-out in one tab reaches the others, and protected pages close", async () => {
  const here = await signIn(context, servers.app, "/");
  const [home, server, client] = await Promise.all(["/", "/server", "/client"].map(open));
  await Promise.all([home, server, client].map(signedIn));
  await signOut(here);
  await Promise.all([here, home, server, client].map(signedOut));
  await server.waitForURL("**/sign-in?next=%2Fserver");
  await client.waitForURL("**/sign-in?next=%2Fclient");
  assert.deepEqual(await sessionCookies(context), []);
});

test("a late response to another tab's refresh does not undo a sign-out", async () => {
  const here = await signIn(context, servers.app, "/");
  await ageTokens(context, servers.mint);
  const { held, release } = await holdRefreshes();
  const other = await context.newPage();
  const requests = recordRequests(other);
  await other.goto(`${servers.app}/client`);
  await held;
  await signOut(here);
  await signedOut(here);
  release();
  await other.waitForURL("**/sign-in?next=%2Fclient");
  await signedOut(other);
  assert.deepEqual(await sessionCookies(context), []);
  assert.deepEqual(requests, ["me", "refresh"]);
});

test("a late response to another tab's refresh does not mix two users' cookies", async () => {
  gatecrumb(["user", "create", "grace", "--state", servers.state, "--password-stdin"], "a password for grace\n");
  await signIn(context, servers.app, "/");
  const here = await open("/sign-in");
  await here.getByRole("button", { name: "Use another account" }).click();
  await ageTokens(context, servers.mint);
  const { held, release } = await holdRefreshes();
  const other = await open("/client");
  await held;
  await fillIn(here, "a password for grace", "grace");
  await here.waitForURL(`${servers.app}/`);
  const now = await cookie(context, "refresh");
  release();
  await other.locator("#username", { hasText: "grace" }).waitFor();
  assert.equal(await cookie(context, "refresh"), now);
});

test("a server-rendered page reloads when another user signs in", async () => {
  await signIn(context, servers.app, "/");
  const server = await open("/server");
  const before = await server.locator("#user-id").textContent();
  const here = await open("/sign-in");
  await here.getByRole("button", { name: "Use another account" }).click();
  await fillIn(here, "a password for grace", "grace");
  await server.locator("#user-id").filter({ hasNotText: before }).waitFor();
});

test("a sign-out without a response shows an error, and the user stays signed in", async () => {
  const here = await signIn(context, servers.app, "/");
  await here.route("**/auth/logout", (route) => route.abort());
  await signOut(here);
  await here.getByRole("alert").filter({ hasText: "No connection" }).waitFor();
  await signedIn(here);
  await here.unroute("**/auth/logout");
  await signOut(here);
  await signedOut(here);
});
