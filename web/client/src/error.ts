const STATUSES: Record<number, AuthErrorCode> = {
  400: "invalid_request",
  413: "body_too_large",
  415: "unsupported_media_type",
  429: "too_many_attempts",
};

/** What can go wrong. The last five are this package's own, all others the API's. */
export type AuthErrorCode =
  | "invalid_request"
  | "invalid_credentials"
  | "account_disabled"
  | "cross_origin"
  | "cross_site_cookies"
  | "body_too_large"
  | "unsupported_media_type"
  | "too_many_attempts"
  | "not_logged_in"
  | "access_expired"
  | "token_invalid"
  | "session_ended"
  | "session_reused"
  | "unavailable"
  | "internal"
  /** No answer came: offline, or refused by the browser. */
  | "network"
  /** No answer came within 8 s. */
  | "timeout"
  /** A sign-in or sign-out came in between. */
  | "aborted"
  /** The sign-in was right, but the browser did not keep its cookies. */
  | "cookies_blocked"
  /** An answer that gatecrumb does not give. */
  | "unexpected";

/** Every failure of this package. Its message never holds what was sent. */
export class AuthError extends Error {
  override name = "AuthError";

  constructor(
    readonly code: AuthErrorCode,
    /** Of the answer; 0 when none came. */
    readonly status = 0,
    /** Seconds to wait before trying again, if the API said so. */
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}

/** The API's own code, or by the status: API Gateway's own 4xx and 5xx have none. */
export async function errorOf(answer: Response): Promise<AuthError> {
  const { status } = answer;
  const body = await answer.json().catch(() => null);
  const code = body?.code ?? STATUSES[status] ?? (status >= 500 ? "unavailable" : "unexpected");
  // Seconds only: the header's other form, a date, would need a clock that agrees with the server's.
  const seconds = Number(body?.retry_after ?? (answer.headers.get("retry-after") || NaN));
  return new AuthError(code, status, seconds >= 0 ? seconds : undefined);
}

/** What `fetch` threw. */
export function errorOfFetch(thrown: unknown): AuthError {
  const name = (thrown as Error | undefined)?.name;
  return new AuthError(name === "TimeoutError" ? "timeout" : name === "AbortError" ? "aborted" : "network");
}

/** Whether this answer to me or refresh says that nobody is signed in. A 5xx or a lost answer never does. */
export function meansSignedOut({ status, code }: AuthError): boolean {
  return status === 401 || code === "account_disabled";
}
