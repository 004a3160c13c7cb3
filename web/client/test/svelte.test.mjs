import assert from "node:assert/strict";
import { test } from "node:test";
import { derived, get } from "svelte/store";
import { authStore } from "../dist/svelte.js";
import { createFakeAuth, fakeUser } from "../dist/testing.js";
import { me, page } from "./fake.mjs";

test("the store follows the state, from the current one on, until unsubscribed", () => {
  const auth = createFakeAuth();
  const seen = [];
  const unsubscribe = authStore(auth).subscribe(({ status, user }) => seen.push([status, user?.username]));
  auth.set({ status: "signed-in", user: fakeUser() });
  auth.set({ status: "unavailable", user: null, reason: "network" });
  unsubscribe();
  auth.set({ status: "signed-out", user: null });
  assert.deepEqual(seen, [
    ["signed-out", undefined],
    ["signed-in", "ada"],
    ["unavailable", undefined],
  ]);
});

test("it works with svelte/store", () => {
  const store = authStore(createFakeAuth({ user: fakeUser() }));
  assert.equal(get(store).status, "signed-in");
  assert.equal(get(derived(store, ({ user }) => user?.username)), "ada");
});

test("the first subscriber causes one request, a known user none", async () => {
  const { auth, tab, requests } = page({ me: me() });
  const store = authStore(auth);
  const signedIn = new Promise((resolve) => store.subscribe(({ user }) => user && resolve()));
  store.subscribe(() => {});
  await signedIn;
  assert.deepEqual(requests, ["me"]);
  get(authStore(tab({ initialUser: null })));
  assert.deepEqual(requests, ["me"]);
});

test("a server makes no request", () => {
  const { document } = globalThis;
  delete globalThis.document;
  try {
    const auth = createFakeAuth({ user: undefined });
    assert.equal(get(authStore(auth)).status, "loading");
    assert.deepEqual(auth.calls, []);
  } finally {
    globalThis.document = document;
  }
});
