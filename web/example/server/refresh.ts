import { vouchedAddress } from "./address";
import { config, cookieName } from "./config";
import { cookieValues } from "./cookies";

const TIMEOUT_MS = 8000;

/** What gatecrumb said, and the cookies to pass on. */
export type Refreshed =
  | { outcome: "refreshed"; setCookies: string[] }
  | { outcome: "signed-out"; setCookies: string[]; reason?: string }
  | { outcome: "unavailable" };

/** Refreshes for a visitor whose page is about to be rendered. Only a 401 means that nobody is signed in. */
export async function refresh(incoming: Headers): Promise<Refreshed> {
  const { gatecrumbUrl } = config();
  const cookie = incoming.get("cookie");
  if (!cookie || !cookieValues(cookie, cookieName("refresh")).length) {
    return { outcome: "signed-out", setCookies: [] };
  }
  try {
    const answer = await fetch(new URL("/auth/refresh", gatecrumbUrl), {
      method: "POST",
      // Not the visitor's other headers: they speak of a navigation to this page, not of this request.
      headers: [["cookie", cookie], ...vouchedAddress(incoming)],
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const setCookies = answer.headers.getSetCookie();
    if (answer.ok) return { outcome: "refreshed", setCookies };
    if (answer.status === 401) return { outcome: "signed-out", setCookies, reason: (await answer.json()).code };
  } catch {
    // No answer, or one that is not gatecrumb's.
  }
  return { outcome: "unavailable" };
}
