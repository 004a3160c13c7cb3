// Fails when an entry point, minified and gzipped, exceeds its budget in bytes. Each is measured without the core, and without what it shares with `./api`.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUDGETS = {
  ".": 2500,
  "./api": 1050,
  "./react": 550,
  "./vue": 350,
  "./svelte": 250,
  "./testing": 1000,
  "./next": 5000,
};

const PEERS = ["react", "vue", "next", "jose"];
/** The core's modules that other entry points share with it. */
const CORE = ["./index.js", "./error.js", "./origin.js", "./recover.js"];

async function size(file, external) {
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", write: false, external };
  const { outputFiles } = await build({ ...options, entryPoints: [new URL(`../${file}`, import.meta.url).pathname] });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
for (const [entry, { default: file }] of Object.entries(exports)) {
  if (!file) continue; // ./package.json
  const bytes = await size(
    file,
    entry === "." ? [] : [...PEERS, ...CORE, ...(entry === "./api" ? [] : ["./recovery.js"])],
  );
  const budget = BUDGETS[entry];
  const verdict = bytes <= budget ? "" : ": OVER BUDGET";
  console.log(`@gatecrumb/client${entry.slice(1)}: ${bytes} of ${budget} bytes${verdict}`);
  if (verdict) process.exitCode = 1;
}
