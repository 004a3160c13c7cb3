// Runs a command with the settings of this machine's `gatecrumb serve`, as far as the environment has none.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

function publicKeys() {
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
    console.error("There are no keys to verify tokens with. Start `cargo run -- serve` first, or set VERIFYING_KEYS.");
    process.exit(1);
  }
  return JSON.stringify(JSON.parse(stdout).verifying_keys);
}

const local = process.env.VERIFYING_KEYS
  ? {}
  : { VERIFYING_KEYS: publicKeys(), ISSUER: "gatecrumb-local", COOKIE_PREFIX: "" };
const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: "inherit", env: { ...local, ...process.env } });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
