type Pair = [name: string, value: string];

/**
 * Trims SP and HTAB only, as browsers do. `trim()` removes more characters, and would turn a different cookie name into
 * ours.
 */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

function pair(text: string): Pair {
  const at = text.indexOf("=");
  // Without "=", the cookie has a value and no name.
  return [trimmed(text.slice(0, Math.max(at, 0))), trimmed(text.slice(at + 1))];
}

/** The cookies of a Cookie header (RFC 6265bis, section 5.6). */
function parse(header: string | null): string[] {
  return (header ?? "").split(";").map(trimmed).filter(Boolean);
}

/**
 * All values of a cookie: a browser may have several of the same name, with different domains or paths. Values that are
 * not visible ASCII are ignored, as gatecrumb's functions do.
 */
export function cookieValues(header: string | null, name: string): string[] {
  const values = parse(header)
    .map(pair)
    .filter(([found, value]) => found === name && /^[ -~]*$/.test(value))
    .map(([, value]) => value);
  return [...new Set(values)];
}

/** The Cookie header that the browser will send after it has applied these Set-Cookie headers. */
export function mergeCookies(header: string | null, setCookies: string[]): string {
  const fresh = new Map(setCookies.map((line) => pair(line.split(";", 1)[0] ?? "")));
  const kept = parse(header).filter((cookie) => !cookie.includes("=") || !fresh.has(pair(cookie)[0]));
  const set = [...fresh].filter(([, value]) => value !== "").map(([name, value]) => `${name}=${value}`);
  return [...kept, ...set].join("; ");
}
