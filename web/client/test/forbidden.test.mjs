// What a browser forbids, for example with cookies blocked, in a sandboxed frame or in a private window, throws
// wherever it is touched. Nothing of it may come out of the client.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { ADA, json, loggedIn, me, noContent, page, problem } from "./fake.mjs";

const forbid = () => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};
const undo = [];
function replace(object, name, descriptor) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { configurable: true, ...descriptor });
  undo.push(() => (before ? Object.defineProperty(object, name, before) : delete object[name]));
}
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each();
});

const getters = [
  "BroadcastChannel",
  "localStorage",
  "sessionStorage",
  "indexedDB",
  "caches",
  "navigator",
  "cookieStore",
];
const restrictions = {
  nothing: () => {},
  "new BroadcastChannel": () => replace(globalThis, "BroadcastChannel", { value: forbid }),
  "channel.postMessage": () =>
    replace(globalThis, "BroadcastChannel", {
      value: class {
        postMessage = forbid;
        close() {}
      },
    }),
  "document.cookie": () => replace(document, "cookie", { get: forbid }),
  ...Object.fromEntries(getters.map((name) => [name, () => replace(globalThis, name, { get: forbid })])),
};
restrictions.everything = () => {
  for (const [name, restrict] of Object.entries(restrictions)) if (name !== "everything") restrict();
};
/** A browser that lacks them, as old ones do. */
restrictions["the existence of BroadcastChannel"] = () => replace(globalThis, "BroadcastChannel", { value: undefined });

const signedIn = { login: loggedIn(), me: me(), logout: noContent(), "/notes": json(200, []) };
for (const [name, restrict] of Object.entries(restrictions)) {
  test(`${name} forbidden: every call works`, async () => {
    const { auth } = page(signedIn);
    restrict();
    const changes = [];
    const unsubscribe = auth.subscribe((snapshot, reason) => changes.push([snapshot.status, reason]));
    assert.deepEqual(await auth.currentUser(), ADA);
    await auth.logout();
    assert.deepEqual(await auth.login("ada", "secret"), ADA);
    assert.equal((await auth.fetch("https://app.example/notes")).status, 200);
    assert.deepEqual(changes, [
      ["signed-in", "check"],
      ["signed-out", "logout"],
      ["signed-in", "login"],
    ]);
    unsubscribe();
    auth.close();
  });

  test(`${name} forbidden, and no cookie stored: a sign-in is \`cookies_blocked\``, async () => {
    const { auth } = page({ ...signedIn, me: problem(401, "not_logged_in") }, { cookie: "" });
    restrict();
    assert.equal(await auth.currentUser(), null);
    await assert.rejects(auth.login("ada", "secret"), { name: "AuthError", code: "cookies_blocked", status: 200 });
    assert.deepEqual(auth.getSnapshot().status, "signed-out");
  });
}
