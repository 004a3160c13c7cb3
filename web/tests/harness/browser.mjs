// Debian's Chromium, and what the tests do in it.
import { chromium } from "playwright-core";
import { PASSWORD } from "./stack.mjs";

export const LAUNCH = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
};

export const launch = () => chromium.launch(LAUNCH);

/** A browser of its own, as far as cookies go. */
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

/** Signs in by the form and waits until the page it leads to says so. */
export async function signIn(context, app, next = "/client") {
  const page = await context.newPage();
  await page.goto(`${app}/sign-in?next=${encodeURIComponent(next)}`);
  await fillIn(page);
  await signedIn(page);
  return page;
}

const hasStatus = (status) => (page) => page.locator(`.who[data-status="${status}"]`).waitFor({ state: "attached" });
export const signedIn = hasStatus("signed-in");
export const signedOut = hasStatus("signed-out");

/** The value of a cookie of gatecrumb's: `access`, `refresh` or `hint`. */
export async function cookie(context, name) {
  const found = (await context.cookies()).find((each) => each.name === `gatecrumb-${name}`);
  return found?.value;
}

/** All cookies but the device's, which a sign-out keeps. */
export async function sessionCookies(context) {
  return (await context.cookies()).filter((each) => each.name !== "gatecrumb-device");
}

export async function setCookie(context, name, value) {
  await context.clearCookies({ name: `gatecrumb-${name}` });
  if (value === undefined) return;
  const more = { domain: "localhost", path: "/", sameSite: "Lax", httpOnly: name !== "hint" };
  await context.addCookies([{ name: `gatecrumb-${name}`, value, ...more }]);
}

/** The access token has run out, and the refresh token is old enough to be rotated. */
export async function letTimePass(context, mint) {
  await setCookie(context, "access", await mint.expired(await cookie(context, "access")));
  await setCookie(context, "refresh", await mint.aged(await cookie(context, "refresh")));
}

/** The requests to gatecrumb that a page makes, as `me`, `refresh`, …, from now on. */
export function watch(page) {
  const asked = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/auth/")) asked.push(pathname.slice("/auth/".length) + search);
  });
  return asked;
}
