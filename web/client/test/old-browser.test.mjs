// The oldest supported browsers: Chrome 91, Edge 91, Firefox 79 and Safari 14.1.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const BROWSERS = ["chrome91", "edge91", "firefox79", "safari14.1"];

for (const entry of ["index", "api"]) {
  test(`the syntax of ${entry} is theirs`, async () => {
    const built = async (target) => {
      const options = { bundle: true, format: "esm", write: false, entryPoints: [`${here}../dist/${entry}.js`] };
      return (await build({ ...options, target })).outputFiles[0].text;
    };
    assert.equal(await built(BROWSERS), await built("esnext"), "esbuild had to rewrite newer syntax");
  });
}

test("all other tests pass without the newer functions", () => {
  const tests = ["abort", "api", "cookies", "errors", "fetch", "forbidden", "origins", "session", "tabs", "watch"];
  const files = readdirSync(here).filter((file) => tests.includes(file.replace(".test.mjs", "")));
  assert.equal(files.length, tests.length);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // otherwise the inner run reports to the outer one
  const args = ["--import", `${here}old-browser.mjs`, "--test", ...files];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: here, encoding: "utf8", env });
  assert.equal(status, 0, stdout);
});
