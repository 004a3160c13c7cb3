/** Sign-in on the server of a Next.js app. This code verifies tokens and forwards cookies; it never runs in a browser. */
import { headers } from "next/headers.js";
// Without `.js`: by this name only, Turbopack selects the version for servers.
import { redirect } from "next/navigation";
import { serverAuth, type ServerAuth } from "./next/server-auth.js";
import type { ServerAuthOptions } from "./next/settings.js";

/** For settings in code instead of the environment. Create it once; the settings are read on first use. */
export function createServerAuth(options: ServerAuthOptions = {}): ServerAuth {
  return serverAuth(options, { headers, redirect, environment: process.env });
}

/** The same functions with the settings of the environment. */
export const { getUser, requireUser, withUser, checkUser, proxy, clientOptions, checkSettings } = createServerAuth();

export { problemResponse } from "./next/problem.js";
export type { TokenUser } from "./next/access.js";
export type { Problem } from "./next/problem.js";
export type { CheckedUser, ClientOptions, ServerAuth, UserHandler } from "./next/server-auth.js";
export type { ServerAuthOptions } from "./next/settings.js";
