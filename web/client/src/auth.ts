import { AuthError, errorOf, errorOfFetch, meansSignedOut, type AuthErrorCode } from "./error.js";
import { hintIsAbsent } from "./hint.js";
import { createTabs, TIMEOUT_MS } from "./tabs.js";
import type { Auth, AuthOptions, Snapshot, User } from "./types.js";

/** A client for one gatecrumb API. */
export function createAuth({ baseUrl = "", cookieName = "gatecrumb", hint, initialUser }: AuthOptions = {}): Auth {
  const base = `${baseUrl.replace(/\/$/, "")}/auth/`;
  const listeners = new Set<() => void>();
  let snapshot: Snapshot = { status: "loading", user: null };
  /** Counts the sign-ins and sign-outs of all tabs. The response to a request from an earlier epoch is discarded. */
  let epoch = 0;
  let aborter = new AbortController();
  let pendingRefresh: Promise<unknown> | undefined;
  let pendingUser: Promise<User | null> | undefined;

  function set(next: Snapshot) {
    snapshot = next;
    for (const listener of listeners) listener();
  }
  const setUser = (user: User | null, reason?: AuthErrorCode) =>
    set({ status: user ? "signed-in" : "signed-out", user, ...(reason && { reason }) });
  if (initialUser !== undefined) setUser(initialUser);
  const initialSnapshot = snapshot;

  const tabs = createTabs<User>(
    `gatecrumb ${base}`,
    () => {
      epoch++;
      pendingRefresh = pendingUser = undefined;
      aborter.abort();
      aborter = new AbortController();
    },
    setUser,
    () => void currentUser().catch(() => {}),
  );

  /** A request to `/auth/*`. A response without `member`, such as a captive portal's page, is `unexpected`. */
  async function call(path: string, member: string, init: RequestInit & { signal?: AbortSignal } = {}) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    try {
      // no-store: otherwise simultaneous requests of several tabs wait for each other in the browser's cache.
      const options: RequestInit = { method: "POST", credentials: "include", cache: "no-store" };
      const response = await fetch(base + path, { ...options, ...init, signal });
      if (!response.ok) throw await errorOf(response);
      const body = response.status === 204 ? { done: true } : JSON.parse(await response.text());
      if (!body?.[member]) throw new AuthError("unexpected", response.status);
      return body;
    } catch (caught) {
      if (caught instanceof AuthError) throw caught;
      throw caught instanceof SyntaxError ? new AuthError("unexpected", 200) : errorOfFetch(caught);
    }
  }

  /** At most one per tab. The server's rotation rule makes simultaneous refreshes of several tabs harmless. */
  function refresh(): Promise<unknown> {
    const pending = (pendingRefresh ??= call("refresh", "expires_in", { signal: aborter.signal }).finally(() => {
      if (pendingRefresh === pending) pendingRefresh = undefined;
    }));
    return pending;
  }

  async function me(): Promise<User> {
    return (await call("me", "user", { method: "GET", signal: aborter.signal })).user;
  }

  async function loadUser(): Promise<User | null> {
    if (hintIsAbsent(base, hint, cookieName)) return null;
    try {
      return await me();
    } catch (error) {
      const { status, code } = error as AuthError;
      if (status !== 401 || code === "not_logged_in") throw error;
      await refresh();
      return me();
    }
  }

  async function loadUserUntilCurrent(): Promise<User | null> {
    for (;;) {
      await tabs.idle();
      const epochAtStart = epoch;
      try {
        const user = await loadUser();
        if (epochAtStart === epoch) setUser(user);
      } catch (caught) {
        const error = caught as AuthError;
        if (epochAtStart === epoch) {
          if (meansSignedOut(error)) {
            setUser(null, error.code);
          } else {
            if (snapshot.status === "loading") set({ status: "unavailable", user: null, reason: error.code });
            throw error;
          }
        }
      }
      // In a new epoch, a tab has signed in or out in the meantime: try again.
      if (epochAtStart === epoch) return snapshot.user;
    }
  }

  function currentUser(): Promise<User | null> {
    const pending = (pendingUser ??= loadUserUntilCurrent().finally(() => {
      if (pendingUser === pending) pendingUser = undefined;
    }));
    return pending;
  }

  return {
    async login(username, password) {
      return tabs.change(async () => {
        const headers = { "Content-Type": "application/json" };
        const body = JSON.stringify({ username, password });
        const { user } = await call("login", "user", { headers, body });
        if (hintIsAbsent(base, hint, cookieName)) throw new AuthError("cookies_blocked", 200);
        return user as User;
      });
    },

    async logout({ everywhere } = {}) {
      const path = everywhere ? "logout?everywhere=true" : "logout";
      // keepalive: the request survives a navigation away from this page.
      await tabs.change(() => call(path, "done", { keepalive: true }).then(() => null));
    },

    currentUser,

    async fetch(input, init) {
      const request = new Request(input, { credentials: "include", ...init });
      await tabs.idle();
      const epochAtStart = epoch;
      // A request of one user must not be retried as another.
      const assertSameEpoch = () => {
        if (epochAtStart !== epoch) throw new AuthError("aborted");
      };
      const response = await fetch(request.clone());
      if (response.status !== 401 || (await errorOf(response.clone())).code === "not_logged_in") return response;
      assertSameEpoch();
      try {
        await refresh();
      } catch (caught) {
        assertSameEpoch();
        const error = caught as AuthError;
        if (!meansSignedOut(error)) throw error;
        setUser(null, error.code);
        return response;
      }
      assertSameEpoch();
      return fetch(request);
    },

    subscribe(listener) {
      tabs.open();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    getSnapshot: () => snapshot,

    getInitialSnapshot: () => initialSnapshot,
  };
}
