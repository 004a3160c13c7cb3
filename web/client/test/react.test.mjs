// Rendering on the server. web/tests covers the browser, including StrictMode.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { createAuth } from "../dist/index.js";
import { AuthProvider, RequireUser, useAuth, useUser } from "../dist/react.js";
import { createFakeAuth, fakeUser } from "../dist/testing.js";
import { ADA, me } from "./fake.mjs";

const Status = () => {
  const { status, user } = useAuth();
  return createElement("p", null, `${status} ${user?.username ?? "nobody"}`);
};
const render = (options) =>
  renderToString(createElement(AuthProvider, { auth: createAuth(options) }, createElement(Status)));

test("a server renders the initial state without a request", (t) => {
  t.mock.method(globalThis, "fetch", () => assert.fail("rendering made a request"));
  t.mock.method(globalThis, "BroadcastChannel", () => assert.fail("rendering opened a channel"));
  assert.equal(render({}), "<p>loading nobody</p>");
  assert.equal(render({ initialUser: null }), "<p>signed-out nobody</p>");
  assert.equal(render({ initialUser: ADA }), "<p>signed-in ada</p>");
});

const Name = () => useUser().username;
const renderRequired = (auth) => {
  const fallback = ({ status, reason }) => `${status} ${reason ?? ""}`;
  const required = createElement(RequireUser, { fallback }, createElement(Name));
  return renderToString(createElement(AuthProvider, { auth }, required));
};
test("RequireUser renders its children with the user, or else its fallback with the state", () => {
  assert.equal(renderRequired(createFakeAuth({ user: fakeUser() })), "ada");
  assert.equal(renderRequired(createFakeAuth({ user: null })), "signed-out ");
  assert.equal(renderRequired(createFakeAuth({ user: undefined })), "loading ");
});

test("useUser outside RequireUser names it", () => {
  const app = createElement(AuthProvider, { auth: createFakeAuth({ user: fakeUser() }) }, createElement(Name));
  assert.throws(() => renderToString(app), /RequireUser/);
});

test("useAuth outside a provider names the missing AuthProvider", () => {
  assert.throws(() => renderToString(createElement(Status)), /AuthProvider/);
});

test("currentUser() on a server opens no channel", async (t) => {
  t.mock.method(globalThis, "fetch", async () => me());
  t.mock.method(globalThis, "BroadcastChannel", () => assert.fail("a server opened a channel"));
  assert.deepEqual(await createAuth({ baseUrl: "https://api.example" }).currentUser(), ADA);
});
