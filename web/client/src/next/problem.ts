import type { AuthErrorCode } from "../error.js";

/** A problem (RFC 9457) with the members that gatecrumb's functions send. A server action can return it. */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  /** For developers. May change. */
  detail: string;
  /** For programs. Stable. */
  code: AuthErrorCode;
  /** Seconds to wait before trying again. */
  retry_after?: number;
}

function unauthorized<Code extends AuthErrorCode>(code: Code, detail: string) {
  return { type: "about:blank", title: "Unauthorized", status: 401, detail, code } as const satisfies Problem;
}

/** The problems of this package. All but `cross_origin` are those of the functions, word for word. */
export const PROBLEMS = {
  not_logged_in: unauthorized("not_logged_in", "Nobody is signed in."),
  access_expired: unauthorized("access_expired", "Refresh, then request this again."),
  token_invalid: unauthorized("token_invalid", "The access token cannot be verified."),
  session_ended: unauthorized("session_ended", "The session is over; sign in again."),
  session_reused: unauthorized("session_reused", "Signed out for safety; sign in again."),
  cross_origin: {
    type: "about:blank",
    title: "Forbidden",
    status: 403,
    detail: "This page's origin is neither this app's own nor among ALLOWED_ORIGINS.",
    code: "cross_origin",
  },
  unavailable: {
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: "Try again in a moment; nothing was lost.",
    code: "unavailable",
    retry_after: 1,
  },
} as const satisfies Record<string, Problem>;

/** The response with this problem, with the headers of gatecrumb's functions. */
export function problemResponse(problem: Problem): Response {
  const headers = new Headers({
    "cache-control": "no-store",
    "content-type": "application/problem+json",
    vary: "Origin, Sec-Fetch-Site",
    "x-content-type-options": "nosniff",
  });
  if (problem.retry_after) headers.set("retry-after", `${problem.retry_after}`);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
