import { AuthError, errorOf, isRefreshable, meansSignedOut, type AuthErrorCode } from "./error.js";
import { hintIsPresent } from "./hint.js";
import { limited, untilAborted, type Stop } from "./limits.js";
import { isNamed } from "./origin.js";
import { refreshOn401 } from "./recover.js";
import { createTabs } from "./tabs.js";
import type { Auth, AuthOptions, ChangeReason, CurrentUser, Snapshot, Status, User } from "./types.js";
import { watchPage } from "./watch.js";

function lost(cause: unknown, code: AuthErrorCode = "network"): never {
  throw new AuthError(code, 0, undefined, { cause });
}
const send = async (input: string | Request, init?: RequestInit) => fetch(input, init).catch((cause) => lost(cause));

/** A client for one gatecrumb API. `recovery` is for `@gatecrumb/client/api`. */
export function createAuth<U extends User = CurrentUser>(
  options: AuthOptions<U> = {},
  recovery = refreshOn401,
): Auth<U> {
  const { baseUrl = "", cookieName = "gatecrumb", hint, initialUser, apis = [] } = options;
  const base = baseUrl.replace(/\/$/, "") + "/auth/";
  const listeners = new Set<(snapshot: Snapshot<U>, reason: ChangeReason) => void>();
  let snapshot: Snapshot<U> = { status: "loading", user: null };
  /**
   * Counts the sign-ins and sign-outs of all tabs, and the times this page was restored. The response to a request from
   * an earlier epoch is discarded.
   */
  let epoch = 0;
  /** End the requests of me and refresh that are in flight. */
  const stops = new Set<Stop>();
  /** This epoch's work of `once`. */
  let pending: Record<string, Promise<any>> = {};
  let unwatch: (() => void) | undefined;

  function set(status: Status, user: U | null, cause: ChangeReason, reason?: AuthErrorCode) {
    // The reason tells what led to a state, not what a later check found.
    if (status === snapshot.status && JSON.stringify(user) === JSON.stringify(snapshot.user)) return;
    snapshot = { status, user, ...(reason && { reason }) } as Snapshot<U>;
    for (const listener of listeners) {
      try {
        listener(snapshot, cause);
      } catch (error) {
        // A listener's fault is reported as uncaught. It must not stop the others or change what a call resolves to.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
  function setUser(user: U | null, cause: ChangeReason, reason?: AuthErrorCode) {
    set(user ? "signed-in" : "signed-out", user, cause, reason);
  }
  if (initialUser !== undefined) setUser(initialUser, "check");
  const initialSnapshot = snapshot;

  function beginEpoch() {
    epoch++;
    pending = {};
    for (const stop of stops) stop("aborted");
  }
  /** A page out of the back/forward cache does not wait for what it requested before: that may never end. */
  function recheck(isRestored?: boolean) {
    if (isRestored) beginEpoch();
    currentUser().catch(() => {});
  }
  const tabs = createTabs<U>(
    "gatecrumb " + base,
    beginEpoch,
    (user, own) => setUser(user, !own ? "other_tab" : user ? "login" : "logout"),
    recheck,
  );

  /** Called on first use, not on creation: a server or a discarded render must not leave anything open. */
  function open() {
    if (!globalThis.document) return;
    tabs.open();
    unwatch ??= watchPage(() => snapshot.status === "unavailable", recheck);
  }

  /** A request to `/auth/*`. A response without `member`, such as a captive portal's page, is `unexpected`. */
  const call = (path: string, member: string, init: RequestInit, stops?: Set<Stop>) =>
    limited(async (signal) => {
      // no-store: otherwise simultaneous requests of several tabs wait for each other in the browser's cache.
      const response = await send(base + path, {
        method: "POST",
        credentials: "include",
        cache: "no-store",
        signal,
        ...init,
      });
      if (!response.ok) throw await errorOf(response);
      const body =
        response.status === 204
          ? { done: true }
          : await response.json().catch((cause) => (cause instanceof SyntaxError ? null : lost(cause)));
      if (!body?.[member]) throw new AuthError("unexpected", response.status);
      return body;
    }, stops);

  /** Joins the work of this name that is in progress, or starts it. */
  function once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const own = pending;
    return (own[name] ??= work().finally(() => delete own[name]));
  }

  /** At most one per tab. The server's rotation rule makes simultaneous refreshes of several tabs harmless. */
  const refresh = () => once("refresh", () => call("refresh", "expires_in", {}, stops));

  const me = async (stops?: Set<Stop>): Promise<U> => (await call("me", "user", { method: "GET" }, stops)).user;

  async function loadUser(): Promise<U | null> {
    if (hintIsPresent(base, hint, cookieName) === false) return null;
    return me(stops).catch(async (error) => {
      if (!isRefreshable(error)) throw error;
      await refresh();
      return me(stops);
    });
  }

  /** Returns `false` if the error means that nobody is signed in, and throws it otherwise. */
  function endSession(error: AuthError): false {
    const { code } = error;
    if (meansSignedOut(error)) return (setUser(null, code, code), false);
    if (snapshot.status === "loading") set("unavailable", null, code, code);
    throw error;
  }

  /** Waits until no tab has a change in progress. The result says whether none has begun since. */
  async function begin() {
    await tabs.idle();
    const epochAtStart = epoch;
    return () => epochAtStart === epoch;
  }

  async function loadUserUntilCurrent(): Promise<U | null> {
    for (;;) {
      const isCurrent = await begin();
      try {
        const user = await loadUser();
        if (isCurrent()) setUser(user, "check");
      } catch (caught) {
        if (isCurrent()) endSession(caught as AuthError);
      }
      // In a new epoch, a tab has signed in or out in the meantime: try again.
      if (isCurrent()) return snapshot.user;
    }
  }

  function currentUser(): Promise<U | null> {
    open();
    return once("user", loadUserUntilCurrent);
  }

  /** Refreshes for a request. See `Recovery`. */
  async function refreshIf(isCurrent: () => boolean): Promise<boolean> {
    try {
      if (isCurrent()) await refresh();
      if (isCurrent()) return true;
    } catch (caught) {
      if (isCurrent()) return endSession(caught as AuthError);
    }
    throw new AuthError("aborted");
  }

  function subscribe(listener: (snapshot: Snapshot<U>, reason: ChangeReason) => void) {
    open();
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  return {
    async login(username, password) {
      open();
      return tabs.change(async () => {
        const { user } = await call("login", "user", {
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ username, password }),
        });
        // Whether the cookies were stored. If the hint cannot tell, a request does.
        const areStored =
          hintIsPresent(base, hint, cookieName) ??
          (await me().then(
            ({ id }) => id === user.id,
            (error) => !meansSignedOut(error),
          ));
        if (!areStored) throw new AuthError("cookies_blocked", 200);
        return user as U;
      });
    },

    async logout({ everywhere } = {}) {
      open();
      const path = everywhere ? "logout?everywhere=true" : "logout";
      // keepalive: the request survives a navigation away from this page.
      await tabs.change(async () => (await call(path, "done", { keepalive: true }), null));
    },

    currentUser,

    async fetch(input, init) {
      open();
      let request: Request;
      let named: boolean;
      try {
        // The URL as the browser itself resolves it. A redirect from a foreign origin to a named one gets no cookies.
        named = isNamed(new Request((input as Request).url ?? input).url, [base, "", ...apis]);
        request = new Request(input, {
          ...init,
          credentials: named ? (init?.credentials ?? "include") : "same-origin",
        });
      } catch (cause) {
        lost(cause, "invalid_request");
      }
      return untilAborted(request.signal, () => (named ? recovery(request, send, begin, refreshIf) : send(request)));
    },

    subscribe,

    onChange: subscribe,

    getSnapshot: () => snapshot,

    getInitialSnapshot: () => initialSnapshot,

    close() {
      tabs.close();
      unwatch = void unwatch?.();
    },
  };
}
