import assert from "node:assert/strict";
import { test } from "node:test";
import { NextRequest } from "next/server.js";
import { html, json, problem } from "./fake.mjs";
import { cookies, fakeApi, key, mint, server, TOKENS } from "./next-fake.mjs";

const APP = "https://app.example";
const SIGNED_IN = { cookie: cookies({ access: TOKENS.good, refresh: "r" }) };
const EXPIRED = { cookie: `theme=dark; ${cookies({ access: TOKENS.expired, refresh: "r" })}` };
const SET_ACCESS = `__Host-gatecrumb-access=${await mint({ claims: { jti: "new" } })}; Path=/; HttpOnly`;

const run = (path, { headers = {}, method = "GET", options, config } = {}) =>
  server({}, options).proxy(new NextRequest(APP + path, { headers, method, nextConfig: config }));

/** Next.js encodes what a proxy decides in headers of its response. */
const decision = (response) => ({
  status: response.status,
  next: response.headers.get("x-middleware-next") === "1",
  rewrite: response.headers.get("x-middleware-rewrite"),
  location: response.headers.get("location"),
});
const forwarded = (response, name) => response.headers.get(`x-middleware-request-${name}`);
const NEXT = { status: 200, next: true, rewrite: null, location: null };
const redirectTo = (location) => ({ status: 303, next: false, rewrite: null, location });
const rewriteTo = (rewrite, status = 200) => ({ status, next: false, rewrite, location: null });

const refreshed = (setCookie = SET_ACCESS) =>
  json(200, { expires_in: 900 }, { "content-type": "application/json", "set-cookie": setCookie });
const over = (code) => {
  const response = problem(401, code);
  response.headers.append("set-cookie", "__Host-gatecrumb-access=; Max-Age=0");
  return response;
};

test("/auth/* is forwarded with its query, below the API's base path", async () => {
  const response = await run("/auth/logout?everywhere=true", { method: "POST", headers: { origin: APP } });
  assert.deepEqual(decision(response), rewriteTo("https://api.example/base/auth/logout?everywhere=true"));
  assert.equal(forwarded(response, "origin"), APP, "gatecrumb checks it");
});

test("nothing but /auth/* reaches the API", async () => {
  for (const path of ["/auth/../admin", "/auth/%2e%2e/admin", "/authx", "/auth"]) {
    assert.equal((await run(path)).headers.get("x-middleware-rewrite"), null, path);
  }
});

test("only the platform's header passes an address, and no visitor can claim the secret", async () => {
  const claimed = { "x-gatecrumb-proxy": "guess", "x-real-ip": "203.0.113.9" };
  const options = { proxySecret: "0123456789abcdef", clientAddressHeader: "X-Real-IP" };
  const response = await run("/auth/me", { headers: claimed, options });
  assert.equal(forwarded(response, "x-gatecrumb-proxy"), options.proxySecret);
  assert.equal(forwarded(response, "x-real-ip"), "203.0.113.9");
  for (const other of [
    await run("/auth/me", { headers: claimed }),
    await run("/auth/me", { headers: { "x-gatecrumb-proxy": "guess" }, options }),
  ]) {
    assert.equal(forwarded(other, "x-gatecrumb-proxy"), null);
    assert.doesNotMatch(other.headers.get("x-middleware-override-headers"), /x-gatecrumb-proxy/);
  }
});

test("a valid access token: rendered without a request, and not stored by caches", async (t) => {
  const requests = fakeApi(t, () => refreshed());
  const response = await run("/server", { headers: SIGNED_IN });
  assert.deepEqual(decision(response), NEXT);
  assert.equal(response.headers.get("cache-control"), "private, no-store");
  assert.equal(requests.length, 0);
});

test("an expired access token: one refresh, the page sees the new token, the browser gets the cookie", async (t) => {
  const requests = fakeApi(t, () => refreshed());
  const response = await run("/server", { headers: EXPIRED });
  assert.deepEqual(decision(response), NEXT);
  assert.equal(forwarded(response, "cookie"), `theme=dark; __Host-gatecrumb-refresh=r; ${SET_ACCESS.split(";")[0]}`);
  assert.deepEqual(response.headers.getSetCookie(), [SET_ACCESS]);
  assert.equal(response.headers.get("cache-control"), "private, no-store");
  assert.equal(requests.length, 1);
});

const SIGN_IN = `${APP}/sign-in?next=%2Fserver%3Fa%3D1`;
for (const [code, location] of [
  ["not_logged_in", SIGN_IN],
  ["session_ended", `${SIGN_IN}&reason=session_ended`],
  ["session_reused", `${SIGN_IN}&reason=session_reused`],
]) {
  test(`a page, when refresh responds ${code}: the sign-in page, with gatecrumb's cleared cookies`, async (t) => {
    fakeApi(t, () => over(code));
    for (const init of [{}, { method: "HEAD" }, { method: "POST", "sec-fetch-mode": "navigate" }]) {
      const { method, ...headers } = init;
      const response = await run("/server?a=1", { headers: { ...EXPIRED, ...headers }, method });
      assert.deepEqual(decision(response), redirectTo(location));
      assert.deepEqual(response.headers.getSetCookie(), ["__Host-gatecrumb-access=; Max-Age=0"]);
      assert.equal(response.headers.get("cache-control"), "private, no-store");
    }
  });

  test(`a request by a program, when refresh responds ${code}: that problem instead of a page`, async (t) => {
    fakeApi(t, () => over(code));
    const headers = { ...EXPIRED, "next-action": "a", "sec-fetch-mode": "cors" };
    const response = await run("/server", { headers, method: "POST" });
    assert.deepEqual(decision(response), { ...NEXT, status: 401, next: false });
    assert.equal((await response.json()).code, code);
    assert.deepEqual(response.headers.getSetCookie(), ["__Host-gatecrumb-access=; Max-Age=0"]);
  });
}

test("nobody signed in: the sign-in page without a request", async (t) => {
  const requests = fakeApi(t, () => refreshed());
  assert.deepEqual(decision(await run("/server?a=1")), redirectTo(SIGN_IN));
  assert.deepEqual(
    decision(await run("/server?a=1", { options: { signInPath: "/login" } })),
    redirectTo(SIGN_IN.replace("sign-in", "login")),
  );
  assert.equal(requests.length, 0);
});

const wrongKey = await mint({ by: { ...key, kid: "x".repeat(43) } });
for (const [name, respond, setCookies] of [
  ["a 401 of a CDN", () => html(401), 0],
  ["a 503", () => problem(503, "unavailable"), 0],
  ["a new token that does not verify", () => refreshed(`__Host-gatecrumb-access=${wrongKey}`), 1],
  ["a refresh without cookies", () => json(200, { expires_in: 900 }, { "content-type": "application/json" }), 0],
]) {
  test(`${name}: the 503 page at the same URL, or a problem for a program`, async (t) => {
    fakeApi(t, respond);
    const page = await run("/server", { headers: EXPIRED });
    assert.deepEqual(decision(page), rewriteTo(`${APP}/unavailable`, 503));
    assert.equal(page.headers.get("cache-control"), "private, no-store");
    assert.equal(page.headers.getSetCookie().length, setCookies);
    const options = { unavailablePath: "/503" };
    assert.equal(decision(await run("/server", { headers: EXPIRED, options })).rewrite, `${APP}/503`);
    const program = await run("/server", { headers: EXPIRED, method: "POST" });
    assert.equal(program.status, 503);
    assert.equal(program.headers.get("retry-after"), "1");
    assert.equal((await program.json()).code, "unavailable");
  });
}

test("a matcher that covers the sign-in page and the 503 page causes no loop", async (t) => {
  const requests = fakeApi(t, () => refreshed());
  const options = { signInPath: "/login", unavailablePath: "/503" };
  for (const path of ["/login", "/login?next=%2F", "/503"]) {
    assert.deepEqual(decision(await run(path, { options, headers: EXPIRED })), NEXT, path);
  }
  assert.equal(decision(await run("/login/more", { options })).status, 303);
  assert.equal(requests.length, 0);
});

test("an app with a base path keeps it", async (t) => {
  const config = { basePath: "/shop" };
  assert.deepEqual(
    decision(await run("/shop/server?a=1", { config })),
    redirectTo(`${APP}/shop/sign-in?next=%2Fshop%2Fserver%3Fa%3D1`),
  );
  assert.deepEqual(decision(await run("/shop/sign-in", { config })), NEXT);
  assert.equal(decision(await run("/shop/auth/me", { config })).rewrite, "https://api.example/base/auth/me");
  fakeApi(t, () => html(500));
  assert.equal(decision(await run("/shop/server", { config, headers: EXPIRED })).rewrite, `${APP}/shop/unavailable`);
});
