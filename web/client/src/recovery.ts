import { AuthError, type Auth, type User } from "./index.js";
import { codeOf, type Recovery } from "./recover.js";

/** What an API wants before it responds: a newer sign-in (RFC 9470). */
export interface ReauthenticationChallenge {
  /** The URL that was requested. */
  url: string;
  /**
   * How many seconds old the sign-in may be, if the API says so. Across origins, the browser hides this unless the API
   * exposes its header `WWW-Authenticate`.
   */
  maxAge: number | undefined;
}

export interface RecoveryOptions {
  /**
   * Treat a 403 without a problem as a 401: refresh once and repeat once. API Gateway responds so to whatever a Lambda
   * authorizer denies, such as an expired token.
   */
  refreshOn403?: boolean | undefined;
  /**
   * Called if a response is 401 `reauthentication_required`. Have the user sign in again, with `login`. Return `true` once
   * that is done: the request is then repeated once. Return `false` if the user does not want to: `fetch` then returns the
   * 401. Requests that need it at the same time share one call. Await no such request in it.
   */
  onReauthenticate?: ((challenge: ReauthenticationChallenge) => boolean | Promise<boolean>) | undefined;
}

type Step = "refresh" | "reauthenticate";

/** What may help after this response. */
async function stepAfter(response: Response, refreshOn403: boolean | undefined): Promise<Step | undefined> {
  const { status, headers } = response;
  if (status === 403) {
    const isProblem = headers.get("content-type")?.toLowerCase().startsWith("application/problem+json");
    return refreshOn403 && !isProblem ? "refresh" : undefined;
  }
  if (status !== 401) return undefined;
  if (/insufficient_user_authentication/.test(headers.get("www-authenticate")!)) return "reauthenticate";
  const code = await codeOf(response);
  if (code === "reauthentication_required") return "reauthenticate";
  return code === "not_logged_in" ? undefined : "refresh";
}

/** `getAuth`: the client that uses this, which does not exist yet. */
export function createRecovery<U extends User>(
  { refreshOn403, onReauthenticate }: RecoveryOptions,
  isNamed: (url: string) => boolean,
  getAuth: () => Pick<Auth<U>, "currentUser" | "getSnapshot">,
): Recovery {
  let signingIn: Promise<boolean> | undefined;

  async function reauthenticate(challenge: ReauthenticationChallenge): Promise<boolean> {
    try {
      return (await onReauthenticate?.(challenge)) === true;
    } catch (error) {
      // Reported as uncaught, like a listener's fault. It must not change what `fetch` resolves to.
      setTimeout(() => {
        throw error;
      });
      return false;
    }
  }

  const reauthenticateOnce = (challenge: ReauthenticationChallenge) =>
    (signingIn ??= reauthenticate(challenge).finally(() => (signingIn = undefined)));

  return async (request, send, begin, refresh) => {
    const taken = new Set<Step>();
    let isCurrent = await begin();
    const assertCurrent = (is = true) => {
      if (!is || !isCurrent()) throw new AuthError("aborted");
    };
    for (;;) {
      const response = await send(request.clone());
      // A redirect may have led to an origin that is none of the app's. A response without a network has no URL.
      const step = isNamed(response.url || request.url) ? await stepAfter(response, refreshOn403) : undefined;
      if (!step || taken.has(step) || (step === "reauthenticate" && !onReauthenticate)) return response;
      taken.add(step);
      if (step === "refresh") {
        if (!(await refresh(isCurrent))) return response;
      } else {
        const { currentUser, getSnapshot } = getAuth();
        const user = getSnapshot().user ?? (await currentUser());
        assertCurrent();
        const maxAge = /max_age="?(\d{1,9})/.exec(response.headers.get("www-authenticate")!)?.[1];
        const challenge = { url: request.url, maxAge: maxAge === undefined ? undefined : Number(maxAge) };
        if (!user || !(await reauthenticateOnce(challenge))) return response;
        // A sign-in is a change, but to the same user.
        isCurrent = await begin();
        assertCurrent((await currentUser())?.id === user.id);
      }
      response.body?.cancel().catch(() => {});
    }
  };
}
