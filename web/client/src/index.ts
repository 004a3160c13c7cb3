/** Sign-in with gatecrumb from a web page. This code can never read a token. */
export { createAuth } from "./auth.js";
export { AuthError } from "./error.js";
export type { AuthErrorCode } from "./error.js";
export type { Auth, AuthOptions, ChangeReason, CurrentUser, Snapshot, Status, User } from "./types.js";

/** Declare a member `user` in `declare module "@gatecrumb/client"` to give the user your own type everywhere. */
export interface Register {}
