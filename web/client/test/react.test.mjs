// On the server; what it does in a browser, StrictMode included, is tested in a browser (web/tests).
import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { AuthProvider, useAuth } from "../dist/react/index.js";
import { createAuth } from "../dist/src/index.js";
import { ADA, me } from "./fake.mjs";

const Shown = () => {
  const { status, user } = useAuth();
  return createElement("p", null, `${status} ${user?.username ?? "nobody"}`);
};
const render = (options) =>
  renderToString(createElement(AuthProvider, { auth: createAuth(options) }, createElement(Shown)));

test("a server renders what it knows, and nothing that it doesn't", (t) => {
  t.mock.method(globalThis, "fetch", () => assert.fail("rendering asks nobody"));
  t.mock.method(globalThis, "BroadcastChannel", () => assert.fail("rendering opens no channel"));
  assert.equal(render({}), "<p>loading nobody</p>");
  assert.equal(render({ initialUser: null }), "<p>signed-out nobody</p>");
  assert.equal(render({ initialUser: ADA }), "<p>signed-in ada</p>");
});

test("useAuth outside of a provider says what is missing", () => {
  assert.throws(() => renderToString(createElement(Shown)), /AuthProvider/);
});

test("asking on a server opens no channel either", async (t) => {
  t.mock.method(globalThis, "fetch", async () => me());
  t.mock.method(globalThis, "BroadcastChannel", () => assert.fail("a server has no tabs"));
  assert.deepEqual(await createAuth({ baseUrl: "https://api.example" }).currentUser(), ADA);
});
