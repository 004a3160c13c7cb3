/** Sign-in by gatecrumb, from a web page. No token is ever within reach of this code. */
export { createAuth } from "./auth.js";
export { AuthError } from "./error.js";
export type { AuthErrorCode } from "./error.js";
export type { Auth, AuthOptions, Snapshot, Status, User } from "./types.js";
