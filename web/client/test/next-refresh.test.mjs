import assert from "node:assert/strict";
import { test } from "node:test";
import { refresh } from "../dist/next/refresh.js";
import { endless, html, json, problem } from "./fake.mjs";
import { cookies, fakeApi, settings, TOKENS } from "./next-fake.mjs";

const COOKIE = cookies({ access: TOKENS.expired, refresh: "r" });
const run = (headers = { cookie: COOKIE }, options) => refresh(new Headers(headers), settings(options));

const SET_COOKIES = ["a=1; Path=/", "b=2; Path=/; HttpOnly"];
function withCookies(response) {
  for (const line of SET_COOKIES) response.headers.append("set-cookie", line);
  return response;
}
const JSON_TYPE = { "content-type": "application/json" };
const PROBLEM_TYPE = { "content-type": "application/problem+json" };
const ok = () => json(200, { expires_in: 900 }, JSON_TYPE);

test("a refresh has the visitor's cookies and address, and no other header of theirs", async (t) => {
  const requests = fakeApi(t, () => withCookies(ok()));
  const proxy = { proxySecret: "0123456789abcdef", clientAddressHeader: "x-real-ip" };
  const visitor = { cookie: COOKIE, origin: "https://evil.example", "user-agent": "mine", "x-real-ip": "203.0.113.9" };
  assert.deepEqual(await run(visitor, proxy), { outcome: "refreshed", setCookies: SET_COOKIES });
  const [{ url, method, headers, redirect }] = requests;
  assert.deepEqual([url, method, redirect], ["https://api.example/base/auth/refresh", "POST", "manual"]);
  assert.deepEqual(headers, {
    cookie: COOKIE,
    "x-gatecrumb-proxy": "0123456789abcdef",
    "x-real-ip": "203.0.113.9",
  });
});

test("without a refresh cookie, no request", async (t) => {
  const requests = fakeApi(t, ok);
  for (const cookie of ["", "x=1", cookies({ access: "a", hint: 1 }), cookies({ refresh: "r" }, "gatecrumb-")]) {
    assert.deepEqual(await run({ cookie }), { outcome: "signed-out", setCookies: [], code: "not_logged_in" });
  }
  assert.deepEqual(await run({}), { outcome: "signed-out", setCookies: [], code: "not_logged_in" });
  assert.equal(requests.length, 0);
});

for (const code of ["not_logged_in", "session_ended", "session_reused"]) {
  test(`gatecrumb's 401 ${code} means signed out, and its cookies are forwarded`, async (t) => {
    for (const type of ["application/problem+json", "Application/Problem+JSON; charset=utf-8"]) {
      fakeApi(t, () => withCookies(json(401, { code }, { "content-type": type })));
      assert.deepEqual(await run(), { outcome: "signed-out", setCookies: SET_COOKIES, code });
    }
  });
}

const padding = "x".repeat(9000);
const stream = (pull, status, type) =>
  new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status, headers: type });
const others = {
  "401 with HTML": () => html(401),
  "401 without a body": () => new Response(null, { status: 401 }),
  "401 with a CDN's JSON": () => json(401, { error: "unauthorized" }, JSON_TYPE),
  "401 with our code as plain JSON": () => json(401, { code: "session_ended" }, JSON_TYPE),
  "401 with our code as text": () => json(401, { code: "session_ended" }, { "content-type": "text/plain" }),
  "401 with our code and no type": () => new Response(JSON.stringify({ code: "session_ended" }), { status: 401 }),
  "401 with another's problem": () => json(401, { type: "https://cdn.example/denied", title: "no" }, PROBLEM_TYPE),
  "401 with a similar code": () => problem(401, "session_expired"),
  "401 with a similar code of a token": () => problem(401, "token_expired"),
  "401 with a code that refresh does not have": () => problem(401, "invalid_credentials"),
  "401 with a code that is no string": () => problem(401, ["session_ended"]),
  "401 with null": () => json(401, null, PROBLEM_TYPE),
  "401 with broken JSON": () => new Response('{"code":"session_ended"', { status: 401, headers: PROBLEM_TYPE }),
  "401 with a body over the limit": () => problem(401, "session_ended", { padding }),
  "403 of gatecrumb": () => problem(403, "cross_origin"),
  "403 with a code of a 401": () => problem(403, "session_ended"),
  "403 with HTML": () => html(403),
  404: () => json(404, { message: "Not Found" }, JSON_TYPE),
  429: () => problem(429, "too_many_attempts"),
  500: () => json(500, { message: "Internal Server Error" }, JSON_TYPE),
  "503 of gatecrumb": () => problem(503, "unavailable"),
  "503 with a code of a 401": () => problem(503, "session_ended"),
  "504 with HTML": () => html(504),
  "302 to a sign-in page": () => new Response(null, { status: 302, headers: { location: "https://sso.example/" } }),
  "307 of a proxy": () => new Response(null, { status: 307, headers: { location: "/auth/refresh/" } }),
  "200 of a captive portal": () => html(200),
  "200 with another's JSON": () => json(200, { ok: true }, JSON_TYPE),
  "200 with our body as HTML": () => json(200, { expires_in: 900 }, { "content-type": "text/html" }),
  "200 with a body over the limit": () => json(200, { expires_in: 900, padding }, JSON_TYPE),
  "201 with our body": () => json(201, { expires_in: 900 }, JSON_TYPE),
  204: () => new Response(null, { status: 204 }),
  "a lost connection": () => {
    throw new TypeError("fetch failed");
  },
  "a body that breaks off": () => stream((controller) => controller.error(new Error("reset")), 401, PROBLEM_TYPE),
};
for (const [name, respond] of Object.entries(others)) {
  test(`${name}: unavailable, and no cookie is forwarded`, async (t) => {
    fakeApi(t, () => withCookies(respond()));
    assert.deepEqual(await run(), { outcome: "unavailable" });
  });
}

for (const [status, type] of [
  [200, JSON_TYPE],
  [401, PROBLEM_TYPE],
]) {
  test(`a ${status} that never stops sending is read up to the limit only`, async (t) => {
    let [sent, isCancelled] = [0, false];
    const pull = (controller) => controller.enqueue(((sent += 1024), new Uint8Array(1024).fill(32)));
    const body = new ReadableStream({ pull, cancel: () => (isCancelled = true) }, { highWaterMark: 0 });
    fakeApi(t, () => new Response(body, { status, headers: type }));
    assert.deepEqual(await run(), { outcome: "unavailable" });
    assert.ok(sent <= 9 * 1024, `${sent} bytes`);
    assert.ok(isCancelled);
  });

  test(`a ${status} whose body never ends is given up after 8 s`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    let signal;
    fakeApi(t, (given) => {
      signal = given;
      return endless(type["content-type"], status);
    });
    let outcome;
    const refreshed = run().then((result) => (outcome = result));
    t.mock.timers.tick(7999);
    await new Promise(setImmediate);
    assert.equal(outcome, undefined);
    t.mock.timers.tick(1);
    assert.deepEqual(await refreshed, { outcome: "unavailable" });
    assert.ok(signal.aborted);
  });
}

test("an HTML body that never ends is not waited for", async (t) => {
  fakeApi(t, () => endless("text/html"));
  assert.deepEqual(await run(), { outcome: "unavailable" });
});
