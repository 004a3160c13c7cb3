import { createLocalJWKSet, type JSONWebKeySet } from "jose";

function required(name: string, help: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ${help}`);
  return value;
}

function keys() {
  const text = required("VERIFYING_KEYS", "it is the public JWK Set that `gatecrumb key public` prints");
  let set: JSONWebKeySet;
  try {
    set = JSON.parse(text);
  } catch {
    throw new Error("VERIFYING_KEYS is not valid JSON: set it to the output of `gatecrumb key public`");
  }
  // This app needs no private key. The message must not contain it.
  if (set.keys?.some((key) => "d" in key))
    throw new Error("VERIFYING_KEYS contains a private key: use the public keys");
  return createLocalJWKSet(set);
}

function proxySecret() {
  const secret = process.env.PROXY_SECRET;
  if (!secret) return undefined;
  const help = "it is the header in which the platform in front of this app passes the visitor's address";
  return { secret, addressHeader: required("CLIENT_ADDRESS_HEADER", help) };
}

function read() {
  const issuer = required("ISSUER", "set it to the ISSUER of the functions");
  return {
    /** The URL of gatecrumb's API for this server. */
    gatecrumbUrl: new URL(process.env.GATECRUMB_URL || "http://localhost:3000"),
    issuer,
    audience: process.env.AUDIENCE || issuer,
    keys: keys(),
    /** The only prefix accepted: a cookie without it may come from a sibling subdomain. Empty for plain http. */
    cookiePrefix: process.env.COOKIE_PREFIX ?? "__Host-",
    /** The part of the cookies' names after the prefix. */
    cookieName: process.env.COOKIE_NAME || "gatecrumb",
    proxy: proxySecret(),
  };
}

/** The full name of a gatecrumb cookie. */
export function cookieName(kind: "access" | "refresh" | "hint"): string {
  const { cookiePrefix, cookieName } = config();
  return `${cookiePrefix}${cookieName}-${kind}`;
}

let cached: ReturnType<typeof read> | undefined;

/** This app's settings, read once. The variables have the same names as the functions'. */
export function config() {
  return (cached ??= read());
}
