// onChange(snapshot, reason), and listeners that fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, loggedIn, me, noContent, offline, page, problem } from "./fake.mjs";

test("each change is reported with its snapshot and reason", async () => {
  const { tab } = page({
    me: [me(), problem(401, "session_ended"), offline],
    refresh: problem(401, "session_reused"),
    login: loggedIn(),
    logout: noContent(),
  });
  const [one, two] = [tab(), tab()];
  const changes = [];
  let seen;
  const report = (name) => (snapshot, reason) => {
    changes.push([name, snapshot.status, reason]);
    seen?.();
  };
  const both = (work) =>
    Promise.all([work(), new Promise((resolve) => (seen = () => changes.length >= 2 && resolve()))]);
  one.onChange(report("one"));
  two.onChange(report("two"));
  await one.currentUser();
  await one.currentUser();
  assert.deepEqual(changes.splice(0), [
    ["one", "signed-in", "check"],
    ["one", "signed-out", "session_reused"],
  ]);
  await both(() => one.login("ada", "secret"));
  assert.deepEqual(changes.splice(0).sort(), [
    ["one", "signed-in", "login"],
    ["two", "signed-in", "other_tab"],
  ]);
  await both(() => two.logout());
  assert.deepEqual(changes.splice(0).sort(), [
    ["one", "signed-out", "other_tab"],
    ["two", "signed-out", "logout"],
  ]);
  const fresh = tab();
  fresh.onChange(report("fresh"));
  await assert.rejects(fresh.currentUser());
  assert.deepEqual(changes, [["fresh", "unavailable", "network"]]);
  for (const auth of [one, two, fresh]) auth.close();
});

test("a listener that throws stops neither the others nor the call, and its error is reported", async (t) => {
  const reported = [];
  t.mock.method(globalThis, "setTimeout", (work, delay) => {
    if (delay) return;
    try {
      work();
    } catch (error) {
      reported.push(error.message);
    }
  });
  const { auth } = page({ me: me() });
  const seen = [];
  auth.subscribe(() => {
    throw new Error("a fault of the page");
  });
  auth.subscribe((snapshot) => seen.push(snapshot.status));
  assert.deepEqual(await auth.currentUser(), ADA);
  assert.deepEqual(seen, ["signed-in"]);
  assert.ok(reported.includes("a fault of the page"));
});
