import { AuthError, type AuthErrorCode } from "./error.js";

/** Timeout of a request: well below a third of the age below which the server does not rotate a refresh token. */
export const TIMEOUT_MS = 8000;

/** Ends the work of `limited` with an error. */
export type Stop = (code: AuthErrorCode) => void;

/**
 * Settles as `work` does, but rejects with `timeout` after 8 s. While it runs, `stops` contains the function that ends
 * it. It rejects even if the work ignores its signal. Without `AbortSignal.any` and `AbortSignal.timeout`, which
 * browsers lack that can do everything else.
 */
export async function limited<T>(work: (signal: AbortSignal) => Promise<T>, stops?: Set<Stop>): Promise<T> {
  const controller = new AbortController();
  let stop!: Stop;
  const stopped = new Promise<never>((_, reject) => {
    stop = (code) => {
      reject(new AuthError(code));
      controller.abort();
    };
  });
  const timer = setTimeout(stop, TIMEOUT_MS, "timeout");
  stops?.add(stop);
  try {
    return await Promise.race([stopped, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    stops?.delete(stop);
  }
}

/**
 * Settles as `work` does, but rejects with the signal's own reason as soon as it is aborted. The listener stays: this is
 * for the signal of one request.
 */
export function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // `reason` is newer than Chrome 97, Firefox 96 and Safari 15.3.
    const abort = () => reject(signal.reason ?? new AuthError("aborted"));
    signal.addEventListener("abort", abort);
    signal.aborted ? abort() : work().then(resolve, reject);
  });
}
