import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createRenderer, createSSRApp, effectScope, h, nextTick, watchEffect } from "vue";
import { renderToString } from "vue/server-renderer";
import { createFakeAuth, fakeUser } from "../dist/testing.js";
import { useAuth } from "../dist/vue.js";

const { document } = globalThis;
afterEach(() => (globalThis.document = document));

/** A document of plain objects. */
const { createApp } = createRenderer({
  createElement: (tag) => ({ tag, children: [] }),
  createText: (text) => ({ text }),
  createComment: () => ({ text: "" }),
  setText: (node, text) => (node.text = text),
  setElementText: (node, text) => (node.children = [{ text, parent: node }]),
  insert: (child, parent) => parent.children.push(Object.assign(child, { parent })),
  remove: (child) => child.parent.children.splice(child.parent.children.indexOf(child), 1),
  parentNode: (node) => node.parent,
  nextSibling: () => null,
  patchProp() {},
});
const textOf = ({ text, children }) => text ?? children.map(textOf).join("");

const component = (auth) => ({
  setup() {
    const snapshot = useAuth(auth);
    return () => h("p", `${snapshot.value.status} ${snapshot.value.user?.username ?? "nobody"}`);
  },
});

test("a component follows the state until it is unmounted", async () => {
  const auth = createFakeAuth({ user: fakeUser() });
  let listeners = 0;
  const subscribe = (listener) => {
    listeners++;
    const unsubscribe = auth.subscribe(listener);
    return () => (listeners--, unsubscribe());
  };
  const root = { children: [] };
  const app = createApp(component({ ...auth, subscribe }));
  app.mount(root);
  assert.equal(textOf(root), "signed-in ada");
  await auth.logout();
  await nextTick();
  assert.equal(textOf(root), "signed-out nobody");
  assert.equal(listeners, 1);
  app.unmount();
  assert.equal(listeners, 0);
});

test("a component starts from the initial snapshot and catches up once mounted", async () => {
  const auth = createFakeAuth({ user: null });
  await auth.login("ada", "secret");
  const seen = [];
  const app = createApp({
    setup() {
      const snapshot = useAuth(auth);
      return () => h("p", seen.push(snapshot.value.status));
    },
  });
  app.mount({ children: [] });
  await nextTick();
  assert.deepEqual(seen, ["signed-out", "signed-in"]);
  app.unmount();
});

test("a server renders the initial state, without a request or a subscription", async () => {
  const subscribe = () => assert.fail("subscribed");
  for (const [user, html] of [
    [fakeUser(), "<p>signed-in ada</p>"],
    [null, "<p>signed-out nobody</p>"],
    [undefined, "<p>loading nobody</p>"],
  ]) {
    const auth = createFakeAuth({ user });
    assert.equal(await renderToString(createSSRApp(component({ ...auth, subscribe }))), html);
    assert.deepEqual(auth.calls, []);
  }
});

test("outside a component, in an effect scope; an unknown user is requested once", async () => {
  globalThis.document = {};
  const auth = createFakeAuth({ user: undefined });
  const scope = effectScope();
  const seen = [];
  scope.run(() => {
    const snapshot = useAuth(auth);
    useAuth(auth);
    watchEffect(() => seen.push(snapshot.value.status), { flush: "sync" });
  });
  await auth.login("ada", "secret");
  scope.stop();
  await auth.logout();
  assert.equal(auth.calls.filter((call) => call === "currentUser").length, 1);
  assert.deepEqual(seen.at(-1), "signed-in");
});
