import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, json, me, noContent, page, problem, refreshed, offline } from "./fake.mjs";

const expired = () => problem(401, "access_expired");
const url = "https://app.example/notes";

test("fetch sends cookies, and passes every answer but 401 through", async () => {
  for (const status of [200, 204, 403, 404, 500, 503]) {
    let credentials;
    const { auth, asked } = page({
      "/notes": (request) => ((credentials = request.credentials), new Response(null, { status })),
    });
    assert.equal((await auth.fetch(url)).status, status);
    assert.equal(credentials, "include");
    assert.deepEqual(asked, ["/notes"]);
  }
});

test("fetch replays method, headers and body after a refresh", async () => {
  const bodies = [];
  const note = async (request) => {
    bodies.push(`${request.method} ${request.headers.get("x-note")} ${await request.text()}`);
    return bodies.length === 1 ? expired() : noContent();
  };
  const { auth, asked } = page({ "/notes": note, refresh: refreshed() });
  const answer = await auth.fetch(url, { method: "PUT", body: "text", headers: { "x-note": "1" } });
  assert.equal(answer.status, 204);
  assert.deepEqual(bodies, ["PUT 1 text", "PUT 1 text"]);
  assert.deepEqual(asked, ["/notes", "refresh", "/notes"]);
});

test("fetch takes a Request, too, and a caller's own credentials", async () => {
  const seen = [];
  const { auth } = page({ "/notes": (request) => (seen.push(request.credentials), noContent()) });
  await auth.fetch(new Request(url));
  await auth.fetch(url, { credentials: "omit" });
  assert.deepEqual(seen, ["include", "omit"]);
});

test("fetch refreshes on a 401 without a code, retries once and no more", async () => {
  const { auth, asked } = page({ "/notes": new Response("", { status: 401 }), refresh: refreshed() });
  assert.equal((await auth.fetch(url)).status, 401);
  assert.deepEqual(asked, ["/notes", "refresh", "/notes"]);
});

test("fetch leaves not_logged_in alone, and its body to the caller", async () => {
  const { auth, asked } = page({ "/notes": problem(401, "not_logged_in") });
  const answer = await auth.fetch(url);
  assert.equal((await answer.json()).code, "not_logged_in");
  assert.deepEqual(asked, ["/notes"]);
});

test("fetch gives the first 401 back when the session is over, and the state says so", async () => {
  const { auth, asked } = page({ "/notes": expired(), refresh: problem(401, "session_reused"), me: me() });
  await auth.currentUser();
  const answer = await auth.fetch(url);
  assert.equal((await answer.json()).code, "access_expired");
  assert.deepEqual(asked, ["me", "/notes", "refresh"]);
  assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: "session_reused" });
});

test("fetch throws when the refresh is unavailable, and nobody is signed out", async () => {
  for (const fault of [offline, problem(503, "unavailable"), problem(403, "cross_origin")]) {
    const { tab } = page({ "/notes": expired(), refresh: fault });
    const auth = tab({ initialUser: ADA });
    await assert.rejects(auth.fetch(url), { name: "AuthError" });
    assert.equal(auth.getSnapshot().status, "signed-in");
  }
});

test("fetch's own failures are the global one's", async () => {
  await assert.rejects(page({ "/notes": offline }).auth.fetch(url), TypeError);
  const { auth } = page({ "/notes": (request) => (request.signal.throwIfAborted(), json(200, {})) });
  await assert.rejects(auth.fetch(url, { signal: AbortSignal.abort() }), { name: "AbortError" });
});
