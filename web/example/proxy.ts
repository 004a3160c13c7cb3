import { NextResponse, type NextRequest } from "next/server";
import { config as settings } from "./server/config";
import { mergeCookies } from "./server/cookies";
import { vouchedAddress } from "./server/address";
import { refresh } from "./server/refresh";
import { verifyAccess } from "./server/verify";

/** `/auth/*`, and the pages that need a user before they are rendered. */
export const config = { matcher: ["/auth/:path*", "/server/:path*"] };

/** The one place that passes cookies on to gatecrumb: as the browser's way to it, and to refresh before a page. */
export async function proxy(request: NextRequest) {
  return request.nextUrl.pathname.startsWith("/auth/") ? passOn(request) : renderSignedIn(request);
}

/** A rewrite: `Origin` and `Sec-Fetch-Site` arrive as the browser sent them, so gatecrumb judges them itself. */
function passOn(request: NextRequest) {
  const headers = new Headers(request.headers);
  headers.delete("x-gatecrumb-proxy");
  for (const [name, value] of vouchedAddress(request.headers)) headers.set(name, value);
  const { pathname, search } = request.nextUrl;
  return NextResponse.rewrite(new URL(pathname + search, settings().gatecrumbUrl), { request: { headers } });
}

/** Lets a page render with a good access token, refreshed if it has run out, or sends the visitor to sign in. */
async function renderSignedIn(request: NextRequest) {
  const cookie = request.headers.get("cookie");
  if (await verifyAccess(cookie)) return privately(NextResponse.next());

  const answer = await refresh(request.headers);
  if (answer.outcome === "unavailable") return unavailable(request, []);
  if (answer.outcome === "signed-out") return signIn(request, answer.setCookies, answer.reason);

  const headers = new Headers(request.headers);
  headers.set("cookie", mergeCookies(cookie, answer.setCookies));
  // A new token that doesn't verify: this app's keys are out of step, and signing in again would not mend it.
  if (!(await verifyAccess(headers.get("cookie")))) return unavailable(request, answer.setCookies);
  return privately(NextResponse.next({ request: { headers } }), answer.setCookies);
}

function signIn(request: NextRequest, setCookies: string[], reason: string | undefined) {
  const { pathname, search } = request.nextUrl;
  const url = new URL("/sign-in", request.nextUrl);
  url.searchParams.set("next", pathname + search);
  if (reason) url.searchParams.set("reason", reason);
  return privately(NextResponse.redirect(url, 303), setCookies);
}

function unavailable(request: NextRequest, setCookies: string[]) {
  return privately(NextResponse.rewrite(new URL("/unavailable", request.nextUrl), { status: 503 }), setCookies);
}

/** Every cookie as gatecrumb wrote it, in an answer that nobody else may keep. */
function privately(response: NextResponse, setCookies: string[] = []) {
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  response.headers.set("cache-control", "private, no-store");
  return response;
}
