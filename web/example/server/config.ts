import { createLocalJWKSet, type JSONWebKeySet } from "jose";

function required(name: string, mend: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ${mend}`);
  return value;
}

function keys() {
  const text = required("VERIFYING_KEYS", "the public JWK Set, as `gatecrumb key public` prints it");
  let set: JSONWebKeySet;
  try {
    set = JSON.parse(text);
  } catch {
    throw new Error("VERIFYING_KEYS is not JSON: take it as `gatecrumb key public` prints it");
  }
  // A private key has no business in this app, and its place in an error message even less.
  if (set.keys?.some((key) => "d" in key)) throw new Error("VERIFYING_KEYS holds a private key: take the public ones");
  return createLocalJWKSet(set);
}

function proxySecret() {
  const secret = process.env.PROXY_SECRET;
  if (!secret) return undefined;
  const mend = "the header in which the platform in front of this app puts the visitor's address";
  return { secret, addressHeader: required("CLIENT_ADDRESS_HEADER", mend) };
}

function read() {
  const issuer = required("ISSUER", "as the functions have it");
  return {
    /** Where gatecrumb's API is, as seen from this server. */
    gatecrumbUrl: new URL(process.env.GATECRUMB_URL || "http://localhost:3000"),
    issuer,
    audience: process.env.AUDIENCE || issuer,
    keys: keys(),
    /** One prefix only: a cookie without it may come from a neighbouring subdomain. Empty for plain http. */
    cookiePrefix: process.env.COOKIE_PREFIX ?? "__Host-",
    /** What the cookies' names begin with after it. */
    cookieName: process.env.COOKIE_NAME || "gatecrumb",
    proxy: proxySecret(),
  };
}

/** The name of one of gatecrumb's cookies. */
export function cookieName(kind: "access" | "refresh" | "hint"): string {
  const { cookiePrefix, cookieName } = config();
  return `${cookiePrefix}${cookieName}-${kind}`;
}

let cached: ReturnType<typeof read> | undefined;

/** This app's settings, read once, from the same variables as gatecrumb's own functions. */
export function config() {
  return (cached ??= read());
}
