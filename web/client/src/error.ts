const STATUSES: Record<number, AuthErrorCode> = {
  400: "invalid_request",
  413: "body_too_large",
  415: "unsupported_media_type",
  429: "too_many_attempts",
};

/** The API's codes; the last five are this package's own. */
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
  /** No response: offline, or blocked by the browser. */
  | "network"
  /** No response within 8 s. */
  | "timeout"
  /** A sign-in or sign-out happened in the meantime. */
  | "aborted"
  /** The sign-in succeeded, but the browser blocked its cookies. */
  | "cookies_blocked"
  /** A response that is not gatecrumb's. */
  | "unexpected";

/** The error type of this package. Its message never contains what was sent. */
export class AuthError extends Error {
  override name = "AuthError";

  constructor(
    readonly code: AuthErrorCode,
    /** HTTP status; 0 without a response. */
    readonly status = 0,
    /** Seconds to wait before trying again, if the API sent them. */
    readonly retryAfter?: number,
  ) {
    super(code);
  }
}

/** Takes the API's code, or derives one from the status: responses of API Gateway itself have no code. */
export async function errorOf(response: Response): Promise<AuthError> {
  const { status } = response;
  const body = await response.json().catch(() => null);
  const code = body?.code ?? STATUSES[status] ?? (status >= 500 ? "unavailable" : "unexpected");
  // Seconds only: the header's date form would require synchronized clocks.
  const seconds = Number(body?.retry_after ?? (response.headers.get("retry-after") || NaN));
  return new AuthError(code, status, seconds >= 0 ? seconds : undefined);
}

/** Maps what `fetch` threw. */
export function errorOfFetch(caught: unknown): AuthError {
  const name = (caught as Error | undefined)?.name;
  return new AuthError(name === "TimeoutError" ? "timeout" : name === "AbortError" ? "aborted" : "network");
}

/** Whether this response of me or refresh means that nobody is signed in. A 5xx or a lost response never does. */
export function meansSignedOut({ status, code }: AuthError): boolean {
  return status === 401 || code === "account_disabled";
}
