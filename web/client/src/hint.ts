/**
 * Whether the hint cookie is present; `undefined` if that cannot be determined. The hint only saves requests and grants
 * nothing.
 */
export function hintIsPresent(base: string, readable: boolean | undefined, cookieName: string): boolean | undefined {
  try {
    // Cookies ignore ports, so only the host counts.
    if (!(readable ?? new URL(base, location.href).hostname === location.hostname)) return undefined;
    const cookies = document.cookie.split("; ");
    return cookies.some((cookie) => cookie.replace(/^__(Host|Secure)-/, "") === cookieName + "-hint=1");
  } catch {
    return undefined; // a sandboxed frame cannot read cookies, and a server has no document
  }
}
