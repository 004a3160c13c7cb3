// What must work in every engine, over http and https: the example, and a page on another port that uses the client
// without a framework.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { servePage } from "../pages.mjs";
import { freePorts, root } from "../process.mjs";
import { PASSWORD, startServers } from "../servers.mjs";
import { certificate } from "../tls.mjs";
import { startEngine } from "./index.mjs";

const SCHEMES = ["http", "https"];
/** Of the three, only WebKit refuses a `Secure` cookie from http://localhost. docs/troubleshooting.md says so. */
const STORES_SECURE_ON_HTTP = { chromium: true, firefox: true, webkit: false };
/** Over https, none of the three keeps a page with `Cache-Control: no-store` in its back/forward cache. */
const RESTORES_NO_STORE_OVER_HTTP = { chromium: false, firefox: false, webkit: true };
/** What else a browser that blocks cookies forbids, and what it tells the page. */
const IF_BLOCKED = {
  chromium: { cookieEnabled: true, channel: "allowed", storage: "SecurityError" },
  firefox: { cookieEnabled: false, channel: "SecurityError", storage: "SecurityError" },
  webkit: { cookieEnabled: true, channel: "allowed", storage: "allowed" },
};

/** Shows the snapshot, and whether the page came out of the back/forward cache. */
const CLIENT_PAGE = `<!doctype html><title>another port</title><p id="who"></p><script type="module">
  import { createAuth } from "/client.js";
  window.auth = createAuth({ baseUrl: new URLSearchParams(location.search).get("api") });
  const who = document.getElementById("who");
  const show = ({ status, user }) => (who.textContent = status + " " + (user?.username ?? "nobody"));
  window.auth.subscribe(show);
  window.auth.currentUser().catch(() => {});
  addEventListener("pageshow", ({ persisted }) => (window.isRestored = persisted));
</script>`;

/** The servers and the pages on other ports, all http or all https. */
async function startSite(tls) {
  const stops = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const bundle = { entryPoints: [`${root}web/client/src/index.ts`], bundle: true, write: false, format: "esm" };
    const files = { "/client.js": (await build(bundle)).outputFiles[0].text };
    const [port] = await freePorts(1);
    const allowed = await servePage(CLIENT_PAGE, { port, files, tls });
    stops.push(allowed.stop);
    const refused = await servePage(CLIENT_PAGE, { files, tls });
    stops.push(refused.stop);
    const servers = await startServers({ origins: [allowed.origin], tls });
    stops.push(servers.stop);
    const at = ({ origin }) => `${origin}/?api=${encodeURIComponent(servers.api)}`;
    return { ...servers, allowed: at(allowed), refused: at(refused), prefix: tls ? "__Host-" : "", stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Defines the tests of an engine. */
export function testEngine(name) {
  const sites = {};
  let engine;
  before(async () => {
    engine = await startEngine(name);
    sites.http = await startSite();
    sites.https = await startSite(await certificate());
  });
  after(async () => {
    await engine?.stop();
    for (const site of Object.values(sites)) await site.stop();
  });

  /** A test in a new profile, once for each scheme. */
  function scenario(title, run, options) {
    for (const scheme of SCHEMES) {
      test(`${name}, ${scheme}: ${title}`, async (t) => {
        const site = sites[scheme];
        const profile = await engine.newProfile(options);
        t.after(() => profile.close());
        site.proxy.takeRequests();
        await run(profile, site, t);
      });
    }
  }

  test(`${name} runs`, (t) => t.diagnostic(`engine: ${engine.version}`));

  scenario("sign in, and the cookies are out of reach of scripts", async (profile, site) => {
    const page = await signIn(profile, site);
    const cookies = Object.fromEntries((await page.cookies()).map((cookie) => [cookie.name, cookie]));
    const names = ["access", "device", "hint", "refresh"].map((kind) => `${site.prefix}gatecrumb-${kind}`);
    assert.deepEqual(Object.keys(cookies).sort(), names);
    for (const cookie of Object.values(cookies)) {
      assert.equal(cookie.httpOnly, !cookie.name.endsWith("hint"), cookie.name);
      assert.equal(cookie.secure, site.prefix !== "", cookie.name);
    }
    assert.equal(await page.evaluate(() => document.cookie), `${site.prefix}gatecrumb-hint=1`);
    site.proxy.takeRequests();
    await page.reload();
    await page.waitFor(showsUser);
    assert.deepEqual(site.proxy.takeRequests(), ["GET me"]);
  });

  scenario("an expired access token, or none, is refreshed", async (profile, site) => {
    const page = await signIn(profile, site);
    const before = await value(page, site, "refresh");
    await age(page, site);
    site.proxy.takeRequests();
    await page.reload();
    await page.waitFor(showsUser);
    assert.deepEqual(site.proxy.takeRequests(), ["GET me", "POST refresh", "GET me"]);
    assert.notEqual(await value(page, site, "refresh"), before, "rotated");
    await page.deleteCookie(`${site.prefix}gatecrumb-access`);
    await page.evaluate(checkAgain);
    await page.waitFor(saysStillSignedIn);
    assert.deepEqual(site.proxy.takeRequests(), ["GET me", "POST refresh", "GET me"]);
    await age(page, site);
    await page.goto(`${site.app}/server`);
    await page.waitFor(hasStatus, "signed-in");
    assert.equal(await page.evaluate(() => location.pathname), "/server", "the server refreshed");
  });

  scenario("two tabs refresh at once and stay signed in", async (profile, site) => {
    const one = await signIn(profile, site);
    const two = await profile.open(`${site.app}/client`);
    await two.waitFor(showsUser);
    for (let turn = 0; turn < 2; turn++) {
      await age(one, site);
      site.proxy.takeRequests();
      site.proxy.gather("/auth/refresh", 2);
      for (const page of [one, two]) await page.evaluate(checkAgain);
      for (const page of [one, two]) await page.waitFor(saysStillSignedIn);
      const refreshes = site.proxy.takeRequests().filter((request) => request === "POST refresh");
      assert.equal(refreshes.length, 2, "otherwise this tests no race");
    }
  });

  scenario("a sign-out reaches the other tab", async (profile, site) => {
    const here = await signIn(profile, site);
    const other = await profile.open(`${site.app}/client`);
    await other.waitFor(showsUser);
    await here.evaluate(signOut);
    for (const page of [here, other]) await page.waitFor(isSignInPage);
    const left = (await here.cookies()).map((cookie) => cookie.name);
    assert.deepEqual(left, [`${site.prefix}gatecrumb-device`]);
  });

  for (const path of ["/client", "/server"]) {
    scenario(`after a sign-out, Back does not show ${path}`, async (profile, site) => {
      const page = await signIn(profile, site, path);
      await page.evaluate(() => addEventListener("pageshow", () => sessionStorage.setItem("restored", "yes")));
      await page.goto(site.app);
      await page.waitFor(hasStatus, "signed-in");
      await page.evaluate(signOut);
      await page.waitFor(hasStatus, "signed-out");
      await page.goBack();
      await page.waitFor(isSignInPage);
      const isRestored = (await page.evaluate(() => sessionStorage.getItem("restored"))) === "yes";
      assert.equal(isRestored, RESTORES_NO_STORE_OVER_HTTP[name] && site.prefix === "", "from the back/forward cache");
    });
  }

  scenario("without a framework, a page that the browser restores notices the sign-out", async (profile, site) => {
    const page = await profile.open(site.allowed);
    await page.evaluate(logIn, PASSWORD);
    await page.waitFor(says, "signed-in demo");
    // On another origin, so that no message reaches the page, which would remove it from the back/forward cache.
    await page.goto(site.app);
    await page.waitFor(hasStatus, "signed-in");
    await page.evaluate(signOut);
    await page.waitFor(hasStatus, "signed-out");
    await page.goBack();
    await page.waitFor(says, "signed-out nobody");
    assert.equal(await page.evaluate(() => window.isRestored), true, "otherwise this tests no restored page");
  });

  scenario("a page on another port signs in, refreshes and signs out", async (profile, site) => {
    const page = await profile.open(site.allowed);
    await page.waitFor(says, "signed-out nobody");
    await page.evaluate(logIn, PASSWORD);
    await page.waitFor(says, "signed-in demo");
    await age(page, site);
    site.proxy.takeRequests();
    await page.reload();
    await page.waitFor(says, "signed-in demo");
    assert.deepEqual(site.proxy.takeRequests(), ["GET me", "POST refresh", "GET me"]);
    assert.equal(await page.evaluate(statusOfMe, { url: `${site.api}/auth/me`, credentials: "omit" }), 401);
    await page.evaluate(() => window.auth.logout());
    await page.waitFor(says, "signed-out nobody");
    assert.deepEqual((await page.cookies()).filter(isSession), []);
  });

  scenario("a page on a port that is not allowed reads nothing and changes nothing", async (profile, site) => {
    const own = await signIn(profile, site);
    const before = await own.cookies();
    const page = await profile.open(site.refused);
    for (const credentials of ["include", "omit"]) {
      const result = await page.evaluate(statusOfMe, { url: `${site.api}/auth/me`, credentials });
      assert.equal(result, "TypeError", credentials);
    }
    assert.equal(await page.evaluate(logIn, PASSWORD), "network");
    assert.equal(await page.evaluate(() => window.auth.logout().catch(({ code }) => code)), "network");
    assert.deepEqual(await own.cookies(), before);
  });

  scenario(
    "blocked cookies: pages work, and a sign-in says why it fails",
    async (profile, site) => {
      const page = await profile.open(`${site.app}/server`);
      await page.waitFor(isSignInPage);
      await page.evaluate(fillIn, PASSWORD);
      await page.waitFor(() => document.querySelector("main [role=alert]")?.textContent.includes("blocks cookies"));
      assert.equal(await page.evaluate(() => location.pathname), "/sign-in");
      assert.deepEqual(await page.cookies(), []);
      await page.goto(site.allowed);
      await page.waitFor(says, "signed-out nobody");
      assert.equal(await page.evaluate(logIn, PASSWORD), "cookies_blocked");
      assert.deepEqual(await page.evaluate(whatIsForbidden), IF_BLOCKED[name]);
    },
    { blockCookies: true },
  );

  test(`${name}: whether http://localhost may set Secure cookies`, async (t) => {
    const headers = { "set-cookie": ["plain=1", "secure=1; Secure", "__Host-prefix=1; Secure; Path=/"] };
    const server = await servePage("<p>a page", { headers });
    t.after(server.stop);
    const profile = await engine.newProfile();
    t.after(() => profile.close());
    const page = await profile.open(server.origin);
    const stored = (await page.cookies()).map((cookie) => cookie.name).sort();
    assert.deepEqual(stored, STORES_SECURE_ON_HTTP[name] ? ["__Host-prefix", "plain", "secure"] : ["plain"]);
  });
}

async function signIn(profile, site, path = "/client") {
  const page = await profile.open(`${site.app}/sign-in?next=${encodeURIComponent(path)}`);
  await page.waitFor(isSignInPage);
  await page.evaluate(fillIn, PASSWORD);
  await page.waitFor((next) => location.pathname === next, path);
  await page.waitFor(hasStatus, "signed-in");
  await page.waitFor(() => document.querySelector("#username, #user-id") !== null);
  return page;
}

const isSession = ({ name }) => !name.endsWith("-device");

async function value(page, site, kind) {
  return (await page.cookies()).find(({ name }) => name === `${site.prefix}gatecrumb-${kind}`)?.value;
}

/** Replaces the access token with an expired one, and the refresh token with one old enough to be rotated. */
async function age(page, site) {
  const attributes = { path: "/", httpOnly: true, secure: site.prefix !== "", sameSite: "Lax" };
  for (const [kind, change] of [
    ["access", site.mint.expired],
    ["refresh", site.mint.aged],
  ]) {
    const changed = await change(await value(page, site, kind));
    await page.setCookie({ name: `${site.prefix}gatecrumb-${kind}`, value: changed, ...attributes });
  }
}

// These run in a page.
const hasStatus = (status) => document.querySelector(`.who[data-status="${status}"]`) !== null;
const showsUser = () => document.querySelector("#username")?.textContent === "demo";
const isSignInPage = () =>
  location.pathname === "/sign-in" && document.querySelector("button[type=submit]:enabled") !== null;
const says = (text) => document.getElementById("who")?.textContent === text;
const saysStillSignedIn = () => document.querySelector("main")?.textContent.includes("You are still signed in.");
const checkAgain = () => [...document.querySelectorAll("button")].find((b) => b.textContent === "Check again").click();
const signOut = () => document.querySelector("#account-menu button").click();
const logIn = (password) =>
  window.auth.login("demo", password).then(
    () => "signed in",
    ({ code }) => code,
  );
const statusOfMe = ({ url, credentials }) =>
  fetch(url, { credentials }).then(
    ({ status }) => status,
    ({ name }) => name,
  );
function whatIsForbidden() {
  const attempt = (use) => {
    try {
      use();
      return "allowed";
    } catch (error) {
      return error.name;
    }
  };
  const channel = attempt(() => new BroadcastChannel("a channel"));
  return { cookieEnabled: navigator.cookieEnabled, channel, storage: attempt(() => localStorage.length) };
}
function fillIn(password) {
  document.querySelector("[name=username]").value = "demo";
  document.querySelector("[name=password]").value = password;
  document.querySelector("button[type=submit]").click();
}
