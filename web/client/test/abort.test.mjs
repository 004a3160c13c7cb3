// The caller's own signal in auth.fetch: its abort rejects at once, with its own reason, whatever is under way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, endless, heldResponse, loggedIn, noContent, page, problem, refreshed } from "./fake.mjs";

const expired = () => problem(401, "access_expired");
const url = "https://app.example/notes";
// In an old browser (old-browser.test.mjs), a signal has no reason.
const hasReason = new Request(url, { signal: AbortSignal.abort() }).signal.reason !== undefined;

/** Each stage: a page, and what to wait for before the abort. */
const stages = {
  "another tab signs in": () => {
    const login = heldResponse();
    const { auth, requests } = page({ login });
    auth.login("ada", "secret").catch(() => {});
    return { auth, requests, reached: login.requested, after: () => login.respond(loggedIn()), sent: ["login"] };
  },
  "the first request": () => {
    const notes = heldResponse({ ignoresAbort: true });
    return { ...page({ "/notes": notes }), reached: notes.requested, sent: ["/notes"] };
  },
  "the body of a 401 arrives": () => {
    const reached = new Promise(setImmediate);
    return { ...page({ "/notes": () => endless("application/problem+json") }), reached, sent: ["/notes"] };
  },
  "a refresh": () => {
    const refresh = heldResponse({ ignoresAbort: true });
    const sent = ["/notes", "refresh"];
    return { ...page({ "/notes": expired(), refresh }), reached: refresh.requested, sent };
  },
  "the second request": () => {
    const notes = heldResponse({ ignoresAbort: true });
    const sent = ["/notes", "refresh", "/notes"];
    return { ...page({ "/notes": [expired(), notes], refresh: refreshed() }), reached: notes.requested, sent };
  },
};
const reasons = {
  "an abort": undefined,
  "a timeout": new DOMException("The operation timed out.", "TimeoutError"),
  "an error of the caller": new RangeError("no longer needed"),
};
for (const [stage, prepare] of Object.entries(stages)) {
  for (const [name, reason] of Object.entries(reasons)) {
    test(`${name} during: ${stage}`, async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] }); // time does not pass
      const { auth, requests, reached, after, sent } = prepare();
      if (stage === "another tab signs in") {
        await new Promise(setImmediate);
        t.mock.timers.tick(50);
      }
      const aborter = new AbortController();
      const fetched = auth.fetch(url, { signal: aborter.signal }).then(
        () => assert.fail("did not reject"),
        (error) => error,
      );
      await reached;
      aborter.abort(reason);
      const error = await fetched;
      if (hasReason) assert.equal(error, aborter.signal.reason);
      else assert.deepEqual([error.name, error.code], ["AuthError", "aborted"]);
      after?.();
      await new Promise(setImmediate);
      assert.deepEqual(requests, sent);
    });
  }
}

test("an aborted signal sends nothing, and rejects with its reason", async () => {
  const { auth, requests } = page({ "/notes": noContent() });
  const name = hasReason ? "AbortError" : "AuthError";
  await assert.rejects(auth.fetch(url, { signal: AbortSignal.abort() }), { name });
  await assert.rejects(auth.fetch(new Request(url, { signal: AbortSignal.abort() })), { name });
  await new Promise(setImmediate);
  assert.deepEqual(requests, []);
});

test("an abort does not stop the refresh that others wait for", async () => {
  const refresh = heldResponse();
  const { tab, requests } = page({ "/notes": [expired(), expired(), noContent()], refresh });
  const auth = tab({ initialUser: ADA });
  const aborter = new AbortController();
  const aborted = auth.fetch(url, { signal: aborter.signal });
  const other = auth.fetch(url);
  await refresh.requested;
  aborter.abort();
  await assert.rejects(aborted);
  refresh.respond(refreshed());
  assert.equal((await other).status, 204);
  assert.equal(requests.filter((name) => name === "refresh").length, 1);
});
