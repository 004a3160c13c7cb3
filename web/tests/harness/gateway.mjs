// Stands between the app and gatecrumb: counts what arrives, and can be out of order.
import { createServer, request as send } from "node:http";

export async function createGateway(port, target) {
  const seen = [];
  let fault;
  const server = createServer((incoming, outgoing) => {
    seen.push({ method: incoming.method, path: incoming.url, headers: incoming.headers });
    if (fault === "cut") return incoming.socket.destroy();
    if (fault) return outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    const options = { method: incoming.method, headers: incoming.headers };
    const upstream = send(new URL(incoming.url, target), options, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on("error", () => incoming.socket.destroy());
    incoming.pipe(upstream);
  });
  await new Promise((resolve) => server.listen(port, "localhost", resolve));
  return {
    seen,
    /** The paths asked since the last call. */
    takeSeen: () => seen.splice(0).map(({ method, path }) => `${method} ${path.replace("/auth/", "")}`),
    /** From now on: `cut`, an answer as `{status, headers, body}`, or nothing again. */
    break: (how) => (fault = how),
    stop: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

/** What gatecrumb answers while DynamoDB is away. */
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
