/**
 * True if the hint can be read and is absent: nobody is signed in. The hint only saves requests and grants nothing, so
 * the result is false when in doubt.
 */
export function hintIsAbsent(base: string, readable: boolean | undefined, cookieName: string): boolean {
  try {
    // Cookies ignore ports, so only the host counts.
    if (!(readable ?? new URL(base, location.href).hostname === location.hostname)) return false;
    const hint = `${cookieName}-hint=1`;
    const names = [hint, `__Host-${hint}`, `__Secure-${hint}`];
    return !document.cookie.split("; ").some((cookie) => names.includes(cookie));
  } catch {
    return false; // a sandboxed frame cannot read cookies, and a server has no document
  }
}
