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
  /** The session goes on, but this request needs a newer sign-in. */
  | "reauthentication_required"
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
  /** The sign-in succeeded, but its cookies were not stored. */
  | "cookies_blocked"
  /** A response that is not gatecrumb's. */
  | "unexpected";

/** The error type of this package. Its message never contains what was sent. */
export class AuthError extends Error {
  override name = "AuthError";

  constructor(
    readonly code: AuthErrorCode,
    /** HTTP status; 0 without a response. */
    readonly status: number = 0,
    /** Seconds to wait before trying again, if the API sent them. */
    readonly retryAfter?: number | undefined,
    options?: { cause?: unknown },
  ) {
    super(code, options);
  }
}

/**
 * Takes the code of gatecrumb's problem (RFC 9457), or derives one from the status. Responses of others, such as API
 * Gateway, a CDN or a captive portal, have no code, and their bodies are not read. The response itself stays unread.
 */
export async function errorOf(response: Response): Promise<AuthError> {
  const { status, headers } = response;
  // Without the header, "null" does not match either.
  const isProblem = /^application\/problem\+json/i.test(headers.get("content-type")!);
  const body =
    isProblem &&
    (await response
      .clone()
      .json()
      .catch(() => null));
  // 429: API Gateway throttles. Whatever it is from there on, the server cannot respond now.
  const code = body?.code || (status > 428 ? "unavailable" : "unexpected");
  // Seconds only: the header's date form would require synchronized clocks.
  const seconds = Number(body?.retry_after ?? headers.get("retry-after"));
  return new AuthError(code, status, seconds > 0 ? seconds : undefined);
}

/** Whether this error of me means that a refresh may help. Only a problem of gatecrumb has such a code. */
export function isRefreshable(error: AuthError): boolean {
  return /^(access|token|session)_/.test(error.code);
}

/** Whether this error of me or refresh means that nobody is signed in. */
export function meansSignedOut(error: AuthError): boolean {
  return isRefreshable(error) || /^(not_logged|account)_/.test(error.code);
}
