import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import {
  LAUNCH,
  cookie,
  fillIn,
  launch,
  newContext,
  sessionCookies,
  signIn,
  signedIn,
  signedOut,
  watch,
} from "./harness/browser.mjs";
import { gatecrumb } from "./harness/process.mjs";
import { createStack, PASSWORD } from "./harness/stack.mjs";

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
  stack.gateway.takeSeen();
});

test("sign in: by the form, by keyboard alone, back to the page that was asked for", async () => {
  const page = await context.newPage();
  await page.goto(`${stack.app}/server?tab=2`);
  assert.equal(page.url(), `${stack.app}/sign-in?next=%2Fserver%3Ftab%3D2`);
  const button = page.getByRole("button", { name: "Sign in" });
  await button.and(page.locator(":enabled")).waitFor();
  await page.getByLabel("Username").focus();
  await page.keyboard.type("demo");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${stack.app}/server?tab=2`);
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  await signedIn(page);
});

test("wrong password: said, focused, announced, and nothing is set", async () => {
  const page = await context.newPage();
  await page.goto(`${stack.app}/sign-in`);
  await fillIn(page, "not the password");
  const alert = page.getByRole("alert").filter({ hasText: "no user with this name" });
  await alert.waitFor();
  assert.equal(await alert.evaluate((element) => element === document.activeElement), true);
  assert.equal(await page.getByLabel("Password").getAttribute("aria-invalid"), "true");
  assert.deepEqual(await context.cookies(), []);
  await fillIn(page, "not the password either");
  await alert.waitFor();
  await fillIn(page);
  await signedIn(page);
});

test("reload: still signed in, for one request", async () => {
  const page = await signIn(context, stack.app);
  const asked = watch(page);
  await page.reload();
  await signedIn(page);
  await page.locator("#username", { hasText: "demo" }).waitFor();
  assert.deepEqual(asked, ["me"]);
});

test("nobody signed in: pages say so in their first HTML, and ask nothing", async () => {
  const page = await context.newPage();
  const asked = watch(page);
  const answer = await page.goto(stack.app);
  assert.match(await answer.text(), /data-status="signed-out"/);
  await page.goto(`${stack.app}/client`);
  await page.waitForURL("**/sign-in?next=%2Fclient");
  assert.deepEqual(asked, []);
  assert.deepEqual(stack.gateway.takeSeen(), []);
});

test("the server renders its page from the token alone: no request of its own", async () => {
  const page = await signIn(context, stack.app, "/");
  stack.gateway.takeSeen();
  const html = await (await context.request.get(`${stack.app}/server`)).text();
  assert.deepEqual(stack.gateway.takeSeen(), []);
  const { id } = (await (await context.request.get(`${stack.app}/auth/me`)).json()).user;
  assert.ok(html.includes(id));
  await page.goto(`${stack.app}/client`);
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("scripts see the hint and neither token", async () => {
  const page = await signIn(context, stack.app);
  assert.equal(await page.evaluate(() => document.cookie), "gatecrumb-hint=1");
  const [access, refresh] = [await cookie(context, "access"), await cookie(context, "refresh")];
  assert.ok(access.length > 100 && refresh.length > 100);
  for (const path of ["/", "/client", "/server"]) {
    const html = await (await page.goto(stack.app + path)).text();
    assert.ok(!html.includes(access) && !html.includes(refresh), path);
  }
  const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  assert.equal(stored, "[{},{}]");
});

test("soft navigation between the pages keeps the state, without asking again", async () => {
  const page = await signIn(context, stack.app, "/");
  const asked = watch(page);
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
  await page.getByRole("link", { name: "Client page" }).click();
  await page.locator("#username").waitFor();
  assert.deepEqual(asked, []);
});

test("sign out: the cookies are gone, and the protected pages closed", async () => {
  const page = await signIn(context, stack.app, "/server");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in?next=%2Fserver");
  await signedOut(page);
  assert.deepEqual(await sessionCookies(context), []);
});

test("after a sign-out, Back shows no protected page", async () => {
  const page = await signIn(context, stack.app, "/server");
  await page.goto(`${stack.app}/client`);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL("**/sign-in?next=%2Fclient");
  await page.goBack();
  await page.waitForURL("**/sign-in?next=%2Fserver");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("sign out everywhere ends the session of another browser", async () => {
  const other = await newContext(browser);
  const there = await signIn(other, stack.app);
  const here = await signIn(context, stack.app);
  await here.getByRole("button", { name: "Sign out everywhere" }).click();
  await signedOut(here);
  await there.reload();
  await signedOut(there);
  await there.getByText("Your session is over.").waitFor();
  await other.close();
});

test("after the sign-in, no link leads to another origin", async () => {
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
  ]) {
    await context.clearCookies();
    const page = await signIn(context, stack.app, next);
    assert.equal(new URL(page.url()).origin, stack.app, next);
    await page.close();
  }
});

test("without scripts, a password never becomes part of an address", async () => {
  const plain = await newContext(browser, { javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto(`${stack.app}/sign-in`);
  assert.equal(await page.locator("form").getAttribute("method"), "post");
  assert.equal(await page.getByRole("button", { name: "Sign in" }).isDisabled(), true);
  await plain.close();
});

test("cookies blocked: the sign-in says so", async () => {
  const profile = await mkdtemp(join(tmpdir(), "gatecrumb-profile-"));
  await mkdir(join(profile, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
  const blocked = await chromium.launchPersistentContext(profile, LAUNCH);
  try {
    const page = await blocked.newPage();
    await page.goto(`${stack.app}/sign-in`);
    await fillIn(page);
    await page.getByRole("alert").filter({ hasText: "keeps no cookies" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    await page.goto(`${stack.app}/server`);
    assert.equal(new URL(page.url()).pathname, "/sign-in");
  } finally {
    await blocked.close();
    await rm(profile, { recursive: true, force: true });
  }
});

test("the visitor's address reaches gatecrumb by the proxy's word, and not by the visitor's own", async () => {
  const login = (headers) =>
    context.request.post(`${stack.app}/auth/login`, { data: { username: "demo", password: PASSWORD }, headers });
  const answer = await login({ "x-real-ip": "203.0.113.9" });
  assert.equal(answer.status(), 200);
  const sessions = gatecrumb(["session", "list", "demo", "--state", stack.state, "--json"]);
  assert.match(sessions, /203\.0\.113\.9/);
  const [{ headers }] = stack.gateway.seen;
  assert.ok(headers["x-gatecrumb-proxy"]);
  assert.ok(!JSON.stringify(answer.headers()).includes(headers["x-gatecrumb-proxy"]));
  stack.gateway.takeSeen();
  await login({ "x-gatecrumb-proxy": "guess" });
  assert.equal(stack.gateway.seen[0].headers["x-gatecrumb-proxy"], undefined);
});
