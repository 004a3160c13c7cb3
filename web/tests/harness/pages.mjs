// Pages on other origins.
import { createServer } from "node:http";
import { freePorts } from "./process.mjs";

/** Serves `html`, and the scripts in `files` by path, on a loopback host. */
export async function servePage(html, { host = "localhost", port, files = {} } = {}) {
  const listenOn = port ?? (await freePorts(1))[0];
  const server = createServer((request, response) => {
    const script = files[request.url];
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ?? html);
  });
  await new Promise((resolve) => server.listen(listenOn, host, resolve));
  return {
    origin: `http://${host}:${listenOn}`,
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
