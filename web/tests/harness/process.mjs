// Ports and processes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const bin = process.env.GATECRUMB_BIN ?? `${root}target/debug/gatecrumb`;

/** Distinct unused ports. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts a program and waits until its output contains `ready`. Resolves to the function that stops it. */
export async function start(command, args, env, ready, cwd = root) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      if (output.includes(ready)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
  });
  return async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
}

/** Runs `gatecrumb` to completion, with `input` as standard input, and returns its output. */
export function gatecrumb(args, input = "") {
  const { status, stdout, stderr } = spawnSync(bin, args, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`gatecrumb ${args[0]} ${args[1]}: ${stderr}`);
  return stdout;
}
