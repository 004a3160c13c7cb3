import type { AuthErrorCode } from "./error.js";
import type { Register } from "./index.js";

/** The signed-in user, as login and me return it. */
export interface User<Role extends string = string> {
  id: string;
  username: string;
  email: string | null;
  name: string | null;
  roles: Role[];
}

/** The `user` of `Register`, or else `User`. */
export type CurrentUser = Register extends { user: infer U extends User } ? U : User;

/**
 * The state of this page. The same object until it changes.
 *
 * - `loading`: no request yet, or no response to the first one yet
 * - `unavailable`: the first request failed; a user who was signed in still is
 *
 * `reason`: the error that led to this state, if any: `session_reused`, `account_disabled`, `network`, …
 */
export type Snapshot<U extends User = CurrentUser> =
  | { status: "loading"; user: null; reason?: never }
  | { status: "signed-in"; user: U; reason?: never }
  | { status: "signed-out"; user: null; reason?: AuthErrorCode }
  | { status: "unavailable"; user: null; reason: AuthErrorCode };

export type Status = Snapshot["status"];

/** `check`: the response to a request for the user. An error's code: that error. */
export type ChangeReason = "login" | "logout" | "other_tab" | "check" | AuthErrorCode;

export interface AuthOptions<U extends User = CurrentUser> {
  /** The origin of `/auth/*`; leave it out if it is the page's own. */
  baseUrl?: string | undefined;
  /** The functions' `COOKIE_NAME`; default `gatecrumb`. */
  cookieName?: string | undefined;
  /**
   * Whether scripts of this page can read the hint cookie. By default, true if the API is on the page's own host. Set
   * `true` if `COOKIE_DOMAIN` covers this page.
   */
  hint?: boolean | undefined;
  /** The user that a server already knows, or `null` for nobody. Without it, the page requests the user. */
  initialUser?: U | null | undefined;
  /**
   * The origins of your own APIs, such as `https://api.example.com`. `fetch` sends cookies and refreshes for these, for
   * the page's own origin and for that of `baseUrl`. Paths are ignored.
   */
  apis?: readonly string[] | undefined;
}

/** Created once per page. Promises reject only with an `AuthError`; see `fetch` for its one exception. */
export interface Auth<U extends User = CurrentUser> {
  /** Signs in every tab. */
  login(username: string, password: string): Promise<U>;
  /** Signs out every tab; with `everywhere`, every device. */
  logout(options?: { everywhere?: boolean | undefined }): Promise<void>;
  /** Resolves to the user, or to `null` if nobody is signed in. Rejects if that cannot be determined. */
  currentUser(): Promise<U | null>;
  /**
   * The global `fetch` for your own APIs. For the page's origin, that of `baseUrl` and `apis`, it sends cookies
   * (`credentials: "include"`), and on any 401 except `not_logged_in` and `reauthentication_required` it refreshes once and
   * repeats the request once. For any other origin it does neither, whatever `credentials` says. It has no timeout. If the
   * caller's signal is aborted, it rejects at once with the signal's own reason, and with an `AuthError` otherwise.
   */
  fetch: typeof globalThis.fetch;
  /** Calls `listener` after every change of the snapshot. Returns the function that unsubscribes. */
  subscribe(listener: (snapshot: Snapshot<U>, reason: ChangeReason) => void): () => void;
  /** The same as `subscribe`. */
  onChange(listener: (snapshot: Snapshot<U>, reason: ChangeReason) => void): () => void;
  getSnapshot(): Snapshot<U>;
  /** The snapshot at creation, from which a server renders and a page hydrates. */
  getInitialSnapshot(): Snapshot<U>;
  /** Stops listening to other tabs and to events of the page, until the next call. Requests in flight continue. */
  close(): void;
}
