import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, BOB, heldResponse, lastBaseUrl, loggedIn, me, noContent, page, problem, refreshed } from "./fake.mjs";

const expired = () => problem(401, "access_expired");

/** Resolves once the tab has this state. */
const becomes = (auth, status, username) =>
  new Promise((resolve) => {
    const check = () => {
      const { status: now, user } = auth.getSnapshot();
      if (now === status && user?.username === username) resolve();
    };
    auth.subscribe(check);
    check();
  });

test("a sign-in or sign-out reaches the other tabs without a request", async () => {
  const { tab, requests } = page({ login: loggedIn(), logout: noContent() });
  const [one, two] = [tab(), tab()];
  const signedIn = becomes(two, "signed-in", "ada");
  await one.login("ada", "secret");
  await signedIn;
  const signedOut = becomes(one, "signed-out");
  await two.logout();
  await signedOut;
  assert.deepEqual(requests, ["login", "logout"]);
});

test("a sign-out first aborts the refreshes of all tabs", async () => {
  const [first, second] = [heldResponse(), heldResponse()];
  const { tab, requests } = page({ me: expired(), refresh: [first, second], logout: noContent() });
  const [one, two] = [tab(), tab()];
  const waiting = [one.currentUser(), two.currentUser()];
  await Promise.all([first.requested, second.requested]);
  const order = [];
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    order.push(String(input).split("/auth/")[1]);
    return fetch(input, init);
  };
  document.cookie = ""; // as after the sign-out
  await two.logout();
  assert.deepEqual(await Promise.all(waiting), [null, null]);
  assert.deepEqual(order, ["logout"], "both refreshes were aborted, and without the hint there is no further request");
  assert.equal(requests.filter((name) => name === "refresh").length, 2);
});

test("no tab starts a refresh during a sign-in, and afterwards each sees the new user", async () => {
  const login = heldResponse();
  const { tab, requests } = page({ login, me: me(BOB) });
  const [one, two] = [tab(), tab({ initialUser: ADA })];
  two.subscribe(() => {});
  const signingIn = one.login("bob", "secret");
  await login.requested;
  const user = two.currentUser();
  const fetched = two.fetch("https://app.example/auth/me");
  assert.deepEqual(requests, ["login"]);
  login.respond(loggedIn(BOB));
  assert.deepEqual(await signingIn, BOB);
  assert.deepEqual(await user, BOB);
  assert.equal((await fetched).status, 200);
  assert.equal(requests[0], "login");
});

test("a request of one user is not retried after another has signed in", async () => {
  const refresh = heldResponse();
  const { tab, requests } = page({ "/delete": expired(), refresh, login: loggedIn(BOB), me: me(BOB) });
  const [one, two] = [tab({ initialUser: ADA }), tab()];
  const deleting = one.fetch("https://app.example/delete", { method: "POST" });
  await refresh.requested;
  await Promise.all([assert.rejects(deleting, { code: "aborted" }), two.login("bob", "secret")]);
  assert.deepEqual(requests, ["/delete", "refresh", "login"]);
});

test("neither is one whose 401 arrives after that sign-in", async () => {
  const slow = heldResponse();
  const { auth, requests } = page({ "/delete": slow, login: loggedIn(BOB), refresh: refreshed() });
  const deleting = auth.fetch("https://app.example/delete");
  await slow.requested;
  await auth.login("bob", "secret");
  slow.respond(expired());
  await assert.rejects(deleting, { code: "aborted" });
  assert.deepEqual(requests, ["/delete", "login"]);
});

test("a late response of me does not change the state after a sign-out", async () => {
  const [slow, logout] = [heldResponse({ ignoresAbort: true }), heldResponse()];
  const { auth } = page({ me: slow, logout });
  const statuses = [];
  auth.subscribe(() => statuses.push(auth.getSnapshot().status));
  const user = auth.currentUser();
  await slow.requested;
  const signingOut = auth.logout();
  await logout.requested;
  slow.respond(me()); // too late to be aborted
  await new Promise(setImmediate);
  document.cookie = "";
  logout.respond(noContent());
  await signingOut;
  assert.equal(await user, null);
  assert.ok(!statuses.includes("signed-in"));
});

test("after a failed sign-in, the other tabs keep their user", async () => {
  const refresh = heldResponse();
  const { tab, requests } = page({
    me: [expired(), me()],
    refresh: [refresh, refreshed()],
    login: problem(401, "invalid_credentials"),
  });
  const [one, two] = [tab(), tab()];
  const user = two.currentUser();
  await refresh.requested;
  await assert.rejects(one.login("ada", "wrong"), { code: "invalid_credentials" });
  assert.deepEqual(await user, ADA);
  assert.equal(requests.at(-1), "me");
});

test("a tab closed during its sign-out delays the others for at most the timeout of a request", async (t) => {
  const { tab, requests } = page({ "/notes": noContent() });
  const auth = tab({ initialUser: ADA });
  auth.subscribe(() => {});
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const name = `gatecrumb ${lastBaseUrl()}/auth/`;
  const other = new BroadcastChannel(name);
  const receiver = new BroadcastChannel(name);
  receiver.ref();
  const received = new Promise((resolve) => (receiver.onmessage = resolve));
  other.postMessage({ id: "x", begins: true });
  await received;
  const waiting = auth.fetch("https://app.example/notes");
  await new Promise(setImmediate);
  assert.deepEqual(requests, []);
  document.cookie = ""; // the sign-out reached the server
  t.mock.timers.tick(8200);
  assert.equal((await waiting).status, 204);
  await becomes(auth, "signed-out");
  receiver.close();
  assert.equal(auth.getSnapshot().status, "signed-out");
});
