// Runs a command with the settings of the local `gatecrumb serve`. The environment takes precedence.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The public keys and the issuer of `gatecrumb serve`; each project has its own issuer. */
function localSettings() {
  const [command, ...before] = process.env.GATECRUMB_BIN
    ? [process.env.GATECRUMB_BIN]
    : ["cargo", "run", "--quiet", "--"];
  const args = [...before, "key", "public", "--json"];
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) {
    console.error("No keys to verify tokens with: start `cargo run -- serve` first, or set VERIFYING_KEYS.");
    process.exit(1);
  }
  const { verifying_keys, issuer } = JSON.parse(stdout);
  return { VERIFYING_KEYS: JSON.stringify(verifying_keys), ISSUER: issuer, COOKIE_PREFIX: "" };
}

const local = process.env.VERIFYING_KEYS ? {} : localSettings();
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: "inherit", env: { ...local, ...process.env } });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
