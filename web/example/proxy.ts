/** Forwards `/auth/*` to gatecrumb, and renders the other pages of the matcher only for a signed-in user. */
export { proxy } from "@gatecrumb/client/next";

/** Next.js reads this at build time: it must be a literal. */
export const config = { matcher: ["/auth/:path*", "/server/:path*"] };
