/** Methods that change nothing (RFC 9110, section 9.2.1). Other sites may navigate to them. */
const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

export const isSafe = (method: string) => SAFE_METHODS.includes(method);

/** Whether this is the app's own origin, judged by the header that the browser or the platform sent with the request. */
function isOwn(origin: string, headers: Pick<Headers, "get">): boolean {
  // As Next.js does for server actions: behind a proxy, `host` is the internal one. No page of another origin can set
  // either header without a preflight.
  const host = (headers.get("x-forwarded-host") ?? headers.get("host"))?.split(",")[0]?.trim();
  try {
    return new URL(origin).host === host;
  } catch {
    return false; // "null"
  }
}

/**
 * Whether a page of an origin that is not allowed sent this request, which the browser may have given cookies. The rule
 * is that of gatecrumb's functions and of Go's `http.CrossOriginProtection`.
 */
export function isCrossOrigin(headers: Pick<Headers, "get">, allowedOrigins: string[]): boolean {
  const [site, origin] = [headers.get("sec-fetch-site"), headers.get("origin")];
  // The page is the app's own, or the visitor typed the address.
  if (site === "same-origin" || site === "none") return false;
  if (origin !== null && allowedOrigins.includes(origin)) return false;
  // Without Sec-Fetch-Site: not a browser, or a browser older than 2023, which sends Origin with every POST.
  return site !== null || (origin !== null && !isOwn(origin, headers));
}
