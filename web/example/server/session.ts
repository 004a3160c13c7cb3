import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cookieName } from "./config";
import { cookieValues } from "./cookies";
import { verifyAccess, type Access } from "./verify";

/**
 * The user of a server-rendered page. Each page checks the token itself, because `proxy.ts` runs only for the paths of
 * its matcher. A page cannot refresh: a server component cannot set cookies.
 */
export async function requireAccess(path: string): Promise<Access> {
  const access = await verifyAccess((await headers()).get("cookie"));
  return access ?? redirect(`/sign-in?next=${encodeURIComponent(path)}`);
}

/** False if nobody is signed in for certain; the page then says so in its first HTML. */
export async function mayBeSignedIn(): Promise<boolean> {
  // `headers()` before `config()`: it makes the page dynamic, so that a build needs no settings.
  const cookie = (await headers()).get("cookie");
  return cookieValues(cookie, cookieName("hint")).length > 0;
}
