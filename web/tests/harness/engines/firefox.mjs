// Firefox by WebDriver BiDi. puppeteer-core 24 is the last that runs on Node.js 20.
import puppeteer from "puppeteer-core";

export const program = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
export const install = "install firefox-esr, or set FIREFOX";

const BLOCK_ALL = 2; // of network.cookie.cookieBehavior

const launch = (extraPrefsFirefox) =>
  puppeteer.launch({ browser: "firefox", executablePath: program, acceptInsecureCerts: true, extraPrefsFirefox });

export async function start() {
  const browser = await launch({});
  // The setting that blocks cookies is one of the browser.
  let blocking;

  /** A container tab's cookies. */
  async function newProfile({ blockCookies = false } = {}) {
    if (blockCookies) blocking ??= await launch({ "network.cookie.cookieBehavior": BLOCK_ALL });
    const context = await (blockCookies ? blocking : browser).createBrowserContext();
    return profile(context);
  }

  const version = (await browser.version()).split("/")[1];
  const stop = () => Promise.all([browser.close(), blocking?.close()]);
  return { version: `Firefox ${version}`, newProfile, stop };
}

function profile(context) {
  const ours = async (name) => (await context.cookies()).filter((cookie) => cookie.name === name);
  const newPage = async () => {
    const page = await context.newPage();
    return {
      goto: (url) => page.goto(url),
      reload: () => page.reload(),
      evaluate: (run, argument) => page.evaluate(run, argument),
      cookies: () => context.cookies(),
      setCookie: (cookie) => context.setCookie({ ...cookie, domain: new URL(page.url()).hostname }),
      deleteCookie: async (name) => context.deleteCookie(...(await ours(name))),
    };
  };
  return { newPage, close: () => context.close() };
}
