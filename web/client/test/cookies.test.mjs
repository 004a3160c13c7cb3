// A sign-in succeeds only if its cookies were stored. Where no hint can tell, a request does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuth } from "../dist/index.js";
import { ADA, BOB, html, json, loggedIn, me, offline, page, problem } from "./fake.mjs";

const elsewhere = { cookie: "", options: { baseUrl: "https://api.example" } };
const outcomes = [
  ["me finds the same user", me(), "signed-in"],
  ["me finds nobody", problem(401, "not_logged_in"), "cookies_blocked"],
  ["me finds an ended session", problem(401, "session_ended"), "cookies_blocked"],
  ["me finds another user", me(BOB), "cookies_blocked"],
  // These say nothing about the cookies, and the sign-in itself succeeded.
  ["me is unavailable", problem(503, "unavailable"), "signed-in"],
  ["a CDN answers me", html(401), "signed-in"],
  ["me has no response", offline, "signed-in"],
];
for (const [name, response, outcome] of outcomes) {
  test(`API on another host, ${name}: ${outcome}`, async () => {
    const { auth, requests } = page({ login: loggedIn(), me: response }, elsewhere);
    const result = await auth.login("ada", "secret").then(
      () => "signed-in",
      ({ code }) => code,
    );
    assert.equal(result, outcome);
    assert.deepEqual(requests, ["login", "me"]);
    assert.equal(auth.getSnapshot().status, outcome === "signed-in" ? outcome : "loading");
  });
}

test("a readable hint saves that request", async () => {
  const { auth, requests } = page({ login: loggedIn() });
  await auth.login("ada", "secret");
  assert.deepEqual(requests, ["login"]);
});

/** The global `fetch` of Node, which stores no cookies, or one with a jar. */
function node(t, { jar }) {
  let cookie = "";
  t.mock.method(globalThis, "fetch", async (url) => {
    if (url.endsWith("/login")) {
      if (jar) cookie = "gatecrumb-access=…";
      return json(200, { user: ADA, expires_in: 900 });
    }
    return cookie ? me() : problem(401, "not_logged_in");
  });
  for (const name of ["document", "location"]) {
    const before = globalThis[name];
    delete globalThis[name];
    t.after(() => (globalThis[name] = before));
  }
  return createAuth({ baseUrl: "https://api.example" });
}

test("Node without a cookie jar: `cookies_blocked`", async (t) => {
  const auth = node(t, { jar: false });
  await assert.rejects(auth.login("ada", "secret"), { code: "cookies_blocked" });
  assert.equal(auth.getSnapshot().status, "loading");
});

test("Node with a cookie jar: signed in", async (t) => {
  const auth = node(t, { jar: true });
  assert.deepEqual(await auth.login("ada", "secret"), ADA);
  assert.equal(auth.getSnapshot().status, "signed-in");
});
