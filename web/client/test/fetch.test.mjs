import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, json, me, noContent, page, problem, refreshed, offline } from "./fake.mjs";

const expired = () => problem(401, "access_expired");
const url = "https://app.example/notes";

test("fetch sends cookies and returns every response except a 401 unchanged", async () => {
  for (const status of [200, 204, 403, 404, 500, 503]) {
    let credentials;
    const { auth, requests } = page({
      "/notes": (request) => ((credentials = request.credentials), new Response(null, { status })),
    });
    assert.equal((await auth.fetch(url)).status, status);
    assert.equal(credentials, "include");
    assert.deepEqual(requests, ["/notes"]);
  }
});

test("fetch replays method, headers and body after a refresh", async () => {
  const bodies = [];
  const note = async (request) => {
    bodies.push(`${request.method} ${request.headers.get("x-note")} ${await request.text()}`);
    return bodies.length === 1 ? expired() : noContent();
  };
  const { auth, requests } = page({ "/notes": note, refresh: refreshed() });
  const response = await auth.fetch(url, { method: "PUT", body: "text", headers: { "x-note": "1" } });
  assert.equal(response.status, 204);
  assert.deepEqual(bodies, ["PUT 1 text", "PUT 1 text"]);
  assert.deepEqual(requests, ["/notes", "refresh", "/notes"]);
});

test("fetch accepts a Request and the caller's own `credentials`", async () => {
  const seen = [];
  const { auth } = page({ "/notes": (request) => (seen.push(request.credentials), noContent()) });
  await auth.fetch(new Request(url));
  await auth.fetch(url, { credentials: "omit" });
  assert.deepEqual(seen, ["include", "omit"]);
});

test("fetch refreshes on a 401 without a code and retries only once", async () => {
  const { auth, requests } = page({ "/notes": new Response("", { status: 401 }), refresh: refreshed() });
  assert.equal((await auth.fetch(url)).status, 401);
  assert.deepEqual(requests, ["/notes", "refresh", "/notes"]);
});

test("fetch returns not_logged_in with its body unread", async () => {
  const { auth, requests } = page({ "/notes": problem(401, "not_logged_in") });
  const response = await auth.fetch(url);
  assert.equal((await response.json()).code, "not_logged_in");
  assert.deepEqual(requests, ["/notes"]);
});

test("fetch returns the first 401 when the session has ended, and the state becomes signed-out", async () => {
  const { auth, requests } = page({ "/notes": expired(), refresh: problem(401, "session_reused"), me: me() });
  await auth.currentUser();
  const response = await auth.fetch(url);
  assert.equal((await response.json()).code, "access_expired");
  assert.deepEqual(requests, ["me", "/notes", "refresh"]);
  assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: "session_reused" });
});

test("fetch rejects when the refresh fails, and the user stays signed in", async () => {
  for (const fault of [offline, problem(503, "unavailable"), problem(403, "cross_origin")]) {
    const { tab } = page({ "/notes": expired(), refresh: fault });
    const auth = tab({ initialUser: ADA });
    await assert.rejects(auth.fetch(url), { name: "AuthError" });
    assert.equal(auth.getSnapshot().status, "signed-in");
  }
});

test("fetch rejects with the error of the global fetch", async () => {
  await assert.rejects(page({ "/notes": offline }).auth.fetch(url), TypeError);
  const { auth } = page({ "/notes": (request) => (request.signal.throwIfAborted(), json(200, {})) });
  await assert.rejects(auth.fetch(url, { signal: AbortSignal.abort() }), { name: "AbortError" });
});
