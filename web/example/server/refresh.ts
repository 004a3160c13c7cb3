import { addressHeaders } from "./address";
import { config, cookieName } from "./config";
import { cookieValues } from "./cookies";

const TIMEOUT_MS = 8000;

/** The outcome of a refresh, and the cookies to forward to the browser. */
export type Refreshed =
  | { outcome: "refreshed"; setCookies: string[] }
  | { outcome: "signed-out"; setCookies: string[]; reason?: string }
  | { outcome: "unavailable" };

/** Refreshes before a page is rendered. Only a 401 or a missing refresh cookie means that nobody is signed in. */
export async function refresh(incoming: Headers): Promise<Refreshed> {
  const { gatecrumbUrl } = config();
  const cookie = incoming.get("cookie");
  if (!cookie || !cookieValues(cookie, cookieName("refresh")).length) {
    return { outcome: "signed-out", setCookies: [] };
  }
  try {
    const response = await fetch(new URL("/auth/refresh", gatecrumbUrl), {
      method: "POST",
      // Without the visitor's other headers: they describe the navigation to this page, not this request.
      headers: [["cookie", cookie], ...addressHeaders(incoming)],
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const setCookies = response.headers.getSetCookie();
    if (response.ok) return { outcome: "refreshed", setCookies };
    if (response.status === 401) return { outcome: "signed-out", setCookies, reason: (await response.json()).code };
  } catch {
    // No response, or one that is not gatecrumb's.
  }
  return { outcome: "unavailable" };
}
