import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  cookie,
  fillIn,
  launch,
  newContext,
  sessionCookies,
  signIn,
  signOut,
  signedIn,
  signedOut,
  recordRequests,
} from "./harness/browser.mjs";
import { gatecrumb } from "./harness/process.mjs";
import { startServers, PASSWORD } from "./harness/servers.mjs";

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
  servers.proxy.takeRequests();
});

test("sign in with the form and the keyboard only; it returns to the requested page", async () => {
  const page = await context.newPage();
  await page.goto(`${servers.app}/server?tab=2`);
  assert.equal(page.url(), `${servers.app}/sign-in?next=%2Fserver%3Ftab%3D2`);
  const button = page.getByRole("button", { name: "Sign in" });
  await button.and(page.locator(":enabled")).waitFor();
  await page.getByLabel("Username").focus();
  await page.keyboard.type("demo");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${servers.app}/server?tab=2`);
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  await signedIn(page);
});

test("wrong password: an alert that has the focus, and no cookie", async () => {
  const page = await context.newPage();
  await page.goto(`${servers.app}/sign-in`);
  await fillIn(page, "not the password");
  const alert = page.getByRole("alert").filter({ hasText: "Incorrect username or password" });
  await alert.waitFor();
  assert.equal(await alert.evaluate((element) => element === document.activeElement), true);
  assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
  assert.deepEqual(await context.cookies(), []);
  await fillIn(page, "not the password either");
  await alert.waitFor();
  await fillIn(page);
  await signedIn(page);
});

test("reload: still signed in, with one request", async () => {
  const page = await signIn(context, servers.app);
  const requests = recordRequests(page);
  await page.reload();
  await signedIn(page);
  await page.locator("#username", { hasText: "demo" }).waitFor();
  assert.deepEqual(requests, ["me"]);
});

test("nobody signed in: the first HTML says so, and the pages make no request", async () => {
  const page = await context.newPage();
  const requests = recordRequests(page);
  const response = await page.goto(servers.app);
  assert.match(await response.text(), /data-status="signed-out"/);
  await page.goto(`${servers.app}/client`);
  await page.waitForURL("**/sign-in?next=%2Fclient");
  assert.deepEqual(requests, []);
  assert.deepEqual(servers.proxy.takeRequests(), []);
});

test("the server renders its page from the token alone, without a request", async () => {
  const page = await signIn(context, servers.app, "/");
  servers.proxy.takeRequests();
  const html = await (await context.request.get(`${servers.app}/server`)).text();
  assert.deepEqual(servers.proxy.takeRequests(), []);
  const { id } = (await (await context.request.get(`${servers.app}/auth/me`)).json()).user;
  assert.ok(html.includes(id));
  await page.goto(`${servers.app}/client`);
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("scripts can read the hint and neither token", async () => {
  const page = await signIn(context, servers.app);
  assert.equal(await page.evaluate(() => document.cookie), "gatecrumb-hint=1");
  const [access, refresh] = [await cookie(context, "access"), await cookie(context, "refresh")];
  assert.ok(access.length > 100 && refresh.length > 100);
  for (const path of ["/", "/client", "/server"]) {
    const html = await (await page.goto(servers.app + path)).text();
    assert.ok(!html.includes(access) && !html.includes(refresh), path);
  }
  const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  assert.equal(stored, "[{},{}]");
});

test("client-side navigation keeps the state without a request", async () => {
  const page = await signIn(context, servers.app, "/");
  const requests = recordRequests(page);
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  await page.getByRole("link", { name: "Client page" }).click();
  await page.locator("#username").waitFor();
  assert.deepEqual(requests, []);
});

test("sign out: removes the cookies and leaves the protected page", async () => {
  const page = await signIn(context, servers.app, "/server");
  await signOut(page);
  await page.waitForURL("**/sign-in?next=%2Fserver");
  await signedOut(page);
  assert.deepEqual(await sessionCookies(context), []);
});

test("after a sign-out, the Back button shows no protected page", async () => {
  const page = await signIn(context, servers.app, "/server");
  await page.goto(`${servers.app}/client`);
  await signOut(page);
  await page.waitForURL("**/sign-in?next=%2Fclient");
  await page.goBack();
  await page.waitForURL("**/sign-in?next=%2Fserver");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("sign out everywhere ends the session of another browser", async () => {
  const other = await newContext(browser);
  const otherPage = await signIn(other, servers.app);
  const page = await signIn(context, servers.app);
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await signedOut(page);
  await otherPage.reload();
  await signedOut(otherPage);
  await otherPage.getByText("Your session has ended.").waitFor();
  await other.close();
});

test("`next` never leads to another origin", async () => {
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
  ]) {
    await context.clearCookies();
    const page = await signIn(context, servers.app, next);
    assert.equal(new URL(page.url()).origin, servers.app, next);
    await page.close();
  }
});

test("without scripts, a password never becomes part of a URL", async () => {
  const plain = await newContext(browser, { javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto(`${servers.app}/sign-in`);
  assert.equal(await page.locator("form").getAttribute("method"), "post");
  assert.equal(await page.getByRole("button", { name: "Sign in" }).isDisabled(), true);
  await plain.close();
});

test("gatecrumb takes the visitor's address from the app, never from the visitor", async () => {
  const login = (headers) =>
    context.request.post(`${servers.app}/auth/login`, { data: { username: "demo", password: PASSWORD }, headers });
  const response = await login({ "x-real-ip": "203.0.113.9" });
  assert.equal(response.status(), 200);
  const sessions = gatecrumb(["session", "list", "demo", "--state", servers.state, "--json"]);
  assert.match(sessions, /203\.0\.113\.9/);
  const [{ headers }] = servers.proxy.requests;
  assert.ok(headers["x-gatecrumb-proxy"]);
  assert.ok(!JSON.stringify(response.headers()).includes(headers["x-gatecrumb-proxy"]));
  servers.proxy.takeRequests();
  await login({ "x-gatecrumb-proxy": "guess" });
  assert.equal(servers.proxy.requests[0].headers["x-gatecrumb-proxy"], undefined);
});
