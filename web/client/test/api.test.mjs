// The `createAuth` of ./api: APIs behind an authorizer, and requests that need a newer sign-in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuth } from "../dist/api.js";
import {
  ADA,
  BOB,
  endless,
  heldResponse,
  html,
  json,
  loggedIn,
  me,
  noContent,
  page,
  problem,
  refreshed,
} from "./fake.mjs";

const url = "https://app.example/notes";
/** What API Gateway responds if an authorizer denies, and if an identity source is missing. */
const denied = () => json(403, { message: "Forbidden" }, { "content-type": "application/json" });
const unauthorized = () => json(401, { message: "Unauthorized" }, { "content-type": "application/json" });
const expired = () => problem(401, "access_expired");
const CHALLENGE = `Bearer realm="gatecrumb", error="insufficient_user_authentication", max_age="300"`;
function stale({ challenge = CHALLENGE } = {}) {
  const response = problem(401, "reauthentication_required");
  response.headers.set("www-authenticate", challenge);
  return response;
}

/** A client of ./api with these responses, in which Ada is signed in. */
function start(routes, { isKnown = true, ...options } = {}) {
  const { requests, tab } = page({ me: me(), login: loggedIn(), logout: noContent(), refresh: refreshed(), ...routes });
  return { requests, auth: tab({ ...(isKnown && { initialUser: ADA }), ...options }, createAuth) };
}
/** A callback that signs this user in again, and the challenges that it got. */
function signsIn(getAuth, { name = "ada", result = true } = {}) {
  const challenges = [];
  const onReauthenticate = async (challenge) => {
    challenges.push(challenge);
    await getAuth().login(name, "secret");
    return result;
  };
  return { challenges, onReauthenticate };
}

const refused = {
  "403 of API Gateway": [denied, ["/notes", "refresh", "/notes"]],
  "403 without a body": [() => new Response(null, { status: 403 }), ["/notes", "refresh", "/notes"]],
  "403 of a firewall": [() => html(403), ["/notes", "refresh", "/notes"]],
  "403 that does not end": [() => endless("application/json", 403), ["/notes", "refresh", "/notes"]],
  "403 cross_origin": [() => problem(403, "cross_origin"), ["/notes"]],
  "403 with a problem of the app": [() => problem(403, undefined), ["/notes"]],
  "403 with a problem that does not end": [() => endless("Application/Problem+JSON; charset=utf-8", 403), ["/notes"]],
  "401 of API Gateway": [unauthorized, ["/notes", "refresh", "/notes"]],
  "401 access_expired": [expired, ["/notes", "refresh", "/notes"]],
  "401 not_logged_in": [() => problem(401, "not_logged_in"), ["/notes"]],
  "401 reauthentication_required": [stale, ["/notes"]],
  404: [() => json(404, {}), ["/notes"]],
  500: [() => problem(500, "internal"), ["/notes"]],
};
for (const [name, [response, sent]] of Object.entries(refused)) {
  test(`refreshOn403, ${name}: ${sent.join(", ")}`, async () => {
    const { auth, requests } = start({ "/notes": [response, noContent()] }, { refreshOn403: true });
    const { status } = await auth.fetch(url);
    assert.equal(status, sent.length > 1 ? 204 : response().status);
    assert.deepEqual(requests, sent);
    assert.equal(auth.getSnapshot().status, "signed-in");
  });

  test(`refreshOn403, ${name} again and again: one refresh, and the last response`, async () => {
    const { auth, requests } = start({ "/notes": response }, { refreshOn403: true });
    assert.equal((await auth.fetch(url)).status, response().status);
    assert.deepEqual(requests, sent);
    assert.equal(auth.getSnapshot().status, "signed-in");
  });
}

test("without refreshOn403, a 403 is returned", async () => {
  for (const refreshOn403 of [undefined, false]) {
    const { auth, requests } = start({ "/notes": denied() }, { refreshOn403 });
    const response = await auth.fetch(url);
    assert.deepEqual(await response.json(), { message: "Forbidden" });
    assert.deepEqual(requests, ["/notes"]);
  }
});

test("method, headers and body are sent again after a 403, and the first body is cancelled", async () => {
  const bodies = [];
  let cancelled = false;
  const note = async (request) => {
    bodies.push(`${request.method} ${request.headers.get("x-note")} ${await request.text()}`);
    if (bodies.length > 1) return noContent();
    return new Response(new ReadableStream({ cancel: () => (cancelled = true) }), { status: 403 });
  };
  const { auth } = start({ "/notes": note }, { refreshOn403: true });
  await auth.fetch(url, { method: "PUT", body: "text", headers: { "x-note": "1" } });
  assert.deepEqual(bodies, ["PUT 1 text", "PUT 1 text"]);
  assert.ok(cancelled);
});

test("a 403 whose refresh says that the session has ended is returned, and signs out", async () => {
  const { auth } = start({ "/notes": denied(), refresh: problem(401, "session_reused") }, { refreshOn403: true });
  assert.equal((await auth.fetch(url)).status, 403);
  assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: "session_reused" });
});

test("a 403 whose refresh fails rejects, and signs nobody out", async () => {
  for (const refresh of [problem(503, "unavailable"), denied(), html(401)]) {
    const { auth } = start({ "/notes": denied(), refresh }, { refreshOn403: true });
    await assert.rejects(auth.fetch(url), { name: "AuthError" });
    assert.equal(auth.getSnapshot().status, "signed-in");
  }
});

test("after a redirect to an origin that is not named, the response is returned", async () => {
  for (const [finalUrl, sent] of [
    ["https://evil.example/notes", ["/notes"]],
    ["https://app.example/login", ["/notes", "refresh", "/notes"]],
    ["", ["/notes", "refresh", "/notes"]],
  ]) {
    for (const response of [denied, unauthorized, stale]) {
      const redirected = () => Object.defineProperty(response(), "url", { value: finalUrl });
      let called = 0;
      const onReauthenticate = () => (called++, false);
      const { auth, requests } = start({ "/notes": redirected }, { refreshOn403: true, onReauthenticate });
      await auth.fetch(url);
      assert.deepEqual(requests, response === stale ? ["/notes"] : sent);
      assert.equal(called, response === stale && sent.length > 1 ? 1 : 0);
    }
  }
});

test("reauthentication: the callback gets the URL and max_age, and the request is sent again once", async () => {
  const bodies = [];
  const note = async (request) => (bodies.push(await request.text()), bodies.length === 1 ? stale() : noContent());
  const { challenges, onReauthenticate } = signsIn(() => auth);
  const { auth, requests } = start({ "/notes": note }, { onReauthenticate });
  assert.equal((await auth.fetch(url, { method: "POST", body: "text" })).status, 204);
  assert.deepEqual(challenges, [{ url, maxAge: 300 }]);
  assert.deepEqual(bodies, ["text", "text"]);
  assert.deepEqual(requests, ["/notes", "login", "me", "/notes"], "no refresh");
  assert.deepEqual(auth.getSnapshot(), { status: "signed-in", user: ADA });
});

for (const [challenge, maxAge] of [
  [`Bearer error="insufficient_user_authentication", max_age=0`, 0],
  [`Bearer max_age="300", error="insufficient_user_authentication"`, 300],
  [`Bearer error="insufficient_user_authentication"`, undefined],
  [`Bearer error="insufficient_user_authentication", max_age=-5`, undefined],
  [`Bearer error="insufficient_user_authentication", max_age=soon`, undefined],
  ["", undefined],
]) {
  test(`the challenge ${challenge || "that the browser hides"}: maxAge ${maxAge}`, async () => {
    const { challenges, onReauthenticate } = signsIn(() => auth);
    const { auth } = start({ "/notes": [() => stale({ challenge }), noContent()] }, { onReauthenticate });
    assert.equal((await auth.fetch(url)).status, 204);
    assert.deepEqual(challenges, [{ url, maxAge }]);
  });
}

test("RFC 9470's header without a problem is enough", async () => {
  const response = () => new Response("", { status: 401, headers: { "www-authenticate": CHALLENGE } });
  const { challenges, onReauthenticate } = signsIn(() => auth);
  const { auth, requests } = start({ "/notes": [response, noContent()] }, { onReauthenticate });
  assert.equal((await auth.fetch(url)).status, 204);
  assert.equal(challenges.length, 1);
  assert.ok(!requests.includes("refresh"));
});

test("an API that is not satisfied by the new sign-in: its second 401 is returned", async () => {
  const { challenges, onReauthenticate } = signsIn(() => auth);
  const { auth, requests } = start({ "/notes": stale }, { onReauthenticate });
  const response = await auth.fetch(url);
  assert.equal((await response.json()).code, "reauthentication_required");
  assert.equal(challenges.length, 1);
  assert.deepEqual(requests, ["/notes", "login", "me", "/notes"]);
});

for (const [name, onReauthenticate] of [
  ["there is no callback", undefined],
  ["the user does not want to", () => false],
  ["the callback returns something else", () => "yes"],
]) {
  test(`if ${name}, the 401 is returned unread, and nobody is signed out`, async () => {
    const { auth, requests } = start({ "/notes": stale() }, { onReauthenticate });
    const response = await auth.fetch(url);
    assert.equal((await response.json()).code, "reauthentication_required");
    assert.deepEqual(requests, ["/notes"]);
    assert.equal(auth.getSnapshot().status, "signed-in");
  });
}

test("a callback that fails is reported as uncaught, and the 401 is returned; the next request calls it again", async (t) => {
  const thrown = [];
  t.mock.method(globalThis, "setTimeout", (work) => thrown.push(work));
  const failures = [
    () => {
      throw new RangeError("sync");
    },
    () => Promise.reject(new RangeError("async")),
  ];
  const { auth } = start({ "/notes": stale }, { onReauthenticate: () => failures.shift()() });
  for (const message of ["sync", "async"]) {
    assert.equal((await auth.fetch(url)).status, 401);
    assert.throws(thrown.at(-1), { name: "RangeError", message });
  }
  assert.deepEqual(failures, []);
});

test("another user signs in: the request is not sent as that user", async () => {
  const { onReauthenticate } = signsIn(() => auth, { name: "bob" });
  const { auth, requests } = start({ "/notes": stale(), login: loggedIn(BOB), me: me(BOB) }, { onReauthenticate });
  await assert.rejects(auth.fetch(url), { name: "AuthError", code: "aborted" });
  assert.equal(requests.filter((name) => name === "/notes").length, 1);
  assert.deepEqual(auth.getSnapshot().user, BOB);
});

test("the user signs out instead: the request is not sent again", async () => {
  for (const [result, outcome] of [
    [true, { code: "aborted" }],
    [false, { status: 401 }],
  ]) {
    const onReauthenticate = async () => (await auth.logout(), result);
    const { auth, requests } = start({ "/notes": stale(), me: problem(401, "not_logged_in") }, { onReauthenticate });
    const { code, status } = await auth.fetch(url).catch((error) => error);
    assert.deepEqual({ ...(result ? { code } : { status }) }, outcome);
    assert.equal(requests.filter((name) => name === "/notes").length, 1);
  }
});

test("a sign-in during the request: it is neither sent again nor is the callback called", async () => {
  const notes = heldResponse();
  const { onReauthenticate, challenges } = signsIn(() => auth);
  const { auth, requests } = start({ "/notes": notes }, { onReauthenticate });
  const fetched = auth.fetch(url);
  await notes.requested;
  await auth.login("bob", "secret");
  notes.respond(stale());
  await assert.rejects(fetched, { name: "AuthError", code: "aborted" });
  assert.deepEqual(challenges, []);
  assert.deepEqual(requests, ["/notes", "login"]);
});

test("a page that does not know its user yet determines it before the callback", async () => {
  const { onReauthenticate, challenges } = signsIn(() => auth);
  const { auth, requests } = start({ "/notes": [stale(), noContent()] }, { isKnown: false, onReauthenticate });
  assert.equal((await auth.fetch(url)).status, 204);
  assert.equal(challenges.length, 1);
  assert.deepEqual(requests, ["/notes", "me", "login", "me", "/notes"]);
});

test("nobody is signed in: the callback is not called", async () => {
  const { onReauthenticate, challenges } = signsIn(() => auth);
  const routes = { "/notes": stale(), me: problem(401, "not_logged_in") };
  const { auth } = start(routes, { isKnown: false, onReauthenticate });
  assert.equal((await auth.fetch(url)).status, 401);
  assert.deepEqual(challenges, []);
});

test("requests at the same time share one callback", async () => {
  const { onReauthenticate, challenges } = signsIn(() => auth);
  const { auth } = start(
    { "/notes": [stale(), stale(), stale(), noContent()], "/notes?2": noContent() },
    { onReauthenticate },
  );
  const responses = await Promise.all([auth.fetch(url), auth.fetch(url), auth.fetch(url)]);
  assert.deepEqual(
    responses.map(({ status }) => status),
    [204, 204, 204],
  );
  assert.equal(challenges.length, 1);
});

test("an expired token and an old sign-in: one refresh, then one callback, in either order", async () => {
  for (const [status, responses, between] of [
    [204, [expired(), stale(), noContent()], ["refresh", "/notes", "login", "me"]],
    [204, [denied(), stale(), noContent()], ["refresh", "/notes", "login", "me"]],
    [204, [stale(), denied(), noContent()], ["login", "me", "/notes", "refresh"]],
    [401, [expired(), stale(), expired(), noContent()], ["refresh", "/notes", "login", "me"]],
    [401, [stale(), expired(), stale(), noContent()], ["login", "me", "/notes", "refresh"]],
  ]) {
    const { onReauthenticate } = signsIn(() => auth);
    const { auth, requests } = start({ "/notes": responses }, { refreshOn403: true, onReauthenticate });
    assert.equal((await auth.fetch(url)).status, status);
    assert.deepEqual(requests, ["/notes", ...between, "/notes"]);
  }
});

test("the caller's abort during the callback rejects at once, and nothing is sent again", async () => {
  let answer;
  const asked = new Promise((resolve) => (answer = resolve));
  let called;
  const reached = new Promise((resolve) => (called = resolve));
  const { auth, requests } = start({ "/notes": stale() }, { onReauthenticate: () => (called(), asked) });
  const aborter = new AbortController();
  const fetched = auth.fetch(url, { signal: aborter.signal });
  await reached;
  aborter.abort();
  await assert.rejects(fetched);
  answer(true);
  await new Promise(setImmediate);
  assert.equal(requests.filter((name) => name === "/notes").length, 1);
});
