import { createLocalJWKSet, type JSONWebKeySet } from "jose";

/** What an app may set in code. Each default is the environment variable named with it, then the value named last. */
export interface ServerAuthOptions {
  /** The API's URL for this server, with its base path if it has one. `GATECRUMB_URL`, `http://localhost:3000`. */
  gatecrumbUrl?: string | undefined;
  /** The public JWK Set that `gatecrumb key public` prints. `VERIFYING_KEYS`. */
  verifyingKeys?: string | JSONWebKeySet | undefined;
  /** The functions' `ISSUER`. `ISSUER`. */
  issuer?: string | undefined;
  /** The functions' `AUDIENCE`. `AUDIENCE`, the issuer. */
  audience?: string | undefined;
  /** `__Host-`, `__Secure-` with a `COOKIE_DOMAIN`, or empty over plain http. `COOKIE_PREFIX`, `__Host-`. */
  cookiePrefix?: string | undefined;
  /** The functions' `COOKIE_NAME`. `COOKIE_NAME`, `gatecrumb`. */
  cookieName?: string | undefined;
  /** The functions' `PROXY_SECRET`. `PROXY_SECRET`; set it and the next one, or neither. */
  proxySecret?: string | undefined;
  /** The header in which the platform in front of this app passes the visitor's address. `CLIENT_ADDRESS_HEADER`. */
  clientAddressHeader?: string | undefined;
  /** Further origins whose pages may call this app's route handlers. `ALLOWED_ORIGINS`, separated by commas; none. */
  allowedOrigins?: string[] | undefined;
  /** The page to which a visitor without a session is sent, with `?next=` and sometimes `&reason=`. `/sign-in`. */
  signInPath?: string | undefined;
  /** The page shown with 503 when it cannot be determined who is signed in. `/unavailable`. */
  unavailablePath?: string | undefined;
}

/** The environment variables of a process. */
export type Environment = Record<string, string | undefined>;

export type Settings = ReturnType<typeof readSettings>;

/** The kinds of a session's cookies. */
export type CookieKind = "access" | "refresh" | "hint";

/** The full name of a cookie. The prefix is part of it: without it, a sibling subdomain could have set the cookie. */
export function cookieName({ cookiePrefix, cookieName }: Settings, kind: CookieKind): string {
  return `${cookiePrefix}${cookieName}-${kind}`;
}

/** As short as the functions accept. */
const MIN_SECRET_LENGTH = 16;

/**
 * Reads and checks all settings. Throws an error that names the variable and the fix, and never contains a key or a
 * secret.
 */
export function readSettings(options: ServerAuthOptions, environment: Environment) {
  const value = (option: string | undefined, name: string) => option ?? (environment[name] || undefined);
  const required = (option: string | undefined, name: string, help: string) =>
    value(option, name) || fail(`${name} is not set: ${help}`);

  const issuer = required(options.issuer, "ISSUER", "set it to the ISSUER of the functions");
  const keysHelp = "it is the public JWK Set that `gatecrumb key public` prints";
  const { verifyingKeys } = options;
  const keySet =
    typeof verifyingKeys === "object" ? verifyingKeys : parseKeys(required(verifyingKeys, "VERIFYING_KEYS", keysHelp));
  const origins = options.allowedOrigins ?? (environment.ALLOWED_ORIGINS ?? "").split(",").map((each) => each.trim());
  return {
    gatecrumbUrl: apiUrl(value(options.gatecrumbUrl, "GATECRUMB_URL") ?? "http://localhost:3000"),
    issuer,
    audience: value(options.audience, "AUDIENCE") ?? issuer,
    keys: publicKeys(keySet),
    // Empty is a value of its own.
    cookiePrefix: matching("COOKIE_PREFIX", options.cookiePrefix ?? environment.COOKIE_PREFIX ?? "__Host-", {
      form: /^(__Host-|__Secure-)?$/,
      help: "use __Host-, __Secure- with COOKIE_DOMAIN, or an empty value over plain http",
    }),
    cookieName: matching("COOKIE_NAME", value(options.cookieName, "COOKIE_NAME") ?? "gatecrumb", {
      form: /^[a-z][a-z0-9-]{0,31}$/,
      help: "set it to the COOKIE_NAME of the functions: 1 to 32 characters of a-z, 0-9 and -, a letter first",
    }),
    proxy: proxy(
      value(options.proxySecret, "PROXY_SECRET"),
      value(options.clientAddressHeader, "CLIENT_ADDRESS_HEADER"),
    ),
    allowedOrigins: origins.filter(Boolean).map(origin),
    signInPath: path("signInPath", options.signInPath ?? "/sign-in"),
    unavailablePath: path("unavailablePath", options.unavailablePath ?? "/unavailable"),
  };
}

function fail(message: string): never {
  throw new Error(message);
}

function matching(name: string, value: string, { form, help }: { form: RegExp; help: string }): string {
  return form.test(value) ? value : fail(`${name} is ${JSON.stringify(value)}: ${help}`);
}

function url(text: string): URL | undefined {
  try {
    const parsed = new URL(text);
    return /^https?:$/.test(parsed.protocol) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Without a slash at its end. The message omits the value, which may contain a password. */
function apiUrl(text: string): string {
  const parsed = url(text);
  if (!parsed || parsed.username || parsed.password || parsed.search || parsed.hash) {
    fail("GATECRUMB_URL is not a URL such as https://auth.example.com: set it to the API's URL, without a query");
  }
  return parsed.href.replace(/\/+$/, "");
}

function origin(text: string): string {
  const help = "list origins as browsers send them, such as https://app.example.com";
  return url(text)?.origin === text ? text : fail(`ALLOWED_ORIGINS contains ${JSON.stringify(text)}: ${help}`);
}

function path(name: string, text: string): string {
  return matching(name, text, { form: /^\/(?![/\\])[^?#]*$/, help: "set it to a path of this app, such as /sign-in" });
}

function parseKeys(text: string): JSONWebKeySet {
  try {
    return JSON.parse(text);
  } catch {
    fail("VERIFYING_KEYS is not valid JSON: set it to the output of `gatecrumb key public`");
  }
}

function publicKeys(set: JSONWebKeySet) {
  // This app needs no private key, and an error must not print one.
  if (Array.isArray(set?.keys) && set.keys.some((key) => (key?.d ?? key?.k) !== undefined)) {
    fail("VERIFYING_KEYS contains a private key: use the public keys, which `gatecrumb key public` prints");
  }
  if (!set?.keys?.length) fail("VERIFYING_KEYS has no key: set it to the output of `gatecrumb key public`");
  try {
    return createLocalJWKSet(set);
  } catch {
    fail("VERIFYING_KEYS is not a JWK Set: set it to the output of `gatecrumb key public`");
  }
}

function proxy(secret: string | undefined, addressHeader: string | undefined) {
  if (!secret && !addressHeader) return undefined;
  if (!secret) fail("PROXY_SECRET is not set while CLIENT_ADDRESS_HEADER is: set both, or neither");
  if (!addressHeader) fail("CLIENT_ADDRESS_HEADER is not set while PROXY_SECRET is: set both, or neither");
  if (secret.length < MIN_SECRET_LENGTH || !/^[!-~]*$/.test(secret)) {
    fail("PROXY_SECRET is too short or contains blanks: use the functions' secret, at least 16 visible characters");
  }
  const help = "set it to the name of the header in which the platform passes the visitor's address";
  return {
    secret,
    addressHeader: matching("CLIENT_ADDRESS_HEADER", addressHeader, { form: /^[\w!#$%&'*+.^`|~-]+$/, help }),
  };
}
