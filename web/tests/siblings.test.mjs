// A sibling subdomain over https in a real browser: no cookie that it sets is accepted as ours.
import assert from "node:assert/strict";
import { createServer } from "node:https";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { forward } from "./harness/api-proxy.mjs";
import { LAUNCH, newContext } from "./harness/browser.mjs";
import { bin, freePorts, start } from "./harness/process.mjs";
import { PASSWORD } from "./harness/servers.mjs";
import { certificate } from "./harness/tls.mjs";

const NAME = "__Host-gatecrumb-access";
// All white space of Unicode and JavaScript, and similar control characters.
const BLANKS = [
  ...[0x09, 0x0b, 0x0c, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x7f, 0x85, 0xa0, 0x1680, 0x180e],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x200b],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff],
].map((point) => String.fromCodePoint(point));

const stops = [];
let browser, context, app, sibling, token;

before(async () => {
  const [httpsPort, apiPort, dynamodbPort] = await freePorts(3);
  app = `https://app.example.com:${httpsPort}`;
  sibling = `https://evil.example.com:${httpsPort}`;
  const env = { COOKIE_INSECURE: "false", ALLOWED_ORIGINS: app };
  const args = ["serve", "--memory", "--port", `${apiPort}`, "--dynamodb-port", `${dynamodbPort}`];
  stops.push(await start(bin, args, env, /Ctrl-C stops it/));
  const server = createServer(await certificate(), (incoming, outgoing) => {
    const isApi = incoming.headers.host.startsWith("app.") && incoming.url.startsWith("/auth/");
    if (!isApi) return outgoing.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><p>a page");
    forward(incoming, outgoing, `http://127.0.0.1:${apiPort}`);
  });
  await new Promise((resolve) => server.listen(httpsPort, "127.0.0.1", resolve));
  stops.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  const flags = ["--ignore-certificate-errors", "--host-resolver-rules=MAP *.example.com 127.0.0.1"];
  browser = await chromium.launch({ ...LAUNCH, args: [...LAUNCH.args, ...flags] });
  stops.push(() => browser.close());
  // The attacker's own access token.
  const response = await fetch(`http://127.0.0.1:${apiPort}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo", password: PASSWORD }),
  });
  token = /=([^;]+)/.exec(response.headers.getSetCookie().find((line) => line.startsWith(NAME)))[1];
});
after(async () => {
  for (const stop of stops.reverse()) await stop();
});
beforeEach(async () => {
  await context?.close();
  context = await newContext(browser, { ignoreHTTPSErrors: true });
});

const setCookie = (page, pair) =>
  page.evaluate((cookie) => {
    document.cookie = `${cookie}; Domain=example.com; Path=/; Secure`;
  }, pair);
const me = (page) => page.evaluate(() => fetch("/auth/me").then(async (a) => `${a.status} ${(await a.json()).code}`));

test("the token is accepted in the app's own cookie", async () => {
  await context.addCookies([{ name: NAME, value: token, url: app, secure: true, httpOnly: true }]);
  const page = await context.newPage();
  await page.goto(app);
  assert.equal(await me(page), "200 undefined");
});

test("a sibling's cookie with white space around the name is not accepted", async () => {
  const [theirs, ours] = [await context.newPage(), await context.newPage()];
  await theirs.goto(sibling);
  await ours.goto(app);
  let kept = 0;
  for (const blank of BLANKS) {
    for (const name of [`${blank}${NAME}`, `${NAME}${blank}`]) {
      await setCookie(theirs, `${name}=${token}`);
      kept += (await context.cookies(app)).length;
      assert.equal(await me(ours), "401 not_logged_in", `U+${blank.codePointAt(0).toString(16)}`);
      await context.clearCookies();
    }
  }
  assert.ok(kept >= 19, `the browser kept only ${kept} of them, so the test proves nothing`);
});

test("nor is a cookie without a name, in another case or in quotes", async () => {
  const [theirs, ours] = [await context.newPage(), await context.newPage()];
  await theirs.goto(sibling);
  await ours.goto(app);
  const pairs = [`${NAME}=${token}`, `=${NAME}=${token}`, `x=${NAME}=${token}`, `"${NAME}"=${token}`];
  for (const pair of [...pairs, `__host-gatecrumb-access=${token}`, `__HOST-gatecrumb-access=${token}`]) {
    await setCookie(theirs, pair);
    assert.equal(await me(ours), "401 not_logged_in", pair.slice(0, 30));
    await context.clearCookies();
  }
});
