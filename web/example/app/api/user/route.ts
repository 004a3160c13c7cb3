import { withUser } from "@gatecrumb/client/next";

/** An API of the app's own, called with `auth.fetch("/api/user")`. It is not in the matcher of `proxy.ts`. */
export const GET = withUser(({ id, roles }) => Response.json({ id, roles }));

/** The same for a change: a page of another origin gets 403. */
export const POST = withUser(async ({ id }, request) => Response.json({ id, received: await request.text() }));
