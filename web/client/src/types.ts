import type { AuthErrorCode } from "./error.js";

/** The signed-in user, as login and me return it. */
export interface User {
  id: string;
  username: string;
  email: string | null;
  name: string | null;
  roles: string[];
}

/**
 * - `loading`: no request yet, or no response to the first one yet
 * - `unavailable`: the first request failed; a user who was signed in still is
 */
export type Status = "loading" | "signed-in" | "signed-out" | "unavailable";

/** The state of this page. The same object until it changes. */
export interface Snapshot {
  status: Status;
  /** Set if and only if `status` is `signed-in`. */
  user: User | null;
  /** The error that led to this state, if any: `session_reused`, `account_disabled`, `network`, … */
  reason?: AuthErrorCode;
}

export interface AuthOptions {
  /** The origin of `/auth/*`; leave it out if it is the page's own. */
  baseUrl?: string;
  /** The functions' `COOKIE_NAME`; default `gatecrumb`. */
  cookieName?: string;
  /**
   * Whether scripts of this page can read the hint cookie. By default, true if the API is on the page's own host. Set
   * `true` if `COOKIE_DOMAIN` covers this page.
   */
  hint?: boolean;
  /** The user that a server already knows, or `null` for nobody. Without it, the page requests the user. */
  initialUser?: User | null;
}

/** Created once per page. Promises reject only with an `AuthError`; see `fetch` for its exception. */
export interface Auth {
  /** Signs in every tab. */
  login(username: string, password: string): Promise<User>;
  /** Signs out every tab; with `everywhere`, every device. */
  logout(options?: { everywhere?: boolean }): Promise<void>;
  /** Resolves to the user, or to `null` if nobody is signed in. Rejects if that cannot be determined. */
  currentUser(): Promise<User | null>;
  /**
   * The global `fetch` with `credentials: "include"`. On any 401 except `not_logged_in` it refreshes once and retries
   * once. For your own APIs only. It has no timeout, and rejects with the errors of the global `fetch` unchanged.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Calls `listener` after every change of the snapshot. Returns the function that unsubscribes. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
  /** The snapshot at creation, from which a server renders and a page hydrates. */
  getInitialSnapshot(): Snapshot;
}
