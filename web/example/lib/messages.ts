import { AuthError, type AuthErrorCode } from "@gatecrumb/client";
import { NotesError } from "./notes";

const MESSAGES: Partial<Record<AuthErrorCode, string>> = {
  invalid_credentials: "Incorrect username or password.",
  account_disabled: "This account is disabled.",
  cookies_blocked: "Your browser blocks cookies for this site. Allow them, then sign in again.",
  network: "No connection. Check your network, then try again.",
  timeout: "That took too long. Try again.",
  aborted: "Another tab signed in or out at the same time. Try again.",
};

/** The message for users about an error. */
export function messageOf(error: unknown): string {
  if (error instanceof NotesError) return error.message;
  if (!(error instanceof AuthError)) return "Something went wrong. Try again.";
  if (error.code === "too_many_attempts") {
    return `Too many attempts. Try again ${error.retryAfter ? `in ${error.retryAfter} seconds` : "later"}.`;
  }
  return MESSAGES[error.code] ?? "Sign-in is not available right now. Try again in a moment.";
}

const REASONS: Record<string, string> = {
  session_ended: "Your session has ended. Please sign in again.",
  session_reused: "You were signed out for security reasons. Please sign in again.",
  account_disabled: "This account is disabled.",
};

/** The message for users about why they were signed out, if there is one. */
export function reasonText(reason: string | undefined): string | undefined {
  return reason && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
}
