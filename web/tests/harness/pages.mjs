// Pages of other origins.
import { createServer } from "node:http";
import { freePorts } from "./process.mjs";

/** Serves one page, and what `files` holds, on a host of this machine. */
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
