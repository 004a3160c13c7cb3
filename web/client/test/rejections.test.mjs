// Every fault of every request, in every call: the rejection is an AuthError with a known code, and nobody is signed
// out except by a problem of gatecrumb.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../dist/index.js";
import {
  ADA,
  endless,
  heldResponse,
  html,
  json,
  loggedIn,
  me,
  noContent,
  offline,
  page,
  problem,
  refreshed,
} from "./fake.mjs";

const CODES = new Set(
  `invalid_request invalid_credentials account_disabled cross_origin cross_site_cookies body_too_large
   unsupported_media_type too_many_attempts not_logged_in access_expired token_invalid reauthentication_required session_ended session_reused
   unavailable internal network timeout aborted cookies_blocked unexpected`.split(/\s+/),
);
const MEANS_SIGNED_OUT = [
  ...["not_logged_in", "access_expired", "token_invalid", "session_ended", "session_reused"].map((code) => [401, code]),
  [403, "account_disabled"],
];

const broken = (status, contentType = "application/json") => {
  const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("network error")) });
  return new Response(body, { status, headers: { "content-type": contentType } });
};
const statuses = [200, 301, 400, 401, 403, 404, 407, 413, 415, 429, 500, 502, 503, 504, 511];
const faults = new Map([
  ["no network", offline],
  ["a thrown string", () => Promise.reject("no")],
  ["a thrown nothing", () => Promise.reject(undefined)],
  ["no response in time", heldResponse({ ignoresAbort: true })],
  ...[null, [], 7, "text", {}, { user: null }, { code: 5 }].map((body) => [
    `200 ${JSON.stringify(body)}`,
    () => json(200, body),
  ]),
  ...statuses.flatMap((status) => [
    [`${status} html`, () => html(status)],
    [`${status} json`, () => json(status, { message: "no", code: "not_logged_in" })],
    [`${status} endless html`, () => endless("text/html", status)],
    [`${status} endless problem`, () => endless("application/problem+json", status)],
    [`${status} broken off`, () => broken(status)],
    [`${status} problem broken off`, () => broken(status, "application/problem+json")],
    [`${status} null as a problem`, () => json(status, null, { "content-type": "application/problem+json" })],
  ]),
]);
const expired = () => problem(401, "access_expired");
const good = { login: loggedIn(), me: me(), refresh: refreshed(), logout: noContent(), "/notes": noContent() };
/** Each call, the request that fails in it, and the responses before that. */
const calls = [
  ["login", (auth) => auth.login("ada", "secret"), (fault) => ({ login: fault })],
  ["logout", (auth) => auth.logout(), (fault) => ({ logout: fault })],
  ["currentUser: me", (auth) => auth.currentUser(), (fault) => ({ me: fault })],
  ["currentUser: refresh", (auth) => auth.currentUser(), (fault) => ({ me: expired(), refresh: fault })],
  ["currentUser: second me", (auth) => auth.currentUser(), (fault) => ({ me: [expired(), fault] })],
  [
    "fetch: refresh",
    (auth) => auth.fetch("https://app.example/notes"),
    (fault) => ({ "/notes": expired(), refresh: fault }),
  ],
];
const settle = () => new Promise(setImmediate);
/** Settles the call, while time passes without waiting for it. */
async function outcome(t, promise) {
  let result;
  promise.then(
    (value) => (result = { value }),
    (error) => (result = { error }),
  );
  for (let i = 0; !result && i < 20; i++) {
    await settle();
    t.mock.timers.tick(i < 4 ? 50 : 8000);
  }
  assert.ok(result, "the call never settles");
  return result;
}

for (const [name, call, routes] of calls) {
  test(`${name}: ${faults.size} faults`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    for (const [fault, response] of faults) {
      const { tab } = page({ ...good, ...routes(response) });
      const auth = tab({ initialUser: ADA });
      const { error, value } = await outcome(t, call(auth));
      assert.ok(error instanceof AuthError, `${fault}: resolved to ${JSON.stringify(value)} or rejected with ${error}`);
      assert.ok(CODES.has(error.code), `${fault}: ${error.code}`);
      assert.deepEqual(auth.getSnapshot(), { status: "signed-in", user: ADA }, fault);
      auth.close();
    }
  });
}

for (const [status, code] of MEANS_SIGNED_OUT) {
  test(`the problem ${status} ${code} of me after a refresh, and of refresh, signs out`, async () => {
    for (const routes of [
      { me: [expired(), problem(status, code)], refresh: refreshed() },
      { me: expired(), refresh: problem(status, code) },
    ]) {
      const { tab } = page(routes);
      const auth = tab({ initialUser: ADA });
      assert.equal(await auth.currentUser(), null);
      assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: code });
    }
  });
}
