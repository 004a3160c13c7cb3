import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, heldResponse, json, loggedIn, me, noContent, offline, page, problem, refreshed } from "./fake.mjs";

const expired = () => problem(401, "access_expired");

test("without the hint: signed out, without a request", async () => {
  const { auth, requests } = page({}, { cookie: "theme=dark; not-gatecrumb-hint=1" });
  assert.equal(await auth.currentUser(), null);
  assert.deepEqual(requests, []);
  assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null });
});

for (const name of ["gatecrumb-hint", "__Host-gatecrumb-hint", "__Secure-gatecrumb-hint"]) {
  test(`with ${name} and a valid access token: one request`, async () => {
    const { auth, requests } = page({ me: me() }, { cookie: `a=b; ${name}=1; c=d` });
    assert.deepEqual(await auth.currentUser(), ADA);
    assert.deepEqual(requests, ["me"]);
  });
}

test("with another cookie name, only its own hint counts", async () => {
  const options = { cookieName: "shop-2" };
  const absent = page({}, { cookie: "gatecrumb-hint=1; x-shop-2-hint=1; shop-2-hint=", options });
  assert.equal(await absent.auth.currentUser(), null);
  assert.deepEqual(absent.requests, []);
  const { auth } = page({ me: me() }, { cookie: "gatecrumb-hint=1; __Host-shop-2-hint=1", options });
  assert.deepEqual(await auth.currentUser(), ADA);
});

test("a page that cannot read the hint requests me", async () => {
  const elsewhere = page(
    { me: problem(401, "not_logged_in") },
    { cookie: "", options: { baseUrl: "https://api.example" } },
  );
  assert.equal(await elsewhere.auth.currentUser(), null);
  assert.deepEqual(elsewhere.requests, ["me"]);
  assert.equal(await elsewhere.tab({ hint: true }).currentUser(), null);
  assert.deepEqual(elsewhere.requests, ["me"], "COOKIE_DOMAIN makes it readable");
  const sandboxed = page({ me: me() });
  Object.defineProperty(document, "cookie", {
    get: () => {
      throw new DOMException("", "SecurityError");
    },
  });
  assert.deepEqual(await sandboxed.auth.currentUser(), ADA);
});

for (const code of ["access_expired", "token_invalid", "session_ended"]) {
  test(`me's 401 ${code}: three requests`, async () => {
    const { auth, requests } = page({ me: [problem(401, code), me()], refresh: refreshed() });
    assert.deepEqual(await auth.currentUser(), ADA);
    assert.deepEqual(requests, ["me", "refresh", "me"]);
  });
}

for (const code of ["not_logged_in", "session_ended", "session_reused"]) {
  test(`refresh's 401 ${code}: signed out, with that reason`, async () => {
    const { auth, requests } = page({ me: expired(), refresh: problem(401, code) });
    assert.equal(await auth.currentUser(), null);
    assert.deepEqual(requests, ["me", "refresh"]);
    assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: code });
  });
}

test("a 401 after the refresh: signed out, without a second refresh", async () => {
  const { auth, requests } = page({ me: expired(), refresh: refreshed() });
  assert.equal(await auth.currentUser(), null);
  assert.deepEqual(requests, ["me", "refresh", "me"]);
});

test("me's 403 account_disabled: signed out; any other 403: state unchanged", async () => {
  const { auth } = page({ me: [me(), json(403, { message: "Forbidden" }), problem(403, "account_disabled")] });
  await auth.currentUser();
  await assert.rejects(auth.currentUser(), { code: "unexpected" });
  assert.equal(auth.getSnapshot().status, "signed-in");
  assert.equal(await auth.currentUser(), null);
});

const faults = {
  "503 unavailable": () => problem(503, "unavailable"),
  "500 internal": () => problem(500, "internal"),
  "a gateway's 502": () => new Response("", { status: 502 }),
  "403 cross_origin": () => problem(403, "cross_origin"),
  429: () => json(429, { message: "Too Many Requests" }),
  "a lost network": offline,
};
for (const [name, fault] of Object.entries(faults)) {
  test(`${name} from me, refresh or the second me does not sign the user out`, async () => {
    for (const routes of [
      { me: fault },
      { me: expired(), refresh: fault },
      { me: [expired(), fault], refresh: refreshed() },
    ]) {
      const fresh = page(routes);
      await assert.rejects(fresh.auth.currentUser(), { name: "AuthError" });
      assert.equal(fresh.auth.getSnapshot().status, "unavailable");
      const { tab } = page(routes);
      const known = tab({ initialUser: ADA });
      await assert.rejects(known.currentUser(), { name: "AuthError" });
      assert.deepEqual(known.getSnapshot(), { status: "signed-in", user: ADA });
    }
  });
}

test("at most one refresh is in flight", async () => {
  const refresh = heldResponse();
  const { auth, requests } = page({ me: [expired(), me()], refresh, "/notes": [expired(), expired(), json(200, [])] });
  const all = Promise.all([
    auth.currentUser(),
    auth.fetch("https://app.example/notes"),
    auth.fetch("https://app.example/notes"),
    auth.currentUser(),
  ]);
  await refresh.requested;
  refresh.respond(refreshed());
  const [user, first, second] = await all;
  assert.deepEqual([user, first.status, second.status], [ADA, 200, 200]);
  assert.equal(requests.filter((name) => name === "refresh").length, 1);
  assert.equal(requests.filter((name) => name === "me").length, 2, "concurrent calls of currentUser share one request");
});

test("the client's clock has no influence: only responses count", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 0 });
  const { auth, requests } = page({ me: me() });
  await auth.currentUser();
  t.mock.timers.setTime(9e12);
  await auth.currentUser();
  assert.deepEqual(requests, ["me", "me"]);
});

test("login and logout change the state, and each notifies subscribers once", async () => {
  const { auth } = page({ login: loggedIn(), logout: noContent() });
  const statuses = [];
  const unsubscribe = auth.subscribe(() => statuses.push(auth.getSnapshot().status));
  assert.deepEqual(await auth.login("ada", "secret"), ADA);
  await auth.logout();
  unsubscribe();
  await auth.login("ada", "secret");
  assert.deepEqual(statuses, ["signed-in", "signed-out"]);
  assert.deepEqual(auth.getInitialSnapshot(), { status: "loading", user: null });
});
