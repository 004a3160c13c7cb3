// Launches Chromium; actions and cookies that several tests share.
import { chromium } from "playwright-core";
import { PASSWORD } from "./servers.mjs";

export const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
};

export const launch = () => chromium.launch(LAUNCH);

/** A browser context with its own cookies. */
export async function newContext(browser, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  return context;
}

export async function fillIn(page, password = PASSWORD, username = "demo") {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in with the form and waits until the page `next` shows the user as signed in. */
export async function signIn(context, app, next = "/client") {
  const page = await context.newPage();
  await page.goto(`${app}/sign-in?next=${encodeURIComponent(next)}`);
  await fillIn(page);
  await signedIn(page);
  return page;
}

/** Signs out with the account menu. */
export async function signOut(page) {
  const menu = page.locator("#account-menu");
  if (!(await menu.isVisible())) await page.getByRole("button", { name: "Account menu" }).click();
  await menu.getByRole("button", { name: "Sign out" }).click();
}

const hasStatus = (status) => (page) => page.locator(`.who[data-status="${status}"]`).waitFor({ state: "attached" });
export const signedIn = hasStatus("signed-in");
export const signedOut = hasStatus("signed-out");

/** The value of a gatecrumb cookie: `access`, `refresh` or `hint`. */
export async function cookie(context, name) {
  const found = (await context.cookies()).find((each) => each.name === `gatecrumb-${name}`);
  return found?.value;
}

/** All cookies except the device cookie, which a sign-out keeps. */
export async function sessionCookies(context) {
  return (await context.cookies()).filter((each) => each.name !== "gatecrumb-device");
}

export async function setCookie(context, name, value) {
  await context.clearCookies({ name: `gatecrumb-${name}` });
  if (value === undefined) return;
  const attributes = { domain: "localhost", path: "/", sameSite: "Lax", httpOnly: name !== "hint" };
  await context.addCookies([{ name: `gatecrumb-${name}`, value, ...attributes }]);
}

/** Replaces the access token with an expired one, and the refresh token with one old enough to be rotated. */
export async function ageTokens(context, mint) {
  await setCookie(context, "access", await mint.expired(await cookie(context, "access")));
  await setCookie(context, "refresh", await mint.aged(await cookie(context, "refresh")));
}

/** A list to which each later request of the page to gatecrumb is added, as `me`, `refresh`, … */
export function recordRequests(page) {
  const requests = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/auth/")) requests.push(pathname.slice("/auth/".length) + search);
  });
  return requests;
}
