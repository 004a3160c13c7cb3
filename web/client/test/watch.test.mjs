// A page that came out of the back/forward cache, is looked at again or is online again has missed what other tabs,
// other origins and the server did in the meantime.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, BOB, heldResponse, me, noContent, offline, page, problem } from "./fake.mjs";

const settle = () => new Promise(setImmediate);
/** A page that has determined its user, with a clock that stands still. */
async function watchedPage(t, routes, settings) {
  t.mock.timers.enable({ apis: ["Date"], now: 1e12 });
  const opened = page(routes, settings);
  await opened.auth.currentUser().catch(() => {});
  opened.requests.length = 0;
  return opened;
}
const events = ["focus", "visibilitychange", "online"];

test("out of the back/forward cache: always checked, and without the hint at once", async (t) => {
  const { auth, requests, dispatch } = await watchedPage(t, { me: [me(), me(), me(BOB)] });
  dispatch("pageshow", { persisted: true });
  await settle();
  dispatch("pageshow", { persisted: true });
  await settle();
  assert.deepEqual(requests, ["me", "me"]);
  assert.equal(auth.getSnapshot().user.username, "bob");
  document.cookie = "";
  dispatch("pageshow", { persisted: true });
  await settle();
  assert.equal(auth.getSnapshot().status, "signed-out");
  assert.deepEqual(requests, ["me", "me"]);
});

test("out of the back/forward cache: what was requested before may never end, and is not waited for", async (t) => {
  const [heldMe, heldRefresh] = [heldResponse({ ignoresAbort: true }), heldResponse({ ignoresAbort: true })];
  for (const [held, routes] of [
    [heldMe, { me: [me(), heldMe, me(BOB)] }],
    [heldRefresh, { me: [me(), problem(401, "access_expired"), me(BOB)], refresh: heldRefresh }],
  ]) {
    const { auth, dispatch } = await watchedPage(t, routes);
    const before = auth.currentUser();
    await held.requested;
    dispatch("pageshow", { persisted: true });
    assert.deepEqual(await before, BOB);
    assert.deepEqual(auth.getSnapshot().user, BOB);
    t.mock.timers.reset();
  }
});

test("an ordinary pageshow is not a reason to check", async (t) => {
  const { requests, dispatch } = await watchedPage(t, { me: me() });
  dispatch("pageshow", { persisted: false });
  assert.deepEqual(requests, []);
});

for (const type of events) {
  test(`${type}: checked at most once a minute, however many events there are`, async (t) => {
    const { auth, requests, dispatch } = await watchedPage(t, { me: [me(), me(), problem(401, "not_logged_in")] });
    t.mock.timers.setTime(1e12 + 59_999);
    for (const each of events) dispatch(each);
    await settle();
    assert.deepEqual(requests, []);
    t.mock.timers.setTime(1e12 + 60_000);
    for (let i = 0; i < 20; i++) {
      dispatch(type);
      await settle();
    }
    for (const each of events) dispatch(each);
    await settle();
    assert.deepEqual(requests, ["me"]);
    t.mock.timers.setTime(1e12 + 120_000);
    dispatch(type);
    await settle();
    assert.deepEqual(requests, ["me", "me"]);
    assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: "not_logged_in" });
  });

  test(`${type} in a hidden tab waits until it is visible`, async (t) => {
    const { requests, dispatch } = await watchedPage(t, { me: me() });
    t.mock.timers.setTime(2e12);
    document.hidden = true;
    dispatch(type);
    await settle();
    assert.deepEqual(requests, []);
    document.hidden = false;
    dispatch("visibilitychange");
    await settle();
    assert.deepEqual(requests, ["me"]);
  });
}

test("a clock that was set back does not stop the checks", async (t) => {
  const { requests, dispatch } = await watchedPage(t, { me: me() });
  t.mock.timers.setTime(5e11);
  dispatch("focus");
  await settle();
  assert.deepEqual(requests, ["me"]);
});

test("while the user is unknown: online checks at once, the other events once a second", async (t) => {
  const { auth, requests, dispatch } = await watchedPage(t, { me: offline });
  assert.equal(auth.getSnapshot().status, "unavailable");
  dispatch("online");
  await settle();
  dispatch("focus");
  dispatch("visibilitychange");
  await settle();
  assert.deepEqual(requests, ["me"]);
  t.mock.timers.setTime(1e12 + 1000);
  dispatch("focus");
  dispatch("visibilitychange");
  await settle();
  assert.deepEqual(requests, ["me", "me"]);
});

test("events during a check cause no second one", async (t) => {
  const held = heldResponse();
  const { requests, dispatch } = await watchedPage(t, { me: [offline, held] });
  dispatch("online");
  await held.requested;
  for (const type of ["online", "focus", "online"]) dispatch(type);
  held.respond(me());
  await settle();
  assert.deepEqual(requests, ["me"]);
});

test("a failed check changes nothing, and one that finds the same notifies nobody", async (t) => {
  const { auth, dispatch } = await watchedPage(t, { me: [me(), offline, problem(503, "unavailable"), me()] });
  const before = auth.getSnapshot();
  auth.subscribe(() => assert.fail("notified"));
  for (let i = 0; i < 3; i++) {
    dispatch("pageshow", { persisted: true });
    await settle();
  }
  assert.equal(auth.getSnapshot(), before, "the same object");
});

test("a check without the hint keeps the reason of the sign-out", async (t) => {
  const { auth, dispatch } = await watchedPage(t, { me: problem(403, "account_disabled") });
  document.cookie = "";
  dispatch("pageshow", { persisted: true });
  await settle();
  assert.deepEqual(auth.getSnapshot(), { status: "signed-out", user: null, reason: "account_disabled" });
});

test("nothing listens before the first use, nor after close(), and a later use listens again", async (t) => {
  const channels = new Set();
  const { BroadcastChannel } = globalThis;
  t.after(() => (globalThis.BroadcastChannel = BroadcastChannel));
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      channels.add(this);
    }
    close() {
      super.close();
      channels.delete(this);
    }
  };
  const { auth, requests, dispatch } = page({ me: me(), logout: noContent() });
  dispatch("pageshow", { persisted: true });
  assert.equal(channels.size, 0);
  await auth.currentUser();
  assert.equal(channels.size, 1);
  auth.close();
  auth.close();
  assert.equal(channels.size, 0);
  dispatch("pageshow", { persisted: true });
  await settle();
  assert.deepEqual(requests, ["me"]);
  auth.subscribe(() => {});
  auth.subscribe(() => {});
  assert.equal(channels.size, 1);
  dispatch("pageshow", { persisted: true });
  await settle();
  assert.deepEqual(requests, ["me", "me"], "one listener");
  auth.close();
});

test("close() lets requests in flight end", async () => {
  const held = heldResponse();
  const { auth } = page({ me: held });
  const user = auth.currentUser();
  await held.requested;
  auth.close();
  held.respond(me());
  assert.deepEqual(await user, ADA);
});
