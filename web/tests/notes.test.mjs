// The notes page of the example: an API of another origin, by the library and behind the authorizers.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { handler } from "../../examples/notes-api/session/index.mjs";
import { ageTokens, launch, newContext, signedOut, signIn, signOut } from "./harness/browser.mjs";
import { servePage } from "./harness/pages.mjs";
import { PASSWORD, startServers } from "./harness/servers.mjs";

let servers, browser, context;
before(async () => {
  servers = await startServers({ notes: true });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser);
});

/** Signs in and opens the notes, of which none is left from another test. */
async function openNotes() {
  const page = await signIn(context, servers.app, "/notes");
  await page.getByRole("button", { name: "Delete all" }).click();
  await page.getByText("You have no notes.").waitFor();
  return page;
}

async function add(page, text) {
  await page.getByLabel("New note").fill(text);
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("listitem").filter({ hasText: text }).waitFor();
}

const notesOf = (page) => page.getByRole("listitem").locator("> span").allTextContents();

/** A list to which each later response of the notes API is added, as `GET /notes 200`. */
function recordNotes(page) {
  const responses = [];
  page.on("response", (response) => {
    const { origin, pathname } = new URL(response.url());
    const method = response.request().method();
    if (origin === servers.notes && method !== "OPTIONS") responses.push(`${method} ${pathname} ${response.status()}`);
  });
  return responses;
}

test("a user adds and deletes notes, with cookies that only gatecrumb set", async () => {
  const page = await openNotes();
  await add(page, "milk");
  await add(page, "<b>bread</b>");
  assert.deepEqual(await notesOf(page), ["<b>bread</b>", "milk"]);
  await page.getByRole("button", { name: "Delete “milk”" }).click();
  await page.getByRole("listitem").filter({ hasText: "milk" }).waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("listitem").filter({ hasText: "bread" }).waitFor();
  assert.deepEqual(await notesOf(page), ["<b>bread</b>"]);
});

test("notes after the access token has expired: one refresh, and the note is added once", async () => {
  const page = await openNotes();
  await ageTokens(context, servers.mint);
  const responses = recordNotes(page);
  servers.proxy.takeRequests();
  await add(page, "milk");
  assert.deepEqual(responses, ["POST /notes 401", "POST /notes 201", "GET /notes 200"]);
  assert.deepEqual(servers.proxy.takeRequests(), ["POST refresh"]);
  assert.deepEqual(await notesOf(page), ["milk"]);
});

test("the same behind the authorizer, whose denial is 403 without a problem", async () => {
  const page = await openNotes();
  await ageTokens(context, servers.mint);
  const responses = recordNotes(page);
  servers.proxy.takeRequests();
  await page.getByRole("button", { name: "Check the sign-in" }).click();
  await page.locator("#signed-in-at time").waitFor();
  assert.deepEqual(responses, ["GET /notes/session 403", "GET /notes/session 200"]);
  assert.deepEqual(servers.proxy.takeRequests(), ["POST refresh"]);
});

test("after a sign-out in another tab, the notes are gone and the API refuses", async () => {
  const page = await openNotes();
  await add(page, "milk");
  const other = await context.newPage();
  await other.goto(`${servers.app}/client`);
  await signOut(other);
  await signedOut(page);
  await page.getByLabel("Password").waitFor();
  assert.equal(await page.getByText("milk").count(), 0);
  const response = await context.request.get(`${servers.notes}/notes`);
  assert.equal(response.status(), 401);
  assert.equal((await response.json()).code, "not_logged_in");
});

test("a revoked session: the strict authorizer refuses at once, and the page goes to the sign-in", async () => {
  const page = await openNotes();
  // Ends all sessions of the user, without a word to this browser.
  const elsewhere = await newContext(browser);
  const theirs = await signIn(elsewhere, servers.app);
  await theirs.getByRole("button", { name: "Sign out everywhere" }).click();
  await signedOut(theirs);
  await elsewhere.close();
  const responses = recordNotes(page);
  await page.getByRole("button", { name: "Check the sign-in" }).click();
  await page.waitForURL(/\/sign-in\?/);
  await page.getByText("Your session has ended.").waitFor();
  assert.deepEqual(responses, ["GET /notes/session 403"]);
});

test("deleting all notes after an old sign-in has the user sign in again, once", async () => {
  const page = await openNotes();
  await add(page, "milk");
  // The API says that the sign-in is too old until there is another one.
  let isOld = true;
  await context.route(`${servers.notes}/notes`, async (route) => {
    if (!isOld || route.request().method() !== "DELETE") return route.fallback();
    await route.fulfill({
      status: 401,
      contentType: "application/problem+json",
      headers: { "access-control-allow-origin": servers.app, "access-control-allow-credentials": "true" },
      body: JSON.stringify({ status: 401, code: "reauthentication_required" }),
    });
  });
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await page.getByRole("button", { name: "Delete all" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Nothing was deleted, because you did not sign in again.").waitFor();
  assert.deepEqual(await notesOf(page), ["milk"]);

  await page.getByRole("button", { name: "Delete all" }).click();
  await dialog.getByLabel("Password of demo").fill("not the password");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByText("Incorrect username or password.").waitFor();
  isOld = false;
  await dialog.getByLabel("Password of demo").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await page.getByText("You have no notes.").waitFor();
  await dialog.waitFor({ state: "detached" });
});

test("a page of another origin can neither add nor delete notes, nor read them", async () => {
  const page = await openNotes();
  await add(page, "milk");
  for (const host of ["127.0.0.1", "localhost"]) {
    const elsewhere = await servePage("<p>elsewhere</p>", { host });
    try {
      const theirs = await context.newPage();
      await theirs.goto(elsewhere.origin);
      const attempt = (path, init) =>
        theirs.evaluate(
          ([url, options]) =>
            fetch(url, { credentials: "include", ...options }).then(
              (response) => response.type,
              (error) => error.name,
            ),
          [`${servers.notes}${path}`, init],
        );
      const body = JSON.stringify({ text: "theirs" });
      const json = { "content-type": "application/json" };
      assert.equal(
        await attempt("/notes", { method: "POST", headers: json, body }),
        "TypeError",
        "the preflight fails",
      );
      assert.equal(await attempt("/notes", { method: "DELETE" }), "TypeError");
      assert.equal(await attempt("/notes", { method: "POST", mode: "no-cors", body }), "opaque");
      assert.equal(await attempt("/notes", {}), "TypeError", "nor can it read");

      const url = `${servers.notes}/notes`;
      const arrival = theirs.waitForResponse(url);
      await theirs.evaluate((action) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action });
        document.body.append(form);
        setTimeout(() => form.submit()); // later, because a navigation would interrupt this call
      }, url);
      // A page of another site sends no cookies (SameSite=Lax); one of the same site sends them, and is refused.
      assert.equal((await arrival).status(), host === "localhost" ? 403 : 401);
    } finally {
      await elsewhere.stop();
    }
  }
  await page.reload();
  await page.getByRole("listitem").first().waitFor();
  assert.deepEqual(await notesOf(page), ["milk"]);
});

test("the function behind the authorizer reads whole roles and shows times", async () => {
  const lambda = {
    sub: "alice",
    sid: "s",
    exp: 1_790_000_900,
    auth_time: 1_790_000_000,
    acr: "aal1",
    amr: '["pwd"]',
    roles: '["admin-readonly","reader"]',
  };
  const { statusCode, headers, body } = await handler({ requestContext: { authorizer: { lambda } } });
  assert.equal(statusCode, 200);
  assert.equal(headers["cache-control"], "no-store");
  assert.deepEqual(JSON.parse(body).session, {
    user: "alice",
    roles: ["admin-readonly", "reader"],
    methods: ["pwd"],
    level: "aal1",
    signed_in_at: "2026-09-21T14:13:20Z",
    fresh_until: "2026-09-21T14:18:20Z",
    expires_at: "2026-09-21T14:28:20Z",
  });
});
