// One interface to three browser engines, which three libraries drive.
//
// Engine:  version, newProfile({ blockCookies }), stop()
// Profile: its own cookies, as in a private window: newPage(), close()
// Page:    a tab: goto(url), reload(), evaluate(function, argument), cookies(), setCookie(cookie), deleteCookie(name), and
//          what is below. The function runs in the page: it uses only its argument, and returns what JSON can represent.
//          A cookie that is set is one of the page's host alone.
import { access, constants } from "node:fs/promises";
import * as chromium from "./chromium.mjs";
import * as firefox from "./firefox.mjs";
import * as webkit from "./webkit.mjs";

const ENGINES = { chromium, firefox, webkit };
const WAIT_MS = 20_000;
const POLL_MS = 25;

/** Starts an engine by its name. A missing browser is an error: a test that needs it must not pass. */
export async function startEngine(name) {
  const { program, install, start } = ENGINES[name];
  await access(program, constants.X_OK).catch(() => {
    throw new Error(`${name}: there is no ${program}: ${install}`);
  });
  const engine = await start();
  return { ...engine, newProfile: async (options) => withHelpers(await engine.newProfile(options)) };
}

function withHelpers(profile) {
  return {
    ...profile,
    async open(url) {
      const page = await profile.newPage();
      await page.goto(url);
      return { ...page, waitFor: (...args) => waitFor(page, ...args), goBack: () => goBack(page) };
    },
  };
}

/** Waits until the function returns something truthy in the page, and resolves to that. Survives navigations. */
async function waitFor(page, run, argument) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    let failure;
    const found = await page.evaluate(run, argument).catch((error) => void (failure = error));
    if (found) return found;
    if (Date.now() > deadline) {
      const state = await page.evaluate(() => `${location} ${document.body?.innerText}`).catch(String);
      throw new Error(`timeout: ${run} with ${JSON.stringify(argument)} in ${state}`, { cause: failure });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The Back button. By script, because Playwright does not notice a page that comes out of the back/forward cache. */
const goBack = (page) => page.evaluate(() => void setTimeout(() => history.back()));
