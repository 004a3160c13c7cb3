// To which origins `auth.fetch` sends cookies, and for which it refreshes: those that the app has named, and no others.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { createAuth as createApiAuth } from "../dist/api.js";
import { createAuth } from "../dist/index.js";
import { page, refreshed } from "./fake.mjs";

const PAGE = "https://app.example/";
const BASE = "https://auth.example/base";
const API = "https://api.example.com";
const LOCAL_API = "http://localhost:8080";
const apis = [API, LOCAL_API, "https://xn--bcher-kva.example", "https://[::1]:8443"];
const NAMED = ["https://app.example", "https://auth.example", ...apis];

// A browser resolves the URL of a Request against the page; Node.js has no page.
const NodeRequest = globalThis.Request;
before(() => {
  globalThis.Request = class extends NodeRequest {
    constructor(input, init) {
      super(typeof input === "string" ? new URL(input, location) : input, init);
    }
  };
});

/** Sends one request, to which everybody but gatecrumb responds with 401, and returns what the network got. */
async function observe(input, init, { create = createAuth, options = {}, respond } = {}) {
  page({});
  globalThis.location = new URL(PAGE);
  const sent = [];
  let refreshes = 0;
  globalThis.fetch = async (request, sentInit) => {
    if (request === `${BASE}/auth/refresh`) return (refreshes++, refreshed());
    assert.equal(sentInit, undefined);
    sent.push({ url: request.url, credentials: request.credentials });
    return respond?.() ?? new Response(null, { status: 401 });
  };
  const auth = create({ baseUrl: BASE, apis, initialUser: null, ...options });
  const result = await auth.fetch(input, init).then(
    ({ status }) => status,
    ({ code }) => code,
  );
  auth.close();
  return { sent, refreshes, result };
}

/** Whether these observations are those of a named origin or of any other one; false if they are neither. */
function kindOf({ sent, refreshes }) {
  const how = `${sent.map(({ credentials }) => credentials)} ${refreshes}`;
  return { "include,include 1": "named", "same-origin 0": "foreign", " 0": "not sent" }[how] ?? how;
}

const cases = [
  // The page's own origin, in every spelling.
  ["/notes", "named"],
  ["notes?next=https://evil.example", "named"],
  ["", "named"],
  ["#top", "named"],
  ["https://app.example", "named"],
  ["HTTPS://APP.EXAMPLE:443/notes", "named"],
  ["https:/notes", "named"],
  ["//app.example/notes", "named"],
  [" https://app.example/notes\n", "named"],
  ["https://app.example/https://evil.example/", "named"],
  // The API of the base URL, and the named ones.
  ["https://auth.example/notes", "named"],
  ["https://api.example.com/v1/notes", "named"],
  ["https://API.EXAMPLE.com:0443/notes", "named"],
  ["https:\\\\api.example.com\\notes", "named"],
  ["//api.example.com/notes", "named"],
  ["ht\ntps://api.exa\tmple.com/notes", "named"],
  ["https://%61pi.example.com/", "named"],
  ["https://ａｐｉ.example.com/", "named"],
  ["https://bücher.example/", "named"],
  ["https://BÜCHER.example/", "named"],
  ["https://[0:0::1]:8443/", "named"],
  ["http://localhost:8080/", "named"],
  // Another scheme, port or host is another origin.
  ["http://app.example/notes", "foreign"],
  ["http://api.example.com/", "foreign"],
  ["https://app.example:8443/", "foreign"],
  ["https://api.example.com:444/", "foreign"],
  ["https://localhost:8080/", "foreign"],
  ["http://localhost/", "foreign"],
  ["http://localhost:80800/", "not sent"],
  ["http://127.0.0.1:8080/", "foreign"],
  ["https://[::1]/", "foreign"],
  ["https://api.example.com./", "foreign"],
  ["https://example.com/", "foreign"],
  ["https://www.api.example.com/", "foreign"],
  ["https://evilapi.example.com/", "foreign"],
  ["https://api.example.com.evil.example/", "foreign"],
  ["https://api.example.comevil/", "foreign"],
  ["https://evil.example/https://api.example.com/", "foreign"],
  ["https://evil.example?https://api.example.com/", "foreign"],
  ["https://evil.example#https://api.example.com/", "foreign"],
  ["https://evil.example\\@api.example.com/", "foreign"],
  ["//evil.example/notes", "foreign"],
  ["\\\\evil.example/notes", "foreign"],
  ["/\\evil.example/notes", "foreign"],
  ["https:///evil.example", "foreign"],
  ["https://ap\u0456.example.com/", "foreign"], // a Cyrillic letter
  ["https://bucher.example/", "foreign"],
  // A URL with a name or password cannot be requested at all.
  ["https://api.example.com@evil.example/", "not sent"],
  ["https://user:secret@api.example.com/", "not sent"],
  ["https://api.example.com:443@evil.example/", "not sent"],
  ["https://api.example.com%00.evil.example/", "not sent"],
  ["http://[", "not sent"],
  // No host, although some have an origin.
  ["data:text/plain,https://api.example.com/", "foreign"],
  ["blob:https://api.example.com/0", "foreign"],
  ["blob:https://app.example/0", "foreign"],
  ["blob:null/0", "foreign"],
  ["about:blank", "foreign"],
  ["file:///etc/passwd", "foreign"],
  ["javascript:alert(1)", "foreign"],
];
const forms = {
  "a string": (url) => [url],
  "a URL": (url) => [new URL(url, PAGE)],
  "a Request": (url) => [new Request(url)],
  "a Request with cookies": (url) => [new Request(url, { credentials: "include" })],
  "a string with cookies": (url) => [url, { credentials: "include" }],
  "a string and a body": (url) => [url, { method: "PUT", body: "text" }],
};
for (const [name, create] of Object.entries({ "the core": createAuth, "the api": createApiAuth })) {
  for (const [form, make] of Object.entries(forms)) {
    test(`${name}: ${cases.length} URLs as ${form}`, async () => {
      for (const [url, expected] of cases) {
        let input, init;
        try {
          [input, init] = make(url);
        } catch {
          continue; // neither a URL nor a Request
        }
        const result = await observe(input, init, { create });
        assert.equal(kindOf(result), expected, url);
        assert.equal(result.result, expected === "not sent" ? "invalid_request" : 401, url);
      }
    });
  }
}

test("without a base URL and APIs, only the page's own origin is named", async () => {
  for (const [url, expected] of [
    ["https://app.example/notes", "named"],
    ["https://auth.example/notes", "foreign"],
    [API, "foreign"],
  ]) {
    const { sent } = await observe(url, {}, { options: { baseUrl: undefined, apis: undefined } });
    assert.equal(sent[0].credentials, expected === "named" ? "include" : "same-origin", url);
  }
});

test("the caller's own `credentials` count for a named origin", async () => {
  for (const credentials of ["omit", "same-origin"]) {
    assert.equal((await observe(API, { credentials })).sent[0].credentials, credentials);
  }
});

// Random spellings of URLs. What reaches the network is compared part by part with the named origins.
function randomly(seed) {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const pick = (...from) => from[Math.floor(next() * from.length)];
  const flip = (text) => [...text].map((letter) => (next() < 0.2 ? letter.toUpperCase() : letter)).join("");
  const host = () =>
    pick("", "", "evil.", "www.", "x") +
    flip(
      pick("app.example", "auth.example", "api.example.com", "localhost", "bücher.example", "[::1]", "evil.example"),
    ) +
    pick("", "", "", ".", ".evil.example", "%2eevil.example", "\t", "\u3002evil.example");
  const url =
    flip(pick("https:", "https:", "http:", "", "blob:https:", "ftp:", "view-source:https:")) +
    pick("//", "//", "//", "/", "\\\\", "/\\", "///", "") +
    pick("", "", "", "api.example.com@", "a:b@", "@", "app.example\\@") +
    host() +
    pick("", "", ":443", ":8080", ":8443", ":", ":80", ":00443", ":99999") +
    pick("", "/", "/notes", "?", "#", "\\", "/../..", "@api.example.com", "/https://api.example.com", "\n");
  return url;
}
test("random URLs: cookies and refreshes for the named origins only", async () => {
  const seen = {};
  for (let seed = 1; seed <= 3000; seed++) {
    const url = randomly(Math.imul(seed, 2654435761) >>> 0);
    const observed = await observe(url, seed % 2 ? { credentials: "include" } : undefined);
    const kind = kindOf(observed);
    seen[kind] = (seen[kind] ?? 0) + 1;
    for (const { url: target } of observed.sent) {
      const { protocol, hostname, port, username, password } = new URL(target);
      const isNamed = NAMED.some((origin) => {
        const named = new URL(origin);
        return named.protocol === protocol && named.hostname === hostname && named.port === port;
      });
      assert.equal(username + password, "");
      assert.equal(kind, isNamed ? "named" : "foreign", `seed ${seed}: ${JSON.stringify(url)} went to ${target}`);
    }
  }
  for (const kind of ["named", "foreign", "not sent"]) assert.ok(seen[kind] > 100, JSON.stringify(seen));
  assert.equal(Object.keys(seen).length, 3, JSON.stringify(seen));
});

for (const [entry, origin] of [
  ["api.example.com"],
  ["//api.example.com"],
  ["https://api.example.com/v1"],
  ["https://api.example.com?"],
  ["https://user@api.example.com"],
  ["https://*.example.com"],
  ["*"],
  [""],
  ["null"],
  ["wss://api.example.com"],
  ["data:,"],
  ["blob:https://api.example.com/0"],
  ["https://api.example.com", "https://api.example.com"],
  ["https://api.example.com/", "https://api.example.com"],
  ["HTTPS://API.example.com:443", "https://api.example.com"],
  ["http://localhost:8080", "http://localhost:8080"],
]) {
  test(`the api with apis: ["${entry}"] ${origin ? `names ${origin}` : "does not start"}`, async () => {
    if (origin) {
      const observed = await observe(`${origin}/notes`, {}, { create: createApiAuth, options: { apis: [entry] } });
      assert.equal(kindOf(observed), "named");
    } else {
      const start = () => createApiAuth({ apis: [API, entry] });
      assert.throws(start, (error) => error.message.includes(JSON.stringify(entry)) && /createAuth: apis/.test(error));
    }
  });
}

for (const [name, create] of Object.entries({ "the core": createAuth, "the api": createApiAuth })) {
  test(`${name} on a server: no relative URL is named, and an absolute one is`, async () => {
    page({});
    delete globalThis.location;
    const sent = [];
    globalThis.fetch = async ({ credentials }) => (sent.push(credentials), new Response(null, { status: 200 }));
    globalThis.Request = NodeRequest;
    const auth = create({ apis: [API] });
    for (const url of [API, "https://app.example/notes"]) assert.equal((await auth.fetch(url)).status, 200);
    await assert.rejects(auth.fetch("/notes"), { name: "AuthError", code: "invalid_request" });
    assert.deepEqual(sent, ["include", "same-origin"]);
  });
}
