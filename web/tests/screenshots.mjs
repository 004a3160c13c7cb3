// Writes a screenshot of every state of every page, in light and dark, narrow and wide: `npm run screenshots -w
// @gatecrumb/tests`. An argument selects the states whose name contains it.
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launch } from "./harness/browser.mjs";
import { startServers } from "./harness/servers.mjs";
import { inState, STATES } from "./harness/states.mjs";

const out = fileURLToPath(new URL("screenshots/", import.meta.url));
const wanted = STATES.filter(({ name }) => name.includes(process.argv[2] ?? ""));

await mkdir(out, { recursive: true });
const servers = await startServers();
const browser = await launch();
try {
  for (const state of wanted) {
    await inState(state, { browser, servers }, async (page) => {
      for (const colorScheme of ["light", "dark"]) {
        for (const width of [390, 1280]) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await page.setViewportSize({ width, height: 800 });
          const file = `${state.name.replaceAll(/[^a-z]+/gi, "-")}-${width}-${colorScheme}.png`;
          await page.screenshot({ path: out + file, animations: "disabled" });
        }
      }
    });
    console.log(state.name);
  }
  console.log(`in ${out}`);
} finally {
  await browser.close();
  await servers.stop();
}
