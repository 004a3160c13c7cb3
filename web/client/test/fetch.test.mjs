import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, endless, html, json, me, noContent, offline, page, problem, refreshed } from "./fake.mjs";

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

for (const code of ["not_logged_in", "reauthentication_required"]) {
  test(`fetch returns ${code} with its body unread, and signs nobody out`, async () => {
    const { tab, requests } = page({ "/notes": problem(401, code) });
    const auth = tab({ initialUser: ADA });
    const response = await auth.fetch(url);
    assert.equal((await response.json()).code, code);
    assert.deepEqual(requests, ["/notes"]);
    assert.equal(auth.getSnapshot().status, "signed-in");
  });
}

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

test("a lost network is an AuthError, whose cause is the error of the global fetch", async () => {
  await assert.rejects(page({ "/notes": offline }).auth.fetch(url), (error) => {
    assert.deepEqual([error.name, error.code, error.cause.name], ["AuthError", "network", "TypeError"]);
    return true;
  });
});

test("so is an invalid request", async () => {
  const { auth, requests } = page({});
  for (const [input, init] of [
    ["http://["],
    [url, { method: "TRACE" }],
    [url, { body: "a GET has none" }],
    [url, { headers: { "a b": "c" } }],
  ]) {
    await assert.rejects(auth.fetch(input, init), { name: "AuthError", code: "invalid_request", status: 0 });
  }
  assert.deepEqual(requests, []);
});

// What a 401 looks like. Only gatecrumb's own can say that a refresh is in vain.
const bodies = {
  "a CDN's page": () => html(401),
  "a gateway's JSON": () => json(401, { message: "Unauthorized" }),
  "JSON that has our code but not our type": () => json(401, { code: "not_logged_in" }),
  "another problem": () => problem(401, undefined),
  "an empty body": () => new Response(null, { status: 401 }),
  "broken JSON": () => new Response("{", { status: 401, headers: { "content-type": "application/problem+json" } }),
  "a page that does not end": () => endless("text/html"),
  "bytes that do not end": () => endless("application/octet-stream"),
};
for (const [name, body] of Object.entries(bodies)) {
  test(`a 401 with ${name} is refreshed and retried`, async () => {
    const { auth, requests } = page({ "/notes": [body, noContent()], refresh: refreshed() });
    assert.equal((await auth.fetch(url)).status, 204);
    assert.deepEqual(requests, ["/notes", "refresh", "/notes"]);
  });

  test(`a 401 with ${name} on every path signs nobody out`, async () => {
    const { tab } = page({ "/notes": body, me: body, refresh: body });
    const auth = tab({ initialUser: ADA });
    await assert.rejects(auth.fetch(url), { name: "AuthError", code: "unexpected", status: 401 });
    await assert.rejects(auth.currentUser(), { name: "AuthError", code: "unexpected", status: 401 });
    assert.deepEqual(auth.getSnapshot(), { status: "signed-in", user: ADA });
  });
}

test("a problem that does not end counts as one without a code, after 8 s", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let cancelled;
  const stream = new ReadableStream({ cancel: () => (cancelled = true) });
  const headers = { "content-type": "application/problem+json" };
  const { auth, requests } = page({
    "/notes": [() => new Response(stream, { status: 401, headers }), noContent()],
    refresh: refreshed(),
  });
  const fetched = auth.fetch(url);
  await new Promise(setImmediate);
  assert.deepEqual(requests, ["/notes"]);
  t.mock.timers.tick(8000);
  assert.equal((await fetched).status, 204);
  assert.ok(!cancelled, "the copy is still being read");
});

test("a body that is not needed any more is cancelled", async () => {
  let cancelled = false;
  const stream = new ReadableStream({ cancel: () => (cancelled = true) });
  const { auth } = page({ "/notes": [() => new Response(stream, { status: 401 }), noContent()], refresh: refreshed() });
  await auth.fetch(url);
  assert.ok(cancelled);
});
