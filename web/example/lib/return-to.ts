/**
 * The page to open after the sign-in, as an absolute URL of this origin. `next` comes from a link and must not lead to
 * another origin.
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
