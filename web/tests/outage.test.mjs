import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import {
  cookie,
  fillIn,
  launch,
  ageTokens,
  newContext,
  setCookie,
  signedIn,
  signIn,
  signOut,
} from "./harness/browser.mjs";
import { UNAVAILABLE } from "./harness/api-proxy.mjs";
import { freePorts } from "./harness/process.mjs";
import { startServers } from "./harness/servers.mjs";

let servers, browser, context, page;
before(async () => {
  servers = await startServers();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  servers.proxy.setFault(undefined);
  await context?.close();
  context = await newContext(browser);
  page = await signIn(context, servers.app);
});

const json = { "content-type": "application/json" };
const faults = {
  "503 from gatecrumb": UNAVAILABLE,
  "503 from API Gateway": { status: 503, headers: json, body: '{"message":"Service Unavailable"}' },
  "500 from API Gateway": { status: 500, headers: json, body: '{"message":"Internal Server Error"}' },
  "a broken connection": "cut",
};

for (const [name, fault] of Object.entries(faults)) {
  test(`${name}: no page signs the user out, and all pages recover afterwards`, async () => {
    await ageTokens(context, servers.mint);
    const before = await context.cookies();
    servers.proxy.setFault(fault);
    const server = await page.goto(`${servers.app}/server`);
    assert.equal(server.status(), 503);
    assert.equal(page.url(), `${servers.app}/server`, "the URL stays, so that a reload tries again");
    assert.match(await server.headerValue("cache-control"), /no-store/);
    await page.getByRole("heading", { name: "Not available right now" }).waitFor();
    await page.goto(`${servers.app}/client`);
    await page.getByRole("main").getByText("This does not sign you out.").waitFor();
    assert.deepEqual(await context.cookies(), before);

    servers.proxy.setFault(undefined);
    await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
    await page.locator("#username", { hasText: "demo" }).waitFor();
    assert.equal((await page.goto(`${servers.app}/server`)).status(), 200);
  });
}

test("with a valid access token, the server page needs no API", async () => {
  servers.proxy.setFault("cut");
  assert.equal((await page.goto(`${servers.app}/server`)).status(), 200);
});

test("the 503 page's link leads to the requested page", async () => {
  await setCookie(context, "access", undefined);
  servers.proxy.setFault(UNAVAILABLE);
  await page.goto(`${servers.app}/server`);
  servers.proxy.setFault(undefined);
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
});

test("the router, too, shows the 503 page for a link inside the app", async () => {
  await setCookie(context, "access", undefined);
  servers.proxy.setFault(UNAVAILABLE);
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Not available right now" }).waitFor();
  assert.ok(await cookie(context, "refresh"));
});

test("an open page shows an error and keeps its state", async () => {
  servers.proxy.setFault(UNAVAILABLE);
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("alert").filter({ hasText: "not available right now" }).waitFor();
  await signedIn(page);
  await signOut(page);
  await page.locator(".who").getByRole("alert").waitFor();
  await signedIn(page);
});

test("signing in during an outage shows an error", async () => {
  await context.clearCookies();
  await page.goto(`${servers.app}/sign-in`);
  servers.proxy.setFault(UNAVAILABLE);
  await fillIn(page);
  await page.getByRole("alert").filter({ hasText: "not available right now" }).waitFor();
});

test("offline, then online: the state stays, and a failed request for the user is repeated automatically", async () => {
  await setCookie(context, "access", undefined);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByRole("alert").filter({ hasText: "No connection" }).waitFor();
  await signedIn(page);
  await context.setOffline(false);
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByText("You are still signed in.").waitFor();

  await context.route("**/auth/me", (route) => route.abort("internetdisconnected"));
  await page.reload();
  await page.getByRole("main").getByText("This does not sign you out.").waitFor();
  await context.setOffline(true);
  await context.unroute("**/auth/me");
  await context.setOffline(false);
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("an app with the wrong keys: a 503 page for signed-in users, never a redirect", async () => {
  const { publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const wrongKeys = { keys: [{ ...(await exportJWK(publicKey)), alg: "EdDSA", use: "sig", kid: "another" }] };
  const [port] = await freePorts(1);
  await servers.startApp(port, JSON.stringify(wrongKeys));
  const app = `http://localhost:${port}`;
  const access = await cookie(context, "access");
  const response = await page.goto(`${app}/server`);
  assert.equal(response.status(), 503);
  assert.equal(page.url(), `${app}/server`);
  assert.notEqual(await cookie(context, "access"), access, "gatecrumb's new cookies reach the browser nevertheless");
  await context.clearCookies();
  await page.goto(`${app}/server`);
  assert.equal(page.url(), `${app}/sign-in?next=%2Fserver`);
});
