// A page without a browser: its location, its cookies, and an API with scripted responses.
import { createAuth } from "../dist/index.js";

// Without `unref`, an open channel keeps the process alive.
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

/** A 401 whose body never ends, such as one of a proxy that died. */
export const endless = (contentType, status = 401) =>
  new Response(new ReadableStream({}), { status, headers: { "content-type": contentType } });
export const html = (status) =>
  new Response("<html>Please log in</html>", { status, headers: { "content-type": "text/html" } });

/**
 * A route whose response waits for `respond(response)`; `requested` resolves when the request arrives. An abort of the
 * request rejects it, unless `ignoresAbort` is set.
 */
export function heldResponse({ ignoresAbort = false } = {}) {
  let respond;
  const response = new Promise((resolve) => (respond = resolve));
  let arrived;
  const requested = new Promise((resolve) => (arrived = resolve));
  const handler = (_request, signal) => {
    arrived();
    return new Promise((resolve, reject) => {
      response.then(resolve);
      if (!ignoresAbort) signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
  };
  return Object.assign(handler, { respond, requested });
}

let channels = 0;
/** The base URL of the last page. */
export const lastBaseUrl = () => `https://app.example:${channels}`;

/**
 * A page and its API. `routes` maps "me", "refresh", … or a path to a list of responses. They are used in order, and
 * the last one is repeated.
 */
export function page(routes, { cookie = "gatecrumb-hint=1", options = {} } = {}) {
  const requests = [];
  const queues = new Map(Object.entries(routes).map(([name, responses]) => [name, [].concat(responses)]));
  globalThis.document = { cookie, hidden: false };
  const events = new EventTarget();
  for (const name of ["addEventListener", "removeEventListener"]) globalThis[name] = events[name].bind(events);
  globalThis.location = new URL("https://app.example/");
  globalThis.fetch = async (input, init = {}) => {
    const request = input instanceof Request ? input : new Request(new URL(input, location), init);
    const signal = init.signal ?? request.signal;
    if (signal.aborted) throw new DOMException("", "AbortError"); // nothing is sent
    const { pathname, search } = new URL(request.url);
    const name = pathname.replace("/auth/", "") + search;
    requests.push(name);
    const queue = queues.get(name);
    if (!queue) throw new Error(`no route for ${name}`);
    const response = queue.length > 1 ? queue.shift() : queue[0];
    return typeof response === "function" ? response(request, signal) : response.clone();
  };
  // Each page has its own channel, so that no message of an earlier test reaches it.
  const baseUrl = options.baseUrl ?? (channels++, lastBaseUrl());
  const tab = (more = {}, create = createAuth) => create({ baseUrl, ...options, ...more });
  /** Dispatches an event of the window, with these properties. */
  const dispatch = (type, properties) => events.dispatchEvent(Object.assign(new Event(type), properties));
  return { requests, tab, dispatch, auth: tab() };
}
