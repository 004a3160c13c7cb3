type Pair = [name: string, value: string];

const LONGEST = 4096;

/** Without SP and HTAB around it, as browsers trim; `trim()` knows more blanks, and so would make names ours. */
function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

function pair(text: string): Pair {
  const at = text.indexOf("=");
  // Without "=" it is a cookie of no name.
  return [trimmed(text.slice(0, Math.max(at, 0))), trimmed(text.slice(at + 1))];
}

/** The header as browsers write it (RFC 6265bis, section 5.6). */
function parse(header: string | null): string[] {
  return (header ?? "").split(";").map(trimmed).filter(Boolean);
}

/**
 * All values of a cookie: a browser may hold several of one name, for several domains or paths. One that is not visible
 * ASCII is passed over, as gatecrumb's functions do.
 */
export function cookieValues(header: string | null, name: string): string[] {
  const values = parse(header)
    .map(pair)
    .filter(([found, value]) => found === name && /^[ -~]*$/.test(value) && value.length <= LONGEST)
    .map(([, value]) => value);
  return [...new Set(values)];
}

/** The Cookie header that the browser will send once it has followed these Set-Cookie headers. */
export function mergeCookies(header: string | null, setCookies: string[]): string {
  const fresh = new Map(setCookies.map((line) => pair(line.split(";", 1)[0] ?? "")));
  const kept = parse(header).filter((cookie) => !cookie.includes("=") || !fresh.has(pair(cookie)[0]));
  const set = [...fresh].filter(([, value]) => value !== "").map(([name, value]) => `${name}=${value}`);
  return [...kept, ...set].join("; ");
}
