// Pages on other origins.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { freePorts } from "./process.mjs";

/** Serves `html`, and the scripts in `files` by path, on a loopback host. `tls`: a certificate, for https. */
export async function servePage(html, { host = "localhost", port, files = {}, headers, tls } = {}) {
  const listenOn = port ?? (await freePorts(1))[0];
  const respond = (request, response) => {
    const script = files[request.url];
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html", ...headers });
    response.end(script ?? html);
  };
  const server = tls ? createTlsServer(tls, respond) : createServer(respond);
  await new Promise((resolve) => server.listen(listenOn, host, resolve));
  return {
    origin: `${tls ? "https" : "http"}://${host}:${listenOn}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
