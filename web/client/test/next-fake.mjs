// A Next.js app's server without Next.js: keys, tokens, cookies, the headers of a request, and an API.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { serverAuth } from "../dist/next/server-auth.js";
import { readSettings } from "../dist/next/settings.js";

export const ISSUER = "https://auth.example";
const now = Math.floor(Date.now() / 1000);

export async function createKey(alg = "EdDSA") {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, privateKey, jwk: { ...jwk, kid, alg, use: "sig" }, privateJwk: await exportJWK(privateKey) };
}
export const key = await createKey();
const otherKey = await createKey();
export const KEYS = { keys: [key.jwk] };

/** An access token. `claims` replaces some, `header` too; `by` signs. */
export const mint = ({ claims = {}, header = {}, by = key } = {}) =>
  new SignJWT({
    iss: ISSUER,
    aud: ISSUER,
    sub: "user-1",
    sid: "session-1",
    jti: "token-1",
    iat: now - 10,
    exp: now + 900,
    roles: ["admin"],
    ...claims,
  })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: by.kid, ...header })
    .sign(by.privateKey);

const past = { iat: now - 2000, exp: now - 1000 };
export const TOKENS = {
  good: await mint(),
  older: await mint({ claims: { sub: "user-0", iat: now - 500 } }),
  expired: await mint({ claims: past }),
  forged: await mint({ by: { ...otherKey, kid: key.kid } }),
  unknownKey: await mint({ by: otherKey }),
  foreign: await mint({ claims: { iss: "https://other.example" } }),
  broken: "ey.not.a-token",
  empty: "",
  // A superseded format of another program under the same name.
  long: "x".repeat(5000),
};
export { now };

/** A Cookie header with these cookies of gatecrumb. A list has several of one name. */
export function cookies(values, prefix = "__Host-gatecrumb-") {
  const pairs = Object.entries(values).flatMap(([kind, value]) =>
    [value].flat().map((each) => (each === undefined ? [] : [`${prefix}${kind}=${each}`])),
  );
  return pairs.flat().join("; ");
}

export const ENVIRONMENT = { VERIFYING_KEYS: JSON.stringify(KEYS), ISSUER, GATECRUMB_URL: "https://api.example/base" };
export const settings = (options = {}) => readSettings(options, ENVIRONMENT);

/** A `ServerAuth` that answers one request with these headers. Its `redirect` throws the URL. */
export function server(headers = {}, options = {}) {
  const redirect = (url) => {
    throw Object.assign(new Error("redirect"), { url });
  };
  return serverAuth(options, { headers: async () => new Headers(headers), redirect, environment: ENVIRONMENT });
}

/** Replaces `fetch` until the end of the test, and returns the requests made. */
export function fakeApi(t, respond) {
  const requests = [];
  t.mock.method(globalThis, "fetch", async (url, init) => {
    requests.push({ url, ...init, headers: Object.fromEntries(init.headers) });
    return respond(init.signal);
  });
  return requests;
}
