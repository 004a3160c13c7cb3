// What pages, route handlers and server actions call.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { problemResponse } from "../dist/next/problem.js";
import { cookies, server, TOKENS } from "./next-fake.mjs";

const APP = "https://app.example";
const ACCESS = { cookie: cookies({ access: TOKENS.good }) };
const request = (method, headers) => new Request(`${APP}/api/notes`, { method, headers });
/** A handler of `withUser` that records whom it was called for. */
function handler(options, respond = () => Response.json({ ok: true })) {
  const calls = [];
  const handle = server({}, options).withUser((user, given, context) => {
    calls.push([user.id, given.method, context]);
    return respond();
  });
  return { calls, handle };
}

test("getUser: the user, or null", async () => {
  assert.equal((await server(ACCESS).getUser()).id, "user-1");
  for (const headers of [{}, { cookie: cookies({ access: TOKENS.expired, refresh: "r", hint: 1 }) }]) {
    assert.equal(await server(headers).getUser(), null);
  }
});

test("requireUser: the user, or the sign-in page", async () => {
  assert.equal((await server(ACCESS).requireUser("/notes")).id, "user-1");
  const target = (next, options) =>
    server({}, options)
      .requireUser(next)
      .catch(({ url }) => url);
  assert.equal(await target("/notes?a=1&b"), "/sign-in?next=%2Fnotes%3Fa%3D1%26b");
  assert.equal(await target(), "/sign-in");
  assert.equal(await target("/notes", { signInPath: "/login" }), "/login?next=%2Fnotes");
});

test("clientOptions: nobody is signed in for certain only without the hint", async () => {
  const hinted = { cookie: cookies({ hint: 1 }) };
  assert.deepEqual(await server(hinted).clientOptions(), { cookieName: "gatecrumb" });
  assert.deepEqual(await server().clientOptions(), { cookieName: "gatecrumb", initialUser: null });
  const shop = { cookieName: "shop" };
  assert.deepEqual(await server(hinted, shop).clientOptions(), { cookieName: "shop", initialUser: null });
});

test("withUser calls the handler with user, request and context, for every method", async () => {
  const { calls, handle } = handler();
  for (const method of ["GET", "POST", "DELETE"]) {
    const response = await handle(request(method, { ...ACCESS, "sec-fetch-site": "same-origin" }), { params: 1 });
    assert.deepEqual([response.status, await response.json()], [200, { ok: true }]);
  }
  assert.deepEqual(
    calls,
    ["GET", "POST", "DELETE"].map((method) => ["user-1", method, { params: 1 }]),
  );
});

test("withUser: no cache stores a response, unless the handler says so", async () => {
  const control = async (respond) =>
    (await handler({}, respond).handle(request("GET", ACCESS))).headers.get("cache-control");
  const immutable = () => Response.redirect(`${APP}/notes`);
  for (const respond of [() => Response.json(1), () => new Response(null, { status: 204 }), immutable]) {
    assert.equal(await control(respond), "private, no-store");
  }
  const own = { "cache-control": "private, max-age=60" };
  assert.equal(await control(() => new Response("", { headers: own })), "private, max-age=60");
});

test("withUser: an error of the handler is the app's own", async () => {
  const { handle } = handler({}, () => Promise.reject(new Error("of the app")));
  await assert.rejects(handle(request("GET", ACCESS)), /of the app/);
});

/** A response of a function, as its test events have it. */
async function answerOf(name) {
  const text = await readFile(new URL(`../../../events/${name}.answer.json`, import.meta.url), "utf8");
  const { statusCode, headers, body } = JSON.parse(text);
  const { "x-request-id": _, ...others } = headers;
  return { status: statusCode, headers: others, body };
}
const read = async (response) => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.json(),
});

const { expired, broken } = TOKENS;
for (const [values, event] of [
  [{}, "me/without-cookies"],
  [{ access: expired, refresh: "r" }, "me/expired-access"],
  [{ refresh: "r" }, "me/expired-access"],
  [{ hint: 1 }, "me/expired-access"],
  [{ access: broken }, "me/broken-access"],
]) {
  test(`withUser with ${Object.keys(values).join(" and ") || "no cookie"} responds exactly as ${event}`, async () => {
    const { calls, handle } = handler();
    const headers = { cookie: cookies(values), "sec-fetch-site": "same-origin" };
    const expected = await answerOf(event);
    for (const method of ["GET", "POST"])
      assert.deepEqual(await read(await handle(request(method, headers))), expected);
    assert.deepEqual(calls, []);
    const checked = await server(headers).checkUser();
    assert.deepEqual(checked, { user: null, problem: expected.body });
    assert.deepEqual(await read(problemResponse(checked.problem)), expected);
  });
}

test("checkUser: the user and no problem", async () => {
  const { user, problem } = await server({ ...ACCESS, "sec-fetch-site": "same-origin" }).checkUser();
  assert.deepEqual([user.id, problem], ["user-1", null]);
});

// The rows of shared/web/src/cross_origin.rs, and the app's own origin for browsers without Sec-Fetch-Site.
const ALLOWED = "https://admin.example";
const EVIL = "https://evil.example";
const host = { host: "app.example" };
const origins = [
  [{ "sec-fetch-site": "same-origin", origin: APP }, true],
  [{ "sec-fetch-site": "same-origin", origin: EVIL }, true],
  [{ "sec-fetch-site": "none" }, true],
  [{ "sec-fetch-site": "same-site", origin: "https://other.app.example" }, false],
  [{ "sec-fetch-site": "same-site", origin: ALLOWED }, true],
  [{ "sec-fetch-site": "cross-site", origin: ALLOWED }, true],
  [{ "sec-fetch-site": "cross-site", origin: EVIL }, false],
  [{ "sec-fetch-site": "cross-site", origin: "null" }, false],
  [{ "sec-fetch-site": "cross-site" }, false],
  [{ "sec-fetch-site": "cross-site", origin: APP, ...host }, false],
  [{ "sec-fetch-site": "unknown", origin: EVIL }, false],
  [{ "sec-fetch-site": "", origin: EVIL }, false],
  [{ "sec-fetch-site": "Same-Origin", origin: EVIL }, false],
  [{}, true],
  [{ origin: ALLOWED }, true],
  [{ origin: EVIL, ...host }, false],
  [{ origin: "null", ...host }, false],
  [{ origin: "", ...host }, false],
  [{ origin: APP, ...host }, true],
  [{ origin: `${APP}:8443`, ...host }, false],
  [{ origin: `${APP}.evil.example`, ...host }, false],
  [{ origin: APP }, false],
  [{ origin: APP, host: "10.0.0.1:3000", "x-forwarded-host": "app.example" }, true],
  [{ origin: APP, host: "10.0.0.1:3000", "x-forwarded-host": "app.example, 10.0.0.2" }, true],
  [{ origin: APP, ...host, "x-forwarded-host": "other.example" }, false],
];
for (const [headers, passes] of origins) {
  const name = Object.entries(headers).map(([header, value]) => `${header}: ${value}`);
  test(`from ${name.join(", ") || "a program"}: changes ${passes ? "pass" : "are refused"}`, async () => {
    const all = { ...ACCESS, ...headers };
    const options = { allowedOrigins: [ALLOWED] };
    const { calls, handle } = handler(options);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "QUERY"]) {
      const response = await handle(request(method, all));
      assert.equal(response.status, passes ? 200 : 403, method);
      if (!passes) assert.equal((await response.json()).code, "cross_origin");
    }
    assert.equal(calls.length, passes ? 5 : 0);
    assert.equal((await server(all, options).checkUser()).problem?.code ?? null, passes ? null : "cross_origin");
    for (const method of ["GET", "HEAD", "OPTIONS"]) assert.equal((await handle(request(method, all))).status, 200);
  });
}

test("a refused origin learns nothing about the visitor", async () => {
  const bodies = [];
  for (const cookie of ["", ACCESS.cookie, cookies({ refresh: "r" })]) {
    const response = await handler().handle(request("POST", { cookie, origin: EVIL, "sec-fetch-site": "cross-site" }));
    bodies.push(JSON.stringify(await read(response)));
  }
  assert.equal(new Set(bodies).size, 1);
});
