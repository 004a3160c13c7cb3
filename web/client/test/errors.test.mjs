import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../dist/index.js";
import { heldResponse, json, loggedIn, me, noContent, offline, page, problem, refreshed } from "./fake.mjs";

const rejects = (promise, code, status, retryAfter) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof AuthError);
    assert.deepEqual([error.code, error.status, error.retryAfter], [code, status, retryAfter]);
    return true;
  });

const login = [
  [400, "invalid_request"],
  [401, "invalid_credentials"],
  [403, "account_disabled"],
  [403, "cross_origin"],
  [403, "cross_site_cookies"],
  [413, "body_too_large"],
  [415, "unsupported_media_type"],
  [429, "too_many_attempts", 30],
  [500, "internal"],
  [503, "unavailable", 1],
];
for (const [status, code, seconds] of login) {
  test(`login: ${status} ${code}`, async () => {
    const { auth, requests } = page(
      { login: problem(status, code, seconds && { retry_after: seconds }) },
      { cookie: "" },
    );
    await rejects(auth.login("ada", "secret"), code, status, seconds);
    assert.deepEqual(requests, ["login"]);
    assert.equal(auth.getSnapshot().status, "loading");
  });
}

for (const [status, code] of [
  [403, "cross_origin"],
  [500, "internal"],
  [503, "unavailable"],
]) {
  test(`logout: ${status} ${code} leaves the user signed in`, async () => {
    const { auth } = page({ logout: problem(status, code), me: me() });
    await auth.currentUser();
    await rejects(auth.logout(), code, status);
    assert.equal(auth.getSnapshot().status, "signed-in");
  });
}

const unknown = [
  [400, "unexpected"],
  [401, "unexpected"],
  [403, "unexpected"],
  [404, "unexpected"],
  [413, "unexpected"],
  [415, "unexpected"],
  [429, "unavailable"],
  [500, "unavailable"],
  [502, "unavailable"],
  [504, "unavailable"],
];
for (const [status, code] of unknown) {
  test(`a ${status} from another server gets its code from the status`, async () => {
    await rejects(page({ login: json(status, { message: "from a gateway" }) }).auth.login("a", "b"), code, status);
    await rejects(page({ login: new Response("<html>", { status }) }).auth.login("a", "b"), code, status);
  });
}

for (const [header, body, seconds] of [
  ["7", undefined, 7],
  ["7", 5, 5],
  [undefined, 5, 5],
  [undefined, undefined, undefined],
  ["", undefined, undefined],
  ["-7", undefined, undefined],
  ["soon", undefined, undefined],
  ["Wed, 21 Oct 2026 07:28:00 GMT", undefined, undefined],
]) {
  test(`Retry-After "${header}" and retry_after ${body}: ${seconds} seconds`, async () => {
    const headers = { "content-type": "application/problem+json", ...(header && { "retry-after": header }) };
    const response = json(429, { code: "too_many_attempts", ...(body && { retry_after: body }) }, headers);
    await rejects(page({ login: response }).auth.login("a", "b"), "too_many_attempts", 429, seconds);
  });
}

test("no response is `network`", async () => {
  await rejects(page({ login: offline }).auth.login("a", "b"), "network", 0);
});

test("no response within 8 s is `timeout`, even if the request cannot be aborted", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const ignoresAbort of [false, true]) {
    const held = heldResponse({ ignoresAbort });
    const { auth } = page({ me: held });
    let settled = false;
    const user = auth.currentUser().finally(() => (settled = true));
    const rejected = rejects(user, "timeout", 0);
    await held.requested;
    t.mock.timers.tick(7999);
    await new Promise(setImmediate);
    assert.ok(!settled);
    t.mock.timers.tick(1);
    await rejected;
  }
});

test("a 200 from another server, such as a captive portal, does not change the state", async () => {
  const portal = () => new Response("<html>accept our terms</html>", { status: 200 });
  await rejects(page({ login: portal }).auth.login("a", "b"), "unexpected", 200);
  await rejects(page({ me: portal }).auth.currentUser(), "unexpected", 200);
  await rejects(page({ logout: json(200, {}) }).auth.logout(), "unexpected", 200);
});

test("blocked cookies are `cookies_blocked`", async () => {
  const { auth } = page({ login: loggedIn() }, { cookie: "" });
  await rejects(auth.login("ada", "secret"), "cookies_blocked", 200);
  assert.equal(auth.getSnapshot().status, "loading");
});

test("no error contains what was sent", async () => {
  const { auth } = page({ login: problem(401, "invalid_credentials") });
  const error = await auth.login("ada", "correct horse").catch((caught) => caught);
  assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /ada|horse/);
});

test("logout, with and without `everywhere`", async () => {
  const { auth, requests } = page({ logout: noContent(), "logout?everywhere=true": noContent(), refresh: refreshed() });
  await auth.logout();
  await auth.logout({ everywhere: true });
  assert.deepEqual(requests, ["logout", "logout?everywhere=true"]);
  assert.equal(auth.getSnapshot().status, "signed-out");
});
