// A page without a browser: its location, its cookies, and an API that answers from a script.
import { createAuth } from "../dist/src/index.js";

// Node's own channel would keep the process alive.
const NodeChannel = globalThis.BroadcastChannel;
globalThis.BroadcastChannel = class extends NodeChannel {
  constructor(name) {
    super(name);
    this.unref();
  }
};

export const ADA = { id: "u1", username: "ada", email: null, name: "Ada", roles: ["admin"] };
export const BOB = { id: "u2", username: "bob", email: null, name: null, roles: [] };

export const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
export const problem = (status, code, more = {}) =>
  json(
    status,
    { type: "about:blank", title: code, status, code, ...more },
    { "content-type": "application/problem+json" },
  );
export const me = (user = ADA) => json(200, { user, session: {} });
export const refreshed = () => json(200, { expires_in: 900 });
export const loggedIn = (user = ADA) => json(200, { user, expires_in: 900 });
export const noContent = () => new Response(null, { status: 204 });
export const offline = () => {
  throw new TypeError("Failed to fetch");
};

/** An answer that the test gives when it likes, unless the request is aborted before; `deaf`: nevertheless. */
export function held({ deaf = false } = {}) {
  let give;
  const answer = new Promise((resolve) => (give = resolve));
  let arrived;
  const asked = new Promise((resolve) => (arrived = resolve));
  const handler = (_request, signal) => {
    arrived();
    return new Promise((resolve, reject) => {
      answer.then(resolve);
      if (!deaf) signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return Object.assign(handler, { give, asked });
}

let channels = 0;
/** Of the page made last. */
export const lastBaseUrl = () => `https://app.example:${channels}`;

/**
 * A page and its API. `routes` maps "me", "refresh", … or a path to a list of answers, taken in order, the last one
 * again and again.
 */
export function page(routes, { cookie = "gatecrumb-hint=1", options = {} } = {}) {
  const asked = [];
  const queues = new Map(Object.entries(routes).map(([name, answers]) => [name, [].concat(answers)]));
  globalThis.document = { cookie };
  globalThis.location = new URL("https://app.example/");
  globalThis.fetch = async (input, init = {}) => {
    const request = input instanceof Request ? input : new Request(new URL(input, location), init);
    const { pathname, search } = new URL(request.url);
    const name = pathname.replace("/auth/", "") + search;
    asked.push(name);
    const queue = queues.get(name);
    if (!queue) throw new Error(`nobody answers ${name}`);
    const answer = queue.length > 1 ? queue.shift() : queue[0];
    const signal = init.signal;
    signal?.throwIfAborted();
    return typeof answer === "function" ? answer(request, signal) : answer.clone();
  };
  // Each test has a channel of its own: messages of an earlier one must not reach it.
  const baseUrl = options.baseUrl ?? (channels++, lastBaseUrl());
  const tab = (more = {}) => createAuth({ baseUrl, ...options, ...more });
  return { asked, tab, auth: tab() };
}
