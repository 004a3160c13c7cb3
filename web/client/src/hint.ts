const HINT = /(^|; )(__Host-|__Secure-)?gatecrumb-hint=1(;|$)/;

/**
 * True when the hint can be read and is not there: nobody is signed in. It is a saving and grants nothing, so
 * whenever in doubt: false.
 */
export function hintIsAbsent(base: string, readable: boolean | undefined): boolean {
  try {
    // Cookies know no ports, so the host decides.
    return (readable ?? new URL(base, location.href).hostname === location.hostname) && !HINT.test(document.cookie);
  } catch {
    return false; // a sandboxed frame may not read cookies, and a server has none
  }
}
