/** Sign-in with gatecrumb from a web page. This code can never read a token. */
export { createAuth } from "./auth.js";
export { AuthError } from "./error.js";
export type { AuthErrorCode } from "./error.js";
export type { Auth, AuthOptions, Snapshot, Status, User } from "./types.js";
