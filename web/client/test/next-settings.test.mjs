import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieName, readSettings } from "../dist/next/settings.js";
import { ENVIRONMENT, ISSUER, key, KEYS, server } from "./next-fake.mjs";

const read = (environment, options = {}) => readSettings(options, { ...ENVIRONMENT, ...environment });
const SECRET = "0123456789abcdef";

test("the defaults", () => {
  const { keys, ...settings } = read({ GATECRUMB_URL: undefined });
  assert.equal(typeof keys, "function");
  assert.deepEqual(settings, {
    gatecrumbUrl: "http://localhost:3000",
    issuer: ISSUER,
    audience: ISSUER,
    cookiePrefix: "__Host-",
    cookieName: "gatecrumb",
    proxy: undefined,
    allowedOrigins: [],
    signInPath: "/sign-in",
    unavailablePath: "/unavailable",
  });
});

test("an empty variable counts as not set, except the cookies' prefix", () => {
  const empty = { GATECRUMB_URL: "", AUDIENCE: "", COOKIE_NAME: "", PROXY_SECRET: "", ALLOWED_ORIGINS: "" };
  const settings = read({ ...empty, COOKIE_PREFIX: "" });
  assert.equal(settings.audience, ISSUER);
  assert.equal(settings.proxy, undefined);
  assert.deepEqual(settings.allowedOrigins, []);
  assert.equal(cookieName(settings, "access"), "gatecrumb-access");
  assert.equal(cookieName(read({}), "refresh"), "__Host-gatecrumb-refresh");
});

test("options take precedence over the environment", () => {
  const options = {
    gatecrumbUrl: "https://two.example/stage/",
    verifyingKeys: KEYS,
    issuer: "two",
    audience: "app",
    cookiePrefix: "__Secure-",
    cookieName: "shop",
    proxySecret: SECRET,
    clientAddressHeader: "x-real-ip",
    allowedOrigins: ["https://two.example"],
    signInPath: "/login",
    unavailablePath: "/503",
  };
  const variables = { AUDIENCE: "a", COOKIE_PREFIX: "", COOKIE_NAME: "b", ALLOWED_ORIGINS: "https://one.example" };
  const { keys, ...settings } = read({ VERIFYING_KEYS: "{", ...variables }, options);
  assert.deepEqual(settings, {
    gatecrumbUrl: "https://two.example/stage",
    issuer: "two",
    audience: "app",
    cookiePrefix: "__Secure-",
    cookieName: "shop",
    proxy: { secret: SECRET, addressHeader: "x-real-ip" },
    allowedOrigins: ["https://two.example"],
    signInPath: "/login",
    unavailablePath: "/503",
  });
});

const jwks = (...keys) => JSON.stringify({ keys });
const wrong = [
  [{ ISSUER: undefined }, /^ISSUER is not set: set it to the ISSUER of the functions$/],
  [{ VERIFYING_KEYS: undefined }, /^VERIFYING_KEYS is not set: .*`gatecrumb key public`/],
  [{ VERIFYING_KEYS: "{" }, /^VERIFYING_KEYS is not valid JSON: .*`gatecrumb key public`/],
  [{ VERIFYING_KEYS: jwks() }, /^VERIFYING_KEYS has no key: /],
  [{ VERIFYING_KEYS: "null" }, /^VERIFYING_KEYS has no key: /],
  [{ VERIFYING_KEYS: JSON.stringify(key.jwk) }, /^VERIFYING_KEYS has no key: /],
  [{ VERIFYING_KEYS: jwks(1) }, /^VERIFYING_KEYS is not a JWK Set: /],
  [{ VERIFYING_KEYS: jwks(key.jwk, key.privateJwk) }, /^VERIFYING_KEYS contains a private key: use the public keys/],
  [{ VERIFYING_KEYS: jwks({ kty: "oct", k: "hidden-word" }) }, /^VERIFYING_KEYS contains a private key: /],
  [{ GATECRUMB_URL: "auth.example.com" }, /^GATECRUMB_URL is not a URL such as/],
  [{ GATECRUMB_URL: "ftp://auth.example.com" }, /^GATECRUMB_URL is not a URL such as/],
  [{ GATECRUMB_URL: "https://user:hidden-word@auth.example.com" }, /^GATECRUMB_URL is not a URL such as/],
  [{ GATECRUMB_URL: "https://auth.example.com/?a" }, /^GATECRUMB_URL is not a URL such as/],
  [{ COOKIE_PREFIX: "__host-" }, /^COOKIE_PREFIX is "__host-": use __Host-/],
  [{ COOKIE_NAME: "Shop" }, /^COOKIE_NAME is "Shop": set it to the COOKIE_NAME of the functions/],
  [{ PROXY_SECRET: SECRET }, /^CLIENT_ADDRESS_HEADER is not set while PROXY_SECRET is/],
  [{ CLIENT_ADDRESS_HEADER: "x-real-ip" }, /^PROXY_SECRET is not set while CLIENT_ADDRESS_HEADER is/],
  [{ PROXY_SECRET: "hidden-word", CLIENT_ADDRESS_HEADER: "x-real-ip" }, /^PROXY_SECRET is too short/],
  [{ PROXY_SECRET: `hidden-word ${SECRET}`, CLIENT_ADDRESS_HEADER: "x-real-ip" }, /^PROXY_SECRET .* contains blanks/],
  [{ PROXY_SECRET: SECRET, CLIENT_ADDRESS_HEADER: "x real ip" }, /^CLIENT_ADDRESS_HEADER is "x real ip": set it/],
  [{ ALLOWED_ORIGINS: "https://a.example/" }, /^ALLOWED_ORIGINS contains "https:\/\/a.example\/": list origins/],
  [{ ALLOWED_ORIGINS: "https://a.example,*" }, /^ALLOWED_ORIGINS contains "\*"/],
  [{ ALLOWED_ORIGINS: "null" }, /^ALLOWED_ORIGINS contains "null"/],
];
for (const [environment, message] of wrong) {
  test(`refused at startup: ${message.source}`, () => {
    assert.throws(() => read(environment), { message });
    const error = (() => {
      try {
        return read(environment);
      } catch (caught) {
        return caught;
      }
    })();
    for (const secret of ["hidden-word", key.privateJwk.d, SECRET]) assert.ok(!error.stack.includes(secret));
  });
}

for (const path of ["sign-in", "//evil.example", "/\\evil.example", "https://evil.example", "/sign-in?a", ""]) {
  test(`"${path}" is no path of this app`, () => {
    assert.throws(() => read({}, { signInPath: path }), /^Error: signInPath is /);
    assert.throws(() => read({}, { unavailablePath: path }), /^Error: unavailablePath is /);
  });
}

test("settings are read on first use, and checkSettings() is one", () => {
  const auth = server({}, { cookiePrefix: "wrong" });
  assert.throws(() => auth.checkSettings(), /COOKIE_PREFIX/);
  server().checkSettings();
});
