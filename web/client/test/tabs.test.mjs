import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, BOB, held, lastBaseUrl, loggedIn, me, noContent, page, problem, refreshed } from "./fake.mjs";

const expired = () => problem(401, "access_expired");

/** Resolves once a tab's state is this. */
const becomes = (auth, status, username) =>
  new Promise((resolve) => {
    const look = () => {
      const { status: now, user } = auth.getSnapshot();
      if (now === status && user?.username === username) resolve();
    };
    auth.subscribe(look);
    look();
  });

test("sign-in and sign-out show in the other tabs, without a request of theirs", async () => {
  const { tab, asked } = page({ login: loggedIn(), logout: noContent() });
  const [one, two] = [tab(), tab()];
  const seen = becomes(two, "signed-in", "ada");
  await one.login("ada", "secret");
  await seen;
  const left = becomes(one, "signed-out");
  await two.logout();
  await left;
  assert.deepEqual(asked, ["login", "logout"]);
});

test("a sign-out first aborts the refresh of its own tab and of another", async () => {
  const [first, second] = [held(), held()];
  const { tab, asked } = page({ me: expired(), refresh: [first, second], logout: noContent() });
  const [one, two] = [tab(), tab()];
  const waiting = [one.currentUser(), two.currentUser()];
  await Promise.all([first.asked, second.asked]);
  const order = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    order.push(String(input).split("/auth/")[1]);
    return fetch(input, init);
  };
  document.cookie = ""; // as the sign-out will leave it
  await two.logout();
  assert.deepEqual(await Promise.all(waiting), [null, null]);
  assert.deepEqual(order, ["logout"], "both refreshes were dropped, and nobody asks again without the hint");
  assert.equal(asked.filter((name) => name === "refresh").length, 2);
});

test("while a sign-in is under way no tab starts a refresh, and then each sees the new user", async () => {
  const login = held();
  const { tab, asked } = page({ login, me: me(BOB) });
  const [one, two] = [tab(), tab({ initialUser: ADA })];
  two.subscribe(() => {});
  const signingIn = one.login("bob", "secret");
  await login.asked;
  const who = two.currentUser();
  const elsewhere = two.fetch("https://app.example/auth/me");
  assert.deepEqual(asked, ["login"]);
  login.give(loggedIn(BOB));
  assert.deepEqual(await signingIn, BOB);
  assert.deepEqual(await who, BOB);
  assert.equal((await elsewhere).status, 200);
  assert.equal(asked[0], "login");
});

test("what one user began is not repeated in the name of the next", async () => {
  const refresh = held();
  const { tab, asked } = page({ "/delete": expired(), refresh, login: loggedIn(BOB), me: me(BOB) });
  const [one, two] = [tab({ initialUser: ADA }), tab()];
  const deleting = one.fetch("https://app.example/delete", { method: "POST" });
  await refresh.asked;
  await Promise.all([assert.rejects(deleting, { code: "aborted" }), two.login("bob", "secret")]);
  assert.deepEqual(asked, ["/delete", "refresh", "login"]);
});

test("nor when its 401 comes after the sign-in of another", async () => {
  const slow = held();
  const { auth, asked } = page({ "/delete": slow, login: loggedIn(BOB), refresh: refreshed() });
  const deleting = auth.fetch("https://app.example/delete");
  await slow.asked;
  await auth.login("bob", "secret");
  slow.give(expired());
  await assert.rejects(deleting, { code: "aborted" });
  assert.deepEqual(asked, ["/delete", "login"]);
});

test("a late answer of me says nothing about the state after a sign-out", async () => {
  const [slow, logout] = [held({ deaf: true }), held()];
  const { auth } = page({ me: slow, logout });
  const seen = [];
  auth.subscribe(() => seen.push(auth.getSnapshot().status));
  const who = auth.currentUser();
  await slow.asked;
  const left = auth.logout();
  await logout.asked;
  slow.give(me()); // was on its way already, too late to be aborted
  await new Promise(setImmediate);
  document.cookie = "";
  logout.give(noContent());
  await left;
  assert.equal(await who, null);
  assert.ok(!seen.includes("signed-in"));
});

test("a sign-in that fails lets the other tabs go on as they were", async () => {
  const refresh = held();
  const { tab, asked } = page({
    me: [expired(), me()],
    refresh: [refresh, refreshed()],
    login: problem(401, "invalid_credentials"),
  });
  const [one, two] = [tab(), tab()];
  const who = two.currentUser();
  await refresh.asked;
  await assert.rejects(one.login("ada", "wrong"), { code: "invalid_credentials" });
  assert.deepEqual(await who, ADA);
  assert.equal(asked.at(-1), "me");
});

test("a tab that vanishes in the middle of its sign-out holds the others up no longer than a request lives", async (t) => {
  const { tab, asked } = page({ "/notes": noContent() });
  const auth = tab({ initialUser: ADA });
  auth.subscribe(() => {});
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const name = `gatecrumb ${lastBaseUrl()}/auth/`;
  const other = new BroadcastChannel(name);
  const ears = new BroadcastChannel(name);
  ears.ref();
  const heard = new Promise((resolve) => (ears.onmessage = resolve));
  other.postMessage({ id: "x", begins: true });
  await heard;
  const waiting = auth.fetch("https://app.example/notes");
  await new Promise(setImmediate);
  assert.deepEqual(asked, []);
  document.cookie = ""; // its sign-out did reach the server
  t.mock.timers.tick(8200);
  assert.equal((await waiting).status, 204);
  await becomes(auth, "signed-out");
  ears.close();
  assert.equal(auth.getSnapshot().status, "signed-out");
});
