// The look that the example and serve's page share, and what their sign-in forms offer.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { UNAVAILABLE } from "./harness/api-proxy.mjs";
import { fillIn, launch, newContext, signedIn } from "./harness/browser.mjs";
import { gatecrumb, root } from "./harness/process.mjs";
import { PASSWORD, startServers } from "./harness/servers.mjs";
import { signInQuietly } from "./harness/states.mjs";

const EXAMPLE = `${root}web/example/`;
const PAGE = `${root}tools/local/src/gateway/page/`;
const read = (path) => readFile(path, "utf8");

let servers, browser;
before(async () => {
  servers = await startServers();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

async function withPage(path, work) {
  const context = await newContext(browser);
  try {
    const page = await context.newPage();
    await page.goto(path);
    await page.locator("button:enabled", { hasText: "Sign in" }).waitFor();
    await work(page, context);
  } finally {
    await context.close();
  }
}

/** A module of the example, compiled as for `NODE_ENV`. */
async function load(path, nodeEnv = "production") {
  const { outputFiles } = await build({
    entryPoints: [EXAMPLE + path],
    bundle: true,
    write: false,
    format: "esm",
    define: { "process.env.NODE_ENV": JSON.stringify(nodeEnv) },
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

for (const file of ["look.css", "icon.svg"]) {
  test(`the example and serve's page have the same ${file}`, async () => {
    const help = `cp web/example/app/${file} tools/local/src/gateway/page/${file}`;
    assert.ok((await read(`${EXAMPLE}app/${file}`)) === (await read(PAGE + file)), `they differ: ${help}`);
  });
}

test("every color is a token, and every token has a value for light and for dark", async () => {
  const look = await read(`${EXAMPLE}app/look.css`);
  const tokens = (block) =>
    new Map([...block.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name, value]));
  const [light, dark] = [...look.matchAll(/:root \{(.*?)\}/gs)].map(([, block]) => tokens(block));
  const colors = [...light].filter(([, value]) => /^#/.test(value)).map(([name]) => name);
  assert.ok(colors.length > 10);
  assert.deepEqual(
    colors.filter((name) => !dark.has(name)),
    [],
    "without a value for dark",
  );
  for (const file of [`${EXAMPLE}app/look.css`, `${EXAMPLE}app/globals.css`, `${PAGE}page.css`]) {
    const css = (await read(file)).replaceAll(/:root \{.*?\}/gs, "");
    const used = [...css.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
    assert.deepEqual(
      used.filter((name) => !light.has(name)),
      [],
      file,
    );
    assert.equal(css.match(/#[0-9a-f]{3,8}\b/gi), null, file);
  }
});

test("both pages show the mark and the name, and the browser's tab shows the mark", async () => {
  for (const url of [`${servers.app}/sign-in`, servers.api]) {
    await withPage(url, async (page) => {
      assert.match(await page.locator(".brand").innerText(), /gatecrumb/);
      const mark = page.locator(".brand img");
      assert.ok(await mark.evaluate((image) => image.complete && image.naturalWidth > 0), url);
      const icon = await page.locator('link[rel="icon"]').first().getAttribute("href");
      const drawn = await page.evaluate(async (source) => {
        const image = Object.assign(new Image(), { src: source });
        await image.decode();
        return image.naturalWidth > 0;
      }, icon);
      assert.ok(drawn, url);
    });
  }
});

/** Both sign-in forms. */
const forms = (name, work) => {
  test(`example: ${name}`, () => withPage(`${servers.app}/sign-in`, work));
  test(`serve: ${name}`, () => withPage(servers.api, work));
};

forms("what a password manager looks for", async (page) => {
  const attributes = (selector) =>
    page.locator(selector).evaluate(({ id, name, type, autocomplete }) => ({ id, name, type, autocomplete }));
  assert.deepEqual(await attributes("form input >> nth=0"), {
    id: "username",
    name: "username",
    type: "text",
    autocomplete: "username",
  });
  assert.deepEqual(await attributes("form input >> nth=1"), {
    id: "password",
    name: "password",
    type: "password",
    autocomplete: "current-password",
  });
  assert.equal(await page.locator("form").getAttribute("method"), "post");
});

forms("the password can be shown and hidden; the string, the caret and the focus stay", async (page) => {
  const field = page.getByLabel("Password");
  const button = page.getByRole("button", { name: "Show password" });
  // The browser moves the caret when it draws the field anew.
  const drawn = () =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const state = async () => ({
    ...(await drawn()),
    ...(await field.evaluate((input) => ({
      type: input.type,
      value: input.value,
      selection: [input.selectionStart, input.selectionEnd],
      focused: document.activeElement === input,
    }))),
    pressed: await button.getAttribute("aria-pressed"),
  });
  await field.fill("a password");
  for (const selection of [
    [3, 3],
    [2, 6],
    [0, 0],
    [10, 10],
  ]) {
    await field.evaluate((input, range) => input.setSelectionRange(...range), selection);
    const kept = { value: "a password", selection, focused: true };
    await button.click();
    assert.deepEqual(await state(), { ...kept, type: "text", pressed: "true" });
    await button.click();
    assert.deepEqual(await state(), { ...kept, type: "password", pressed: "false" });
  }
  await button.focus();
  await page.keyboard.press("Space");
  assert.equal((await state()).type, "text");
  assert.ok(await button.evaluate((element) => element === document.activeElement));
});

forms("a shown password is hidden before it is sent", async (page) => {
  await page.getByRole("button", { name: "Show password" }).click();
  await fillIn(page, "not the password");
  await page.getByRole("alert").filter({ hasText: "Incorrect" }).waitFor();
  assert.equal(await page.getByLabel("Password").getAttribute("type"), "password");
});

forms("an error is tied to both fields; only wrong credentials make them invalid", async (page) => {
  const described = (label) =>
    page.getByLabel(label).evaluate((input) => ({
      invalid: input.getAttribute("aria-invalid"),
      by: (input.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id)?.innerText)
        .join(" "),
    }));
  for (const label of ["Username", "Password"]) assert.equal((await described(label)).invalid, null);
  await fillIn(page, "not the password");
  await page.getByRole("alert").filter({ hasText: "Incorrect" }).waitFor();
  for (const label of ["Username", "Password"]) {
    const { invalid, by } = await described(label);
    assert.equal(invalid, "true");
    assert.match(by, /^Incorrect username or password\./);
  }
  await page.route("**/auth/login", (route) => route.fulfill(UNAVAILABLE));
  await fillIn(page);
  await page
    .getByRole("alert")
    .filter({ hasText: /available/i })
    .waitFor();
  for (const label of ["Username", "Password"]) {
    const { invalid, by } = await described(label);
    assert.equal(invalid, null);
    assert.match(by, /available/i);
  }
});

test("who is signed in already sees who, and no form; another account can sign in", async () => {
  gatecrumb(["user", "create", "grace", "--state", servers.state, "--password-stdin"], "a password for grace\n");
  const context = await newContext(browser);
  await signInQuietly(context, servers);
  const page = await context.newPage();
  await page.goto(`${servers.app}/sign-in?next=/client`);
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  await page.getByRole("main").getByText("Demo User").waitFor();
  assert.equal(await page.locator("input").count(), 0);
  await page.getByRole("button", { name: "Use another account" }).click();
  assert.ok(await page.getByLabel("Username").evaluate((input) => input === document.activeElement));
  await fillIn(page, "a password for grace", "grace");
  await page.waitForURL(`${servers.app}/client`);
  await page.locator("#username", { hasText: "grace" }).waitFor();
  await page.goto(`${servers.app}/sign-in?next=/client`);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${servers.app}/client`);
  await context.close();
});

test("a sign-in in another tab replaces the form, and takes the focus with it", () =>
  withPage(`${servers.app}/sign-in`, async (page, context) => {
    await page.getByLabel("Password").focus();
    const other = await context.newPage();
    await other.goto(`${servers.app}/sign-in`);
    await fillIn(other);
    await signedIn(page);
    const heading = page.getByRole("heading", { name: "You are signed in" });
    await heading.waitFor();
    assert.ok(await heading.evaluate((element) => element === document.activeElement));
  }));

test("only a development server on this machine shows the demo user", async () => {
  const hosts = ["localhost:3001", "localhost", "127.0.0.1:3001", "[::1]:3001"];
  const others = ["example.com", "localhost.example.com", "localhost:3001.example.com", "127.0.0.1.nip.io", "", null];
  const [development, production] = [await load("lib/demo-user.ts", "development"), await load("lib/demo-user.ts")];
  for (const host of hosts) {
    assert.deepEqual(development.demoUser(host), { username: "demo", password: PASSWORD }, host);
    assert.equal(production.demoUser(host), undefined, host);
  }
  for (const host of others) assert.equal(development.demoUser(host), undefined, host);
  const html = await (await fetch(`${servers.app}/sign-in`)).text();
  assert.ok(!html.includes(PASSWORD));
});

test("a user without a name has one to show", async () => {
  const { displayName, initials } = await load("lib/names.ts");
  for (const [username, name, shown, short] of [
    ["demo", "Demo User", "Demo User", "DU"],
    ["demo", null, "demo", "D"],
    ["demo", "  ", "demo", "D"],
    ["ada.lovelace", null, "ada.lovelace", "AL"],
    ["demo", "Ada King of Lovelace", "Ada King of Lovelace", "AL"],
    ["demo", "李 小龙", "李 小龙", "李小"],
    ["demo", "𝒜da 𝒦ing", "𝒜da 𝒦ing", "𝒜𝒦"],
    ["...", null, "...", "?"],
  ]) {
    assert.equal(displayName({ username, name }), shown);
    assert.equal(initials({ username, name }), short);
  }
});
