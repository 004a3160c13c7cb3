// Ports and processes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const bin = process.env.GATECRUMB_BIN ?? `${root}target/debug/gatecrumb`;
export const notesBin = process.env.NOTES_LOCAL_BIN ?? `${root}target/debug/notes-local`;

/** Distinct unused ports. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** How long a program may take to end by itself. */
const STOP_MS = 5000;
const running = new Set();
// A test file that is interrupted, or ended because it exceeds its time, runs no hooks.
process.on("exit", () => running.forEach((child) => signal(child, "SIGKILL")));
for (const name of ["SIGHUP", "SIGINT", "SIGTERM"]) process.once(name, () => process.exit(1));

/** Signals the program and those that it started. */
function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

async function end(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    signal(child, "SIGTERM");
    const late = setTimeout(() => signal(child, "SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(late);
  }
  signal(child, "SIGKILL"); // what it started and did not end
  running.delete(child);
}

/**
 * Starts a program and waits until its output matches `ready`. Resolves to what matched, and to the function that stops
 * the program and those that it started.
 */
export async function launchProgram(command, args, { ready = /^/, env, cwd = root } = {}) {
  const options = { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true };
  const child = spawn(command, args, options);
  let output = "";
  const match = await new Promise((resolve, reject) => {
    const read = (chunk = "") => {
      output += chunk;
      const found = ready.exec(output);
      if (found) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("spawn", () => {
      running.add(child);
      read();
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
  });
  return { match, stop: () => end(child) };
}

/** The same. Resolves to the function that stops it. */
export async function start(command, args, env, ready, cwd) {
  return (await launchProgram(command, args, { ready, env, cwd })).stop;
}

/** Runs `gatecrumb` to completion, with `input` as standard input, and returns its output. */
export function gatecrumb(args, input = "") {
  const { status, stdout, stderr } = spawnSync(bin, args, { encoding: "utf8", input });
  if (status !== 0) throw new Error(`gatecrumb ${args[0]} ${args[1]}: ${stderr}`);
  return stdout;
}
