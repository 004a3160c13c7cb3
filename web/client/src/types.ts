import type { AuthErrorCode } from "./error.js";

/** Who is signed in, as login and me say it. */
export interface User {
  id: string;
  username: string;
  email: string | null;
  name: string | null;
  roles: string[];
}

/**
 * - `loading`: nobody has asked yet, or the first answer is still under way
 * - `unavailable`: the first answer did not come; whoever was signed in still is
 */
export type Status = "loading" | "signed-in" | "signed-out" | "unavailable";

/** What this page knows. The same object until something changes. */
export interface Snapshot {
  status: Status;
  /** Set exactly when `status` is `signed-in`. */
  user: User | null;
  /** Why it is so, where that is worth telling: `session_reused`, `account_disabled`, `network`, … */
  reason?: AuthErrorCode;
}

export interface AuthOptions {
  /** Where `/auth/*` is: an origin, or nothing when it is the page's own. */
  baseUrl?: string;
  /** The functions' `COOKIE_NAME`, where it is not `gatecrumb`. */
  cookieName?: string;
  /**
   * Whether scripts of this page can read the hint cookie. Found out when the API is on the page's own host; say
   * `true` when `COOKIE_DOMAIN` covers this page.
   */
  hint?: boolean;
  /** What the server already knows: a user, or `null` for nobody. Left out, the page asks. */
  initialUser?: User | null;
}

/** Made once a page. Every promise rejects with an `AuthError` only. */
export interface Auth {
  /** Signs in, in every tab. */
  login(username: string, password: string): Promise<User>;
  /** Signs out, in every tab; with `everywhere` on every device. */
  logout(options?: { everywhere?: boolean }): Promise<void>;
  /** Asks who is signed in. `null` means nobody; when that cannot be found out, it rejects. */
  currentUser(): Promise<User | null>;
  /**
   * The global `fetch` with `credentials: "include"`: on any 401 but `not_logged_in` it refreshes once and retries
   * once. For your own APIs; a foreign one has no use for it. It is not cut off after 8 s, and what the global one
   * throws it throws as it is.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Calls back after every change of the snapshot; returns what ends that. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): Snapshot;
  /** What was known when this was made: what a server rendered, and a page hydrates from. */
  getInitialSnapshot(): Snapshot;
}
