import { NextResponse, type NextRequest } from "next/server";
import { config as settings } from "./server/config";
import { mergeCookies } from "./server/cookies";
import { addressHeaders } from "./server/address";
import { refresh } from "./server/refresh";
import { verifyAccess } from "./server/verify";

/** `/auth/*`, and the pages that need a user before they are rendered. */
export const config = { matcher: ["/auth/:path*", "/server/:path*"] };

/** The only code that sends cookies to gatecrumb: it forwards the browser's requests, and refreshes before a page. */
export async function proxy(request: NextRequest) {
  return request.nextUrl.pathname.startsWith("/auth/") ? forward(request) : renderSignedIn(request);
}

/** A rewrite, which keeps the browser's `Origin` and `Sec-Fetch-Site`: gatecrumb checks them itself. */
function forward(request: NextRequest) {
  const headers = new Headers(request.headers);
  headers.delete("x-gatecrumb-proxy");
  for (const [name, value] of addressHeaders(request.headers)) headers.set(name, value);
  const { pathname, search } = request.nextUrl;
  return NextResponse.rewrite(new URL(pathname + search, settings().gatecrumbUrl), { request: { headers } });
}

/** Renders the page with a valid access token, refreshed if necessary, or redirects to the sign-in page. */
async function renderSignedIn(request: NextRequest) {
  const cookie = request.headers.get("cookie");
  if (await verifyAccess(cookie)) return privateResponse(NextResponse.next());

  const refreshed = await refresh(request.headers);
  if (refreshed.outcome === "unavailable") return unavailable(request, []);
  if (refreshed.outcome === "signed-out") return signIn(request, refreshed.setCookies, refreshed.reason);

  const headers = new Headers(request.headers);
  headers.set("cookie", mergeCookies(cookie, refreshed.setCookies));
  // The new token does not verify: this app has the wrong keys. Signing in again would not fix that.
  if (!(await verifyAccess(headers.get("cookie")))) return unavailable(request, refreshed.setCookies);
  return privateResponse(NextResponse.next({ request: { headers } }), refreshed.setCookies);
}

function signIn(request: NextRequest, setCookies: string[], reason: string | undefined) {
  const { pathname, search } = request.nextUrl;
  const url = new URL("/sign-in", request.nextUrl);
  url.searchParams.set("next", pathname + search);
  if (reason) url.searchParams.set("reason", reason);
  return privateResponse(NextResponse.redirect(url, 303), setCookies);
}

function unavailable(request: NextRequest, setCookies: string[]) {
  return privateResponse(NextResponse.rewrite(new URL("/unavailable", request.nextUrl), { status: 503 }), setCookies);
}

/** Adds gatecrumb's cookies unchanged, and tells caches not to store the response. */
function privateResponse(response: NextResponse, setCookies: string[] = []) {
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  response.headers.set("cache-control", "private, no-store");
  return response;
}
