/**
 * True when the hint can be read and is not there: nobody is signed in. It is a saving and grants nothing, so
 * whenever in doubt: false.
 */
export function hintIsAbsent(base: string, readable: boolean | undefined, cookieName: string): boolean {
  try {
    // Cookies know no ports, so the host decides.
    if (!(readable ?? new URL(base, location.href).hostname === location.hostname)) return false;
    const hint = `${cookieName}-hint=1`;
    const names = [hint, `__Host-${hint}`, `__Secure-${hint}`];
    return !document.cookie.split("; ").some((cookie) => names.includes(cookie));
  } catch {
    return false; // a sandboxed frame may not read cookies, and a server has none
  }
}
