// Chromium, driven by Playwright over its own protocol.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { LAUNCH } from "../browser.mjs";

export const program = LAUNCH.executablePath;
export const install = "install chromium, or set CHROMIUM";

// Playwright turns the cache off that people have.
const options = { ...LAUNCH, ignoreDefaultArgs: ["--disable-back-forward-cache"] };
const BLOCK = 2; // of profile.default_content_setting_values.cookies

export async function start() {
  const browser = await chromium.launch(options);

  async function newProfile({ blockCookies = false } = {}) {
    if (blockCookies) return newBlockingProfile();
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    return profile(context, () => context.close());
  }

  return { version: `Chromium ${browser.version()}`, newProfile, stop: () => browser.close() };
}

/** The setting is read from a profile on disk. */
async function newBlockingProfile() {
  const directory = await mkdtemp(join(tmpdir(), "gatecrumb-profile-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await mkdir(join(directory, "Default"));
    const preferences = { profile: { default_content_setting_values: { cookies: BLOCK } } };
    await writeFile(join(directory, "Default", "Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(directory, { ...options, ignoreHTTPSErrors: true });
    return profile(context, () => context.close().finally(remove));
  } catch (error) {
    await remove();
    throw error;
  }
}

function profile(context, close) {
  const newPage = async () => {
    const page = await context.newPage();
    return {
      goto: (url) => page.goto(url),
      reload: () => page.reload(),
      evaluate: (run, argument) => page.evaluate(run, argument),
      cookies: () => context.cookies(),
      setCookie: (cookie) => context.addCookies([{ ...cookie, domain: new URL(page.url()).hostname }]),
      deleteCookie: (name) => context.clearCookies({ name }),
    };
  };
  return { newPage, close };
}
