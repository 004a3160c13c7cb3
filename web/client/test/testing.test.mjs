// The fake behaves as the client does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../dist/index.js";
import { createAuth as createApiAuth } from "../dist/api.js";
import { createFakeAuth, fakeUser, reauthenticationRequired } from "../dist/testing.js";
import { ADA, loggedIn, me, noContent, page, problem } from "./fake.mjs";

const fault = problem(503, "unavailable", { retry_after: 1 });
const url = "https://app.example/notes";
/** The start, what is called, and what the client's API responds; the fake fails if that is the fault. */
const cases = [
  ["login", null, (auth) => auth.login("ada", "secret"), { login: loggedIn() }],
  ["a failed login", null, (auth) => auth.login("ada", "secret"), { login: fault }],
  ["logout", ADA, (auth) => auth.logout(), { logout: noContent() }],
  ["a failed logout", ADA, (auth) => auth.logout(), { logout: fault }],
  ["currentUser, signed in", ADA, (auth) => auth.currentUser(), { me: me() }],
  ["currentUser, signed out", null, (auth) => auth.currentUser(), { me: problem(401, "not_logged_in") }],
  ["currentUser, unknown", undefined, (auth) => auth.currentUser(), { me: problem(401, "not_logged_in") }],
  ["a failed currentUser, unknown", undefined, (auth) => auth.currentUser(), { me: fault }],
  ["a failed currentUser, signed in", ADA, (auth) => auth.currentUser(), { me: fault }],
];
async function observe(auth, call) {
  const notified = [];
  auth.onChange((snapshot) => notified.push(snapshot.status));
  const result = await call(auth).catch(({ name, code, status, retryAfter }) => ({ name, code, status, retryAfter }));
  const { status, user } = auth.getSnapshot();
  auth.close();
  return { result, notified, status, user, initial: auth.getInitialSnapshot().status };
}
for (const [name, user, call, routes] of cases) {
  test(`${name}: as the client`, async () => {
    const { tab } = page(routes);
    const real = await observe(tab({ initialUser: user }), call);
    const fake = createFakeAuth({ user, login: () => ADA });
    if (Object.values(routes).includes(fault)) fake.failNext("unavailable", 503, 1);
    const observed = await observe(fake, call);
    assert.deepEqual(observed, real);
  });
}

for (const [name, signIn, expected] of [
  ["signs in again", (auth) => auth.login("ada", "secret").then(() => true), { status: 204, sent: 2 }],
  ["does not", () => false, { status: 401, sent: 1 }],
  ["signs out", (auth) => auth.logout().then(() => true), { code: "aborted", sent: 1 }],
]) {
  test(`reauthentication, and the user ${name}: as the client`, async () => {
    const nobody = problem(401, "not_logged_in");
    const routes = { login: loggedIn(), logout: noContent(), me: name === "signs out" ? nobody : me() };
    const observed = {};
    for (const kind of ["real", "fake"]) {
      let auth;
      const challenges = [];
      const onReauthenticate = (challenge) => (challenges.push(challenge), signIn(auth));
      let sent = 0;
      const notes = () => (sent++ ? noContent() : reauthenticationRequired(60));
      if (kind === "fake") {
        auth = createFakeAuth({ user: ADA, login: () => ADA, fetch: async () => notes(), onReauthenticate });
      } else {
        auth = page({ ...routes, "/notes": notes }).tab({ initialUser: ADA, onReauthenticate }, createApiAuth);
      }
      const { status, code } = await auth.fetch(url).catch((error) => error);
      observed[kind] = { ...(code ? { code } : { status }), sent, challenges };
    }
    assert.deepEqual(observed.real, { ...expected, challenges: [{ url, maxAge: 60 }] });
    assert.deepEqual(observed.fake, observed.real);
  });
}

test("a relative URL works in the fake without a page", async () => {
  const responses = [reauthenticationRequired(), noContent()];
  const urls = [];
  const onReauthenticate = ({ url }) => urls.push(url) > 0;
  const auth = createFakeAuth({ user: ADA, fetch: async () => responses.shift(), onReauthenticate });
  assert.equal((await auth.fetch("/notes")).status, 204);
  assert.deepEqual([urls, auth.calls], [["/notes"], ["fetch /notes"]]);
});

test("it has the members of the client, and three of its own", () => {
  const own = Object.keys(createFakeAuth()).filter((name) => !(name in page({}).auth));
  assert.deepEqual(own.sort(), ["calls", "failNext", "set"]);
  assert.deepEqual(
    Object.keys(page({}).auth).filter((name) => !(name in createFakeAuth())),
    [],
  );
});

test("calls are recorded without passwords, refusals are the test's own", async () => {
  const auth = createFakeAuth({
    login(username, password) {
      if (password !== "secret") throw new AuthError("invalid_credentials", 401);
      return fakeUser({ username, roles: ["admin"] });
    },
    fetch: async () => new Response("[]"),
  });
  await assert.rejects(auth.login("bob", "wrong"), { code: "invalid_credentials" });
  assert.deepEqual((await auth.login("bob", "secret")).roles, ["admin"]);
  assert.equal(await (await auth.fetch(url)).text(), "[]");
  await auth.logout({ everywhere: true });
  assert.equal((await createFakeAuth().fetch(url)).status, 404);
  assert.deepEqual(auth.calls, ["login bob", "login bob", `fetch ${url}`, "logout everywhere"]);
});
