// Starts `gatecrumb serve`, the example's production build, and a proxy between them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApiProxy } from "./api-proxy.mjs";
import { bin, freePorts, gatecrumb, notesBin, root, start } from "./process.mjs";
import { startTlsProxy } from "./tls.mjs";
import { createMint } from "./tokens.mjs";

export const PASSWORD = "correct horse battery staple";
const PROXY_SETTINGS = { PROXY_SECRET: "a-secret-of-the-tests-alone-0123456789", CLIENT_ADDRESS_HEADER: "x-real-ip" };

/**
 * `origins`: further allowed origins. `tls`: a certificate, if browsers use https. `notes`: also starts the notes API, with
 * the strict authorizer.
 */
export async function startServers({ origins = [], tls, notes = false } = {}) {
  const [apiPort, proxyPort, dynamodbPort, appPort, appTlsPort, apiTlsPort, notesPort] = await freePorts(7);
  const state = await mkdtemp(join(tmpdir(), "gatecrumb-web-"));
  const proxyUrl = `http://localhost:${proxyPort}`;
  const app = tls ? `https://localhost:${appTlsPort}` : `http://localhost:${appPort}`;
  const api = tls ? `https://localhost:${apiTlsPort}` : proxyUrl;
  const notesUrl = `http://localhost:${notesPort}`;
  const stops = [() => rm(state, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const allowed = [app, api, ...origins].join(",");
    const env = { ...PROXY_SETTINGS, ALLOWED_ORIGINS: allowed, COOKIE_INSECURE: tls ? "false" : "true" };
    const args = ["serve", "--state", state, "--port", `${apiPort}`, "--dynamodb-port", `${dynamodbPort}`];
    stops.push(await start(bin, args, env, /Ctrl-C stops it/));
    const proxy = await startApiProxy(proxyPort, `http://localhost:${apiPort}`);
    stops.push(proxy.stop);
    const { verifying_keys, issuer } = JSON.parse(gatecrumb(["key", "public", "--state", state, "--json"]));
    const keys = JSON.stringify(verifying_keys);
    /** Starts the example on a port, with these keys. */
    const startApp = async (port, verifyingKeys) => {
      const settings = {
        GATECRUMB_URL: proxyUrl,
        ISSUER: issuer,
        COOKIE_PREFIX: tls ? "__Host-" : "",
        VERIFYING_KEYS: verifyingKeys,
        NOTES_URL: notesUrl,
      };
      const next = [
        `${root}web/node_modules/next/dist/bin/next`,
        "start",
        "--hostname",
        "localhost",
        "--port",
        `${port}`,
      ];
      const common = { ...PROXY_SETTINGS, ...settings, NEXT_TELEMETRY_DISABLED: "1" };
      stops.push(await start(process.execPath, next, common, /Ready in/, `${root}web/example`));
    };
    if (notes) {
      const dynamodb = `http://127.0.0.1:${dynamodbPort}`;
      const options = ["--port", `${notesPort}`, "--dynamodb", dynamodb, "--state", state, "--allowed-origins", app];
      const log = /notes-api is running/;
      stops.push(await start(notesBin, [...options, "--strict"], { GATECRUMB_BIN: bin }, log));
    }
    await startApp(appPort, keys);
    if (tls) {
      stops.push(await startTlsProxy(appTlsPort, `http://localhost:${appPort}`, tls));
      stops.push(await startTlsProxy(apiTlsPort, proxyUrl, tls));
    }
    return { app, api, notes: notesUrl, issuer, keys, state, proxy, startApp, stop, mint: await createMint(state) };
  } catch (error) {
    await stop();
    throw error;
  }
}
