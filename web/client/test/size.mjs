// Fails when @gatecrumb/client, minified and gzipped, reaches the limit that its README states.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 2500;

async function size(entry) {
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", write: false, external: ["react"] };
  const { outputFiles } = await build({ ...options, entryPoints: [new URL(entry, import.meta.url).pathname] });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const core = await size("../dist/index.js");
const react = await size("../dist/react.js");
console.log(`@gatecrumb/client: ${core} bytes minified and gzipped (limit ${LIMIT}); React part: ${react} bytes more`);
if (core >= LIMIT) process.exit(1);
