// axe and narrow screens, in every state of the example and of serve's page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch } from "./harness/browser.mjs";
import { startServers } from "./harness/servers.mjs";
import { inState, STATES } from "./harness/states.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** All rules, and those whose result depends on the colors: only the latter run again in dark. */
const ALL = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
const COLORS = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

let servers, browser;
before(async () => {
  servers = await startServers();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

/** What axe finds, as `rule: element`. */
async function violations(page, runOnly = ALL) {
  // Not a script element, which the page's Content Security Policy would refuse.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    const found = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }, runOnly);
}

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const barHeight = (page) => page.locator(".bar").evaluate((bar) => bar.getBoundingClientRect().height);

for (const state of STATES) {
  test(`${state.name}: axe finds nothing, and a narrow screen shows all of it`, async () => {
    await inState(state, { browser, servers }, async (page) => {
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 800 });
        assert.equal(await overflow(page), 0, `no horizontal scrolling at ${width} px`);
        assert.equal(await barHeight(page), 64, `the header is one row at ${width} px`);
        if (width < 390) continue;
        // Without transitions, so that no color is between two values.
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        assert.deepEqual(await violations(page), [], `light, ${width} px`);
        await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
        assert.deepEqual(await violations(page, COLORS), [], `dark, ${width} px`);
      }
    });
  });
}

test("axe would find a fault: it runs despite the Content Security Policy of serve's page", async () => {
  const state = STATES.find(({ name }) => name === "serve, signed out");
  await inState(state, { browser, servers }, async (page) => {
    await page.evaluate(() => document.querySelector('label[for="username"]').remove());
    assert.match((await violations(page)).join(), /^label: <input id="username"/);
  });
});

test("nothing moves for those who prefer reduced motion", async () => {
  for (const state of STATES.filter(({ name }) => /loading/.test(name))) {
    await inState(state, { browser, servers }, async (page) => {
      const moving = () => page.evaluate(() => document.getAnimations().length);
      await page.emulateMedia({ reducedMotion: "no-preference" });
      assert.ok((await moving()) > 0, state.name);
      await page.emulateMedia({ reducedMotion: "reduce" });
      assert.equal(await moving(), 0, state.name);
    });
  }
});
