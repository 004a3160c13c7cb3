const EVENTS = ["pageshow", "focus", "visibilitychange", "online"];
/** The shortest time between two checks, and the same while the user could not be determined. */
const RECHECK_MS = 60_000;
const RETRY_MS = 1000;

/**
 * Calls `recheck` when this page may have missed a sign-in or sign-out: always after it came out of the back/forward
 * cache, and when it gets the focus, becomes visible or is online again, unless it did so moments ago. Returns the
 * function that stops it.
 */
export function watchPage(isUnavailable: () => boolean, recheck: (isRestored?: boolean) => void): () => void {
  let checkedAt = Date.now();
  const onEvent = ({ type, persisted }: Partial<PageTransitionEvent>) => {
    const limit = !isUnavailable() ? RECHECK_MS : type === "online" ? 0 : RETRY_MS;
    // The difference is negative if the clock was set back.
    if (persisted || (!document.hidden && Math.abs(Date.now() - checkedAt) >= limit)) {
      checkedAt = Date.now();
      recheck(persisted);
    }
  };
  for (const type of EVENTS) addEventListener(type, onEvent);
  return () => {
    for (const type of EVENTS) removeEventListener(type, onEvent);
  };
}
