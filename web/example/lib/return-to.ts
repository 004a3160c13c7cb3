/**
 * The page to go to after the sign-in, as an absolute address of this very origin: an address from a link must not
 * lead anywhere else.
 */
export function returnTo(next: string | null | undefined, origin: string): string {
  const home = new URL("/", origin);
  try {
    const url = new URL(next ?? "/", home);
    return url.origin === home.origin ? url.href : home.href;
  } catch {
    return home.href;
  }
}
