import { NextResponse, type NextRequest } from "next/server.js";
import { readAccess } from "./access.js";
import { addressHeaders, SECRET_HEADER } from "./address.js";
import { mergeCookies } from "./cookies.js";
import { PROBLEMS, problemResponse } from "./problem.js";
import { refresh, type SignedOutCode } from "./refresh.js";
import type { Settings } from "./settings.js";

/** The paths that are gatecrumb's own. */
const AUTH = "/auth/";

/** Forwards `/auth/*` to gatecrumb. Any other request gets a valid access token, refreshed if necessary, or ends here. */
export async function proxy(request: NextRequest, settings: Settings): Promise<Response> {
  const { pathname } = request.nextUrl;
  if (pathname.startsWith(AUTH)) return forward(request, settings);
  // All redirects and rewrites lead to these two: a matcher that covers them must not cause a loop.
  if ([settings.signInPath, settings.unavailablePath].includes(pathname)) return NextResponse.next();

  const cookie = request.headers.get("cookie");
  if (typeof (await readAccess(cookie, settings)) === "object") return privateResponse(NextResponse.next());

  const refreshed = await refresh(request.headers, settings);
  if (refreshed.outcome === "unavailable") return unavailable(request, settings, []);
  if (refreshed.outcome === "signed-out") return signedOut(request, settings, refreshed.setCookies, refreshed.code);

  const headers = new Headers(request.headers);
  headers.set("cookie", mergeCookies(cookie, refreshed.setCookies));
  // If the new token does not verify, this app has the wrong keys. Signing in again would not fix that.
  if (typeof (await readAccess(headers.get("cookie"), settings)) === "string") {
    return unavailable(request, settings, refreshed.setCookies);
  }
  return privateResponse(NextResponse.next({ request: { headers } }), refreshed.setCookies);
}

/** A rewrite, which keeps the browser's `Origin` and `Sec-Fetch-Site`: gatecrumb checks them itself. */
function forward(request: NextRequest, settings: Settings): Response {
  const headers = new Headers(request.headers);
  headers.delete(SECRET_HEADER);
  for (const [name, value] of addressHeaders(request.headers, settings)) headers.set(name, value);
  const { pathname, search } = request.nextUrl;
  return NextResponse.rewrite(new URL(settings.gatecrumbUrl + pathname + search), { request: { headers } });
}

/** Whether a person will see the response as a page. Otherwise a program will, such as a server action's client. */
function isPage({ method, headers }: NextRequest): boolean {
  return method === "GET" || method === "HEAD" || headers.get("sec-fetch-mode") === "navigate";
}

function signedOut(request: NextRequest, settings: Settings, setCookies: string[], code: SignedOutCode): Response {
  if (!isPage(request)) return privateResponse(problemResponse(PROBLEMS[code]), setCookies);
  const url = request.nextUrl.clone();
  url.pathname = settings.signInPath;
  url.search = "";
  const { basePath, pathname, search } = request.nextUrl;
  url.searchParams.set("next", basePath + pathname + search);
  // Nothing to explain to a visitor who has not been signed in.
  if (code !== "not_logged_in") url.searchParams.set("reason", code);
  return privateResponse(NextResponse.redirect(url, 303), setCookies);
}

function unavailable(request: NextRequest, settings: Settings, setCookies: string[]): Response {
  if (!isPage(request)) return privateResponse(problemResponse(PROBLEMS.unavailable), setCookies);
  const url = request.nextUrl.clone();
  url.pathname = settings.unavailablePath;
  url.search = "";
  return privateResponse(NextResponse.rewrite(url, { status: 503 }), setCookies);
}

/** Adds gatecrumb's cookies unchanged, and tells caches not to store the response. */
function privateResponse(response: Response, setCookies: string[] = []): Response {
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  response.headers.set("cache-control", "private, no-store");
  return response;
}
