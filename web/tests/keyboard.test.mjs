// What works without a mouse, and where the focus is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, newContext, sessionCookies, signedIn, signedOut } from "./harness/browser.mjs";
import { PASSWORD, startServers } from "./harness/servers.mjs";
import { signInQuietly } from "./harness/states.mjs";

let servers, browser;
before(async () => {
  servers = await startServers();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

/** The accessible name or the text of what has the focus. */
const focused = (page) =>
  page.evaluate(() => {
    const { id, labels, innerText } = document.activeElement;
    return (labels?.[0]?.innerText ?? innerText).replaceAll(/\s+/g, " ").trim() || id;
  });

async function pressUntil(page, key, name) {
  const passed = [];
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press(key);
    passed.push(await focused(page));
    if (passed.at(-1).includes(name)) return;
  }
  assert.fail(`${key} does not reach ${name}: ${passed}`);
}

async function withPage(work) {
  const context = await newContext(browser);
  try {
    await work(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

test("the example with the keyboard only: sign in, open the menu, close it, sign out", () =>
  withPage(async (page, context) => {
    await page.goto(servers.app);
    await page.locator(".who").getByRole("link", { name: "Sign in" }).waitFor();
    await pressUntil(page, "Tab", "Sign in");
    await page.keyboard.press("Enter");
    await page.locator("button:enabled", { hasText: "Sign in" }).waitFor();
    await pressUntil(page, "Tab", "Username");
    await page.keyboard.type("demo");
    await pressUntil(page, "Tab", "Password");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${servers.app}/`);
    await signedIn(page);

    const menu = page.locator("#account-menu");
    await pressUntil(page, "Tab", "Account menu");
    await page.keyboard.press("Enter");
    await menu.waitFor();
    await pressUntil(page, "Tab", "Your profile");
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "hidden" });
    assert.match(await focused(page), /Account menu/, "Escape returns the focus");

    await page.keyboard.press("Space");
    await menu.waitFor();
    await pressUntil(page, "Tab", "Sign out");
    await page.keyboard.press("Enter");
    await signedOut(page);
    assert.equal(await focused(page), "Sign in", "the focus is not lost with the menu");
    assert.deepEqual(await sessionCookies(context), []);
  }));

test("serve's page with the keyboard only: sign in and out, and the focus follows what is shown", () =>
  withPage(async (page, context) => {
    await page.goto(servers.api);
    await pressUntil(page, "Tab", "Password");
    await page.keyboard.type("not the password");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    assert.equal(await focused(page), "Incorrect username or password.");
    await pressUntil(page, "Tab", "Password");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.locator("#facts").waitFor();
    assert.equal(await focused(page), "You are signed in");
    await pressUntil(page, "Tab", "Sign out");
    await page.keyboard.press("Enter");
    await page.getByText("You are signed out.").waitFor();
    assert.equal(await focused(page), "Sign in");
    assert.equal(await page.evaluate(() => document.activeElement.id), "title");
    assert.deepEqual(await sessionCookies(context), []);
  }));

test("the account menu closes with a click elsewhere, and when its link is followed", () =>
  withPage(async (page, context) => {
    await signInQuietly(context, servers);
    await page.goto(servers.app);
    const menu = page.locator("#account-menu");
    const open = async () => {
      await page.getByRole("button", { name: "Account menu" }).click();
      await menu.waitFor();
    };
    await open();
    await page.getByRole("heading", { level: 1 }).click();
    await menu.waitFor({ state: "hidden" });
    await open();
    await page.getByRole("button", { name: "Account menu" }).click();
    await menu.waitFor({ state: "hidden" });
    await open();
    await menu.getByRole("link", { name: "Your profile" }).click();
    await page.locator("#username").waitFor();
    await menu.waitFor({ state: "hidden" });
  }));

test("a button keeps the focus while its request runs, and a second press sends nothing", () =>
  withPage(async (page, context) => {
    await signInQuietly(context, servers);
    await page.goto(`${servers.app}/client`);
    const button = page.getByRole("button", { name: "Check again" });
    await button.waitFor();
    let held;
    let sent = 0;
    await page.route("**/auth/me", (route) => {
      sent += 1;
      held = route;
    });
    const request = page.waitForRequest("**/auth/me");
    await button.focus();
    await page.keyboard.press("Enter");
    await request;
    await page.locator('button[aria-disabled="true"]', { hasText: "Check again" }).waitFor();
    assert.equal(await focused(page), "Check again");
    await page.keyboard.press("Enter");
    await held.continue();
    await page.getByText("You are still signed in.").waitFor();
    assert.equal(await focused(page), "Check again");
    assert.equal(sent, 1);
  }));
