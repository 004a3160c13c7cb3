// An HTTP proxy between the app and gatecrumb: records the requests, and can delay them and simulate faults.
import { createServer, request as send } from "node:http";

/** Sends a request on to `target`, and its response back. */
export function forward(incoming, outgoing, target, headers = {}) {
  const options = { method: incoming.method, headers: { ...incoming.headers, ...headers } };
  const upstream = send(new URL(incoming.url, target), options, (response) => {
    outgoing.writeHead(response.statusCode, response.headers);
    response.pipe(outgoing);
  });
  upstream.on("error", () => incoming.socket.destroy());
  incoming.pipe(upstream);
}

export async function startApiProxy(port, target) {
  const requests = [];
  let fault, group;
  const server = createServer((incoming, outgoing) => {
    requests.push({ method: incoming.method, path: incoming.url, headers: incoming.headers });
    if (fault === "cut") return incoming.socket.destroy();
    if (fault) return outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    const pass = () => forward(incoming, outgoing, target);
    if (incoming.url !== group?.path) return pass();
    group.waiting.push(pass);
    if (group.waiting.length < group.size) return;
    const { waiting } = group;
    group = undefined;
    for (const each of waiting) each();
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return {
    requests,
    /** Removes and returns the recorded requests, as `METHOD path`. */
    takeRequests: () => requests.splice(0).map(({ method, path }) => `${method} ${path.replace("/auth/", "")}`),
    /** From now on: `"cut"` closes each connection, `{status, headers, body}` is each response, `undefined` is no fault. */
    setFault: (next) => (fault = next),
    /** Holds the next requests for `path` until `size` of them have arrived. */
    gather: (path, size) => (group = { path, size, waiting: [] }),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

/** gatecrumb's response while DynamoDB is unavailable. */
export const UNAVAILABLE = {
  status: 503,
  headers: { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "1" },
  body: JSON.stringify({
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    code: "unavailable",
    retry_after: 1,
  }),
};
