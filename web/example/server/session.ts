import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cookieName } from "./config";
import { cookieValues } from "./cookies";
import { verifyAccess, type Access } from "./verify";

/**
 * The user of a server-rendered page. The page checks for itself: that `proxy.ts` ran before it is a matter of its
 * matcher. It cannot refresh, as a server component can set no cookies.
 */
export async function requireAccess(path: string): Promise<Access> {
  const access = await verifyAccess((await headers()).get("cookie"));
  return access ?? redirect(`/sign-in?next=${encodeURIComponent(path)}`);
}

/** False when certainly nobody is signed in; the page then says so in its very first HTML. */
export async function mayBeSignedIn(): Promise<boolean> {
  // Headers first: that makes the page a dynamic one, so that a build needs no settings.
  const cookie = (await headers()).get("cookie");
  return cookieValues(cookie, cookieName("hint")).length > 0;
}
