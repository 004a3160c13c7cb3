import type { NextRequest } from "next/server.js";
import { readAccess, type TokenUser } from "./access.js";
import { cookieValues } from "./cookies.js";
import { isCrossOrigin, isSafe } from "./cross-origin.js";
import { PROBLEMS, problemResponse, type Problem } from "./problem.js";
import { proxy } from "./proxy.js";
import { cookieName, readSettings, type Environment, type ServerAuthOptions, type Settings } from "./settings.js";

/** The options for `createAuth` that a server knows. */
export interface ClientOptions {
  cookieName: string;
  /** `null` if nobody is signed in for certain. */
  initialUser?: null;
}

/** The user, or the problem that says why there is none. */
export type CheckedUser = { user: TokenUser; problem: null } | { user: null; problem: Problem };

/** A route handler that gets the user first. */
export type UserHandler<Context> = (
  user: TokenUser,
  request: NextRequest,
  context: Context,
) => Response | Promise<Response>;

/** Sign-in on an app's server. It verifies access tokens with the public keys, without a request. */
export interface ServerAuth {
  /**
   * The user, or null. For server components, route handlers and server actions. A token stays valid until it expires,
   * even if its session has ended in the meantime; where that is not acceptable, call `/auth/me`. It never refreshes,
   * because a server component cannot set cookies: `proxy` does, before the page is rendered.
   */
  getUser(): Promise<TokenUser | null>;
  /** The user. If there is none, redirects to the sign-in page, which returns to `next`: the page's own path. */
  requireUser(next?: string): Promise<TokenUser>;
  /**
   * A route handler for signed-in users. Without a valid access token it responds 401 with gatecrumb's problem:
   * `access_expired` if a refresh may help, which `auth.fetch` then does. An unsafe method from a page of another origin
   * gets 403 `cross_origin`. Caches may not store the response unless it has a `Cache-Control` of its own.
   */
  withUser<Context>(handler: UserHandler<Context>): (request: NextRequest, context: Context) => Promise<Response>;
  /** For server actions: the user, or the problem to return. Also refuses pages of other origins. */
  checkUser(): Promise<CheckedUser>;
  /**
   * The app's `proxy`: forwards `/auth/*` to gatecrumb, and lets other requests pass only with a valid access token,
   * which it refreshes if necessary. Its matcher lists `/auth/:path*` and the pages that need a user. A page without a
   * user is redirected to the sign-in page; other requests get a problem.
   */
  proxy(request: NextRequest): Promise<Response>;
  /** The options for `createAuth` that this server knows, so that the first HTML says "signed out" without a request. */
  clientOptions(): Promise<ClientOptions>;
  /** Throws an error that names the wrong setting and the fix. Call it at startup, in `instrumentation.ts`. */
  checkSettings(): void;
}

/** What a `ServerAuth` takes from Next.js and from the process. */
export interface Host {
  headers: () => Promise<Pick<Headers, "get">>;
  redirect: (url: string) => never;
  environment: Environment;
}

/** See `createServerAuth`. */
export function serverAuth(options: ServerAuthOptions, { headers, redirect, environment }: Host): ServerAuth {
  let cached: Settings | undefined;
  // Read on first use, because a build has no settings.
  const settings = () => (cached ??= readSettings(options, environment));

  async function check(incoming: Pick<Headers, "get">, isChange: boolean): Promise<CheckedUser> {
    if (isChange && isCrossOrigin(incoming, settings().allowedOrigins)) {
      return { user: null, problem: PROBLEMS.cross_origin };
    }
    const access = await readAccess(incoming.get("cookie"), settings());
    return typeof access === "object" ? { user: access, problem: null } : { user: null, problem: PROBLEMS[access] };
  }

  async function getUser() {
    // `headers()` first: it makes the page dynamic, so that a build needs no settings.
    const incoming = await headers();
    return (await check(incoming, false)).user;
  }

  return {
    getUser,

    async requireUser(next) {
      const user = await getUser();
      if (user) return user;
      const query = next === undefined ? "" : `?${new URLSearchParams({ next })}`;
      return redirect(settings().signInPath + query);
    },

    withUser: (handler) => async (request, context) => {
      const { user, problem } = await check(request.headers, !isSafe(request.method));
      if (problem) return problemResponse(problem);
      const response = await handler(user, request, context);
      if (response.headers.has("cache-control")) return response;
      // A copy, because the headers of some responses are immutable.
      const copy = new Response(response.body, response);
      copy.headers.set("cache-control", "private, no-store");
      return copy;
    },

    // An action is always a POST.
    checkUser: async () => check(await headers(), true),

    proxy: (request) => proxy(request, settings()),

    async clientOptions() {
      const cookie = (await headers()).get("cookie");
      const mayBeSignedIn = cookieValues(cookie, cookieName(settings(), "hint")).length > 0;
      return { cookieName: settings().cookieName, ...(!mayBeSignedIn && { initialUser: null }) };
    },

    checkSettings: () => void settings(),
  };
}
