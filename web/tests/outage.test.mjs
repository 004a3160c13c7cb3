import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import { cookie, fillIn, launch, letTimePass, newContext, setCookie, signedIn, signIn } from "./harness/browser.mjs";
import { UNAVAILABLE } from "./harness/gateway.mjs";
import { freePorts } from "./harness/process.mjs";
import { createStack } from "./harness/stack.mjs";

let stack, browser, context, page;
before(async () => {
  stack = await createStack();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.stop();
});
beforeEach(async () => {
  stack.gateway.break(undefined);
  await context?.close();
  context = await newContext(browser);
  page = await signIn(context, stack.app);
});

const json = { "content-type": "application/json" };
const faults = {
  "503 of gatecrumb": UNAVAILABLE,
  "503 of API Gateway": { status: 503, headers: json, body: '{"message":"Service Unavailable"}' },
  "500 of API Gateway": { status: 500, headers: json, body: '{"message":"Internal Server Error"}' },
  "a connection that breaks": "cut",
};

for (const [name, fault] of Object.entries(faults)) {
  test(`${name}: no page signs anyone out, and afterwards all is as it was`, async () => {
    await letTimePass(context, stack.mint);
    const before = await context.cookies();
    stack.gateway.break(fault);
    const server = await page.goto(`${stack.app}/server`);
    assert.equal(server.status(), 503);
    assert.equal(page.url(), `${stack.app}/server`, "shown in place: a reload asks again");
    assert.match(await server.headerValue("cache-control"), /no-store/);
    await page.getByRole("heading", { name: "Not available right now" }).waitFor();
    await page.goto(`${stack.app}/client`);
    await page.getByRole("main").getByText("You are not signed out by this.").waitFor();
    assert.deepEqual(await context.cookies(), before);

    stack.gateway.break(undefined);
    await page.getByRole("main").getByRole("button", { name: "Try again" }).click();
    await page.locator("#username", { hasText: "demo" }).waitFor();
    assert.equal((await page.goto(`${stack.app}/server`)).status(), 200);
  });
}

test("a good access token needs no API: the server page shows while everything else is down", async () => {
  stack.gateway.break("cut");
  assert.equal((await page.goto(`${stack.app}/server`)).status(), 200);
});

test("the 503 page's way on leads back to the page itself", async () => {
  await setCookie(context, "access", undefined);
  stack.gateway.break(UNAVAILABLE);
  await page.goto(`${stack.app}/server`);
  stack.gateway.break(undefined);
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Rendered by the server" }).waitFor();
});

test("the same by a link inside the app, which the router fetches", async () => {
  await setCookie(context, "access", undefined);
  stack.gateway.break(UNAVAILABLE);
  await page.getByRole("link", { name: "Server page" }).click();
  await page.getByRole("heading", { name: "Not available right now" }).waitFor();
  assert.ok(await cookie(context, "refresh"));
});

test("while a page is open: an error is said, and the state stays", async () => {
  stack.gateway.break(UNAVAILABLE);
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByRole("alert").filter({ hasText: "not available right now" }).waitFor();
  await signedIn(page);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.locator(".who").getByRole("alert").waitFor();
  await signedIn(page);
});

test("signing in while the API is away says so", async () => {
  await context.clearCookies();
  await page.goto(`${stack.app}/sign-in`);
  stack.gateway.break(UNAVAILABLE);
  await fillIn(page);
  await page.getByRole("alert").filter({ hasText: "not available right now" }).waitFor();
});

test("offline, then back: the state stays, and an unanswered question is asked again by itself", async () => {
  await setCookie(context, "access", undefined);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByRole("alert").filter({ hasText: "No connection" }).waitFor();
  await signedIn(page);
  await context.setOffline(false);
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByText("Still you.").waitFor();

  await context.route("**/auth/me", (route) => route.abort("internetdisconnected"));
  await page.reload();
  await page.getByRole("main").getByText("You are not signed out by this.").waitFor();
  await context.setOffline(true);
  await context.unroute("**/auth/me");
  await context.setOffline(false);
  await page.locator("#username", { hasText: "demo" }).waitFor();
});

test("keys out of step: a 503 page for whoever has a session, never a redirect", async () => {
  const { publicKey } = await generateKeyPair("EdDSA", { extractable: true });
  const others = { keys: [{ ...(await exportJWK(publicKey)), alg: "EdDSA", use: "sig", kid: "another" }] };
  const [port] = await freePorts(1);
  await stack.startApp(port, JSON.stringify(others));
  const app = `http://localhost:${port}`;
  const access = await cookie(context, "access");
  const answer = await page.goto(`${app}/server`);
  assert.equal(answer.status(), 503);
  assert.equal(page.url(), `${app}/server`);
  assert.notEqual(await cookie(context, "access"), access, "what gatecrumb set is passed on all the same");
  await context.clearCookies();
  await page.goto(`${app}/server`);
  assert.equal(page.url(), `${app}/sign-in?next=%2Fserver`);
});
