const MAX_LOOKED_AT = 4;

type Pair = [name: string, value: string];

function pair(text: string): Pair {
  const at = text.indexOf("=");
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function parse(header: string | null): Pair[] {
  return (header ?? "")
    .split(";")
    .filter((part) => part.includes("="))
    .map(pair);
}

/** All values of a cookie: a browser may hold several of one name, for several domains or paths. */
export function cookieValues(header: string | null, name: string): string[] {
  return parse(header)
    .filter(([found]) => found === name)
    .map(([, value]) => value)
    .slice(0, MAX_LOOKED_AT);
}

/** The Cookie header that the browser will send once it has followed these Set-Cookie headers. */
export function mergeCookies(header: string | null, setCookies: string[]): string {
  const fresh = new Map(setCookies.map((line) => pair(line.split(";", 1)[0] ?? "")));
  const kept = parse(header).filter(([name]) => !fresh.has(name));
  const set = [...fresh].filter(([, value]) => value !== "");
  return [...kept, ...set].map(([name, value]) => `${name}=${value}`).join("; ");
}
