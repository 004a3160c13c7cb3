import type { Auth, User } from "./types.js";

/** Requests the user unless it is known. Does nothing on a server. A failure is in the snapshot. */
export function load<U extends User>(auth: Auth<U>): void {
  if (globalThis.document && auth.getSnapshot().status === "loading") auth.currentUser().catch(() => {});
}
