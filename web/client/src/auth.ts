import { AuthError, errorOf, errorOfFetch, meansSignedOut, type AuthErrorCode } from "./error.js";
import { hintIsAbsent } from "./hint.js";
import { createTabs, TIMEOUT_MS } from "./tabs.js";
import type { Auth, AuthOptions, Snapshot, User } from "./types.js";

/** The client of one gatecrumb. */
export function createAuth({ baseUrl = "", cookieName = "gatecrumb", hint, initialUser }: AuthOptions = {}): Auth {
  const base = `${baseUrl.replace(/\/$/, "")}/auth/`;
  const listeners = new Set<() => void>();
  let snapshot: Snapshot = { status: "loading", user: null };
  /** Counts the sign-ins and sign-outs of all tabs: what was asked before one must not be believed after it. */
  let epoch = 0;
  let stop = new AbortController();
  let refreshing: Promise<unknown> | undefined;
  let asking: Promise<User | null> | undefined;

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
      refreshing = asking = undefined;
      stop.abort();
      stop = new AbortController();
    },
    setUser,
    () => void currentUser().catch(() => {}),
  );

  /** One request of our own. `member` is what gatecrumb's answer has, and a captive portal's page hasn't. */
  async function call(path: string, member: string, init: RequestInit & { signal?: AbortSignal } = {}) {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = init.signal ? AbortSignal.any([timeout, init.signal]) : timeout;
    try {
      // no-store: tabs that ask at once would otherwise wait for one another at the browser's cache.
      const options: RequestInit = { method: "POST", credentials: "include", cache: "no-store" };
      const answer = await fetch(base + path, { ...options, ...init, signal });
      if (!answer.ok) throw await errorOf(answer);
      const body = answer.status === 204 ? { done: true } : JSON.parse(await answer.text());
      if (!body?.[member]) throw new AuthError("unexpected", answer.status);
      return body;
    } catch (thrown) {
      if (thrown instanceof AuthError) throw thrown;
      throw thrown instanceof SyntaxError ? new AuthError("unexpected", 200) : errorOfFetch(thrown);
    }
  }

  /** One a tab at a time. The server's rule makes it harmless that other tabs do the same. */
  function refresh(): Promise<unknown> {
    const mine = (refreshing ??= call("refresh", "expires_in", { signal: stop.signal }).finally(() => {
      if (refreshing === mine) refreshing = undefined;
    }));
    return mine;
  }

  async function me(): Promise<User> {
    return (await call("me", "user", { method: "GET", signal: stop.signal })).user;
  }

  async function ask(): Promise<User | null> {
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

  async function askUntilSure(): Promise<User | null> {
    for (;;) {
      await tabs.idle();
      const started = epoch;
      try {
        const user = await ask();
        if (started === epoch) setUser(user);
      } catch (thrown) {
        const error = thrown as AuthError;
        if (started === epoch) {
          if (meansSignedOut(error)) {
            setUser(null, error.code);
          } else {
            if (snapshot.status === "loading") set({ status: "unavailable", user: null, reason: error.code });
            throw error;
          }
        }
      }
      // Otherwise somebody signed in or out meanwhile, and the question is a new one.
      if (started === epoch) return snapshot.user;
    }
  }

  function currentUser(): Promise<User | null> {
    const mine = (asking ??= askUntilSure().finally(() => {
      if (asking === mine) asking = undefined;
    }));
    return mine;
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
      // keepalive: also for a page that goes elsewhere without waiting.
      await tabs.change(() => call(path, "done", { keepalive: true }).then(() => null));
    },

    currentUser,

    async fetch(input, init) {
      const request = new Request(input, { credentials: "include", ...init });
      await tabs.idle();
      const started = epoch;
      // What one user began must not be repeated in the name of the next.
      const checkEpoch = () => {
        if (started !== epoch) throw new AuthError("aborted");
      };
      const answer = await fetch(request.clone());
      if (answer.status !== 401 || (await errorOf(answer.clone())).code === "not_logged_in") return answer;
      checkEpoch();
      try {
        await refresh();
      } catch (thrown) {
        checkEpoch();
        const error = thrown as AuthError;
        if (!meansSignedOut(error)) throw error;
        setUser(null, error.code);
        return answer;
      }
      checkEpoch();
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
