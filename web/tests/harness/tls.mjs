// https on this machine, with a self-signed certificate.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forward } from "./api-proxy.mjs";

/** A key and a certificate that no browser trusts. */
export async function certificate() {
  const directory = await mkdtemp(join(tmpdir(), "gatecrumb-tls-"));
  try {
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const { status, stderr, error } = spawnSync("openssl", [...args, ...names, "-keyout", key, "-out", cert]);
    if (status !== 0) throw new Error(`openssl: ${error ?? stderr}`);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Serves the http server at `target` as `https://localhost:PORT`. */
export async function startTlsProxy(port, target, tls) {
  const server = createServer(tls, (incoming, outgoing) =>
    forward(incoming, outgoing, target, { "x-forwarded-proto": "https", "x-forwarded-host": incoming.headers.host }),
  );
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
}
