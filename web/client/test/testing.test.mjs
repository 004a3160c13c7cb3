// The fake behaves as the client does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../dist/index.js";
import { createFakeAuth, fakeUser } from "../dist/testing.js";
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
