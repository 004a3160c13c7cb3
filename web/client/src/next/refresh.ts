import { limited } from "../limits.js";
import { addressHeaders } from "./address.js";
import { cookieValues } from "./cookies.js";
import { cookieName, type Settings } from "./settings.js";

/** The codes with which `POST /auth/refresh` says that nobody is signed in. */
const SIGNED_OUT = ["not_logged_in", "session_ended", "session_reused"] as const;
export type SignedOutCode = (typeof SIGNED_OUT)[number];

/** The outcome of a refresh, and the cookies to forward to the browser. */
export type Refreshed =
  | { outcome: "refreshed"; setCookies: string[] }
  | { outcome: "signed-out"; setCookies: string[]; code: SignedOutCode }
  | { outcome: "unavailable" };

/** Several times the length of gatecrumb's responses to refresh. */
const MAX_BODY_BYTES = 8192;

/** The body as JSON, or undefined if it is longer than gatecrumb's bodies or not of this media type. */
async function readJson(response: Response, mediaType: string): Promise<any> {
  const found = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const reader = response.body?.getReader();
  if (!reader) return undefined;
  try {
    if (found !== mediaType) return undefined;
    const decoder = new TextDecoder();
    let [text, bytes] = ["", 0];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return JSON.parse(text + decoder.decode());
      bytes += value.byteLength;
      if (bytes > MAX_BODY_BYTES) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    // Frees the connection.
    reader.cancel().catch(() => {});
  }
}

/** Only gatecrumb's own responses count, not those of a CDN or a proxy, whatever their status. */
async function outcomeOf(response: Response): Promise<Refreshed> {
  const setCookies = response.headers.getSetCookie();
  if (response.status === 200) {
    const body = await readJson(response, "application/json");
    if (typeof body?.expires_in === "number") return { outcome: "refreshed", setCookies };
  } else {
    const body = await readJson(response, "application/problem+json");
    const code = SIGNED_OUT.find((each) => each === body?.code);
    if (response.status === 401 && code) return { outcome: "signed-out", setCookies, code };
  }
  return { outcome: "unavailable" };
}

/**
 * Refreshes for a visitor. Only a missing refresh cookie, or gatecrumb itself, says that nobody is signed in; any other
 * response, and none within 8 s, is `unavailable`.
 */
export async function refresh(incoming: Headers, settings: Settings): Promise<Refreshed> {
  const cookie = incoming.get("cookie");
  if (!cookie || !cookieValues(cookie, cookieName(settings, "refresh")).length) {
    return { outcome: "signed-out", setCookies: [], code: "not_logged_in" };
  }
  try {
    return await limited(async (signal) => {
      const response = await fetch(`${settings.gatecrumbUrl}/auth/refresh`, {
        method: "POST",
        // Without the visitor's other headers: they describe the navigation to this page, not this request.
        headers: [["cookie", cookie], ...addressHeaders(incoming, settings)],
        redirect: "manual",
        cache: "no-store",
        signal,
      });
      return outcomeOf(response);
    });
  } catch {
    // No response, or one that did not end.
    return { outcome: "unavailable" };
  }
}
