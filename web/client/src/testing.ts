import { AuthError, type Auth, type ChangeReason, type CurrentUser, type Snapshot, type User } from "./index.js";
import { createRecovery, type RecoveryOptions } from "./recovery.js";

export interface FakeOptions<U extends User> {
  /** Who is signed in at the start; `null` for nobody, which is the default; `undefined` for not yet determined. */
  user?: U | null | undefined;
  /** Who signs in with this name and password. By default, anybody with any password. Throw an `AuthError` to refuse. */
  login?: ((username: string, password: string) => U | Promise<U>) | undefined;
  /** What `fetch` does. By default, every response is a 404. */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * As in `@gatecrumb/client/api`: called if the response of `fetch` is `reauthenticationRequired()`. With it, `fetch`
   * repeats what the client repeats.
   */
  onReauthenticate?: RecoveryOptions["onReauthenticate"];
}

/** An `Auth` without network, tabs and browser, whose state a test can set. */
export interface FakeAuth<U extends User = CurrentUser> extends Auth<U> {
  /** Changes the state, as a response or another tab would. */
  set(snapshot: Snapshot<U>, reason?: ChangeReason): void;
  /** Makes the next call of login, logout, currentUser or fetch reject with an `AuthError` of this code. */
  failNext(code: AuthError["code"], status?: number, retryAfter?: number): void;
  /** The calls so far: `login ada`, `logout`, `logout everywhere`, `currentUser`, `fetch /notes`. No passwords. */
  readonly calls: readonly string[];
}

/** A user with these members, for tests. */
export function fakeUser<U extends User = CurrentUser>(members: Partial<U> = {}): U {
  const username = members.username ?? "ada";
  const user: User = { id: `id-of-${username}`, username, email: null, name: null, roles: [] };
  return { ...user, ...members } as U;
}

/** The response of an API that wants a sign-in of the last `maxAge` seconds. */
export function reauthenticationRequired(maxAge = 300): Response {
  const code = "reauthentication_required";
  const headers = {
    "content-type": "application/problem+json",
    "www-authenticate": `Bearer error="insufficient_user_authentication", max_age="${maxAge}"`,
  };
  return new Response(JSON.stringify({ type: "about:blank", title: "Unauthorized", status: 401, code }), {
    status: 401,
    headers,
  });
}

export function createFakeAuth<U extends User = CurrentUser>(options: FakeOptions<U> = {}): FakeAuth<U> {
  const listeners = new Set<(snapshot: Snapshot<U>, reason: ChangeReason) => void>();
  const calls: string[] = [];
  let failure: AuthError | undefined;
  const of = (user: U | null): Snapshot<U> =>
    user ? { status: "signed-in", user } : { status: "signed-out", user: null };
  const start = "user" in options ? options.user : null;
  let snapshot: Snapshot<U> = start === undefined ? { status: "loading", user: null } : of(start);
  const initialSnapshot = snapshot;

  function set(next: Snapshot<U>, reason: ChangeReason = next.reason ?? "check") {
    snapshot = next;
    for (const listener of listeners) listener(next, reason);
  }
  function record(call: string) {
    calls.push(call);
    const error = failure;
    failure = undefined;
    if (error) throw error;
  }
  const current = { currentUser: async () => snapshot.user, getSnapshot: () => snapshot };
  const recovery = createRecovery(
    options,
    () => true,
    () => current,
  );

  function subscribe(listener: (snapshot: Snapshot<U>, reason: ChangeReason) => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  return {
    calls,
    set,
    failNext: (code, status, retryAfter) => (failure = new AuthError(code, status, retryAfter)),
    async login(username, password) {
      record(`login ${username}`);
      const user = await (options.login?.(username, password) ?? fakeUser<U>({ username } as Partial<U>));
      set(of(user), "login");
      return user;
    },
    async logout({ everywhere } = {}) {
      record(everywhere ? "logout everywhere" : "logout");
      set(of(null), "logout");
    },
    async currentUser() {
      try {
        record("currentUser");
      } catch (caught) {
        const { code: reason } = caught as AuthError;
        if (snapshot.status === "loading") set({ status: "unavailable", user: null, reason });
        throw caught;
      }
      if (snapshot.status === "loading" || snapshot.status === "unavailable") set(of(null));
      return snapshot.user;
    },
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : `${input}`;
      record(`fetch ${url}`);
      const send = async () => options.fetch?.(input, init) ?? new Response(null, { status: 404 });
      if (!options.onReauthenticate) return send();
      // Not a `Request`, which Node.js does not make of a relative URL.
      const request = { url, clone: () => request } as Request;
      return recovery(
        request,
        send,
        async () => () => true,
        async () => snapshot.user !== null,
      );
    },
    subscribe,
    onChange: subscribe,
    getSnapshot: () => snapshot,
    getInitialSnapshot: () => initialSnapshot,
    close() {},
  };
}
