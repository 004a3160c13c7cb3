"use client";

import type { NoUser } from "@gatecrumb/client/react";
import { useEffect } from "react";
import { signInUrl } from "@/lib/sign-in-url";
import { useAttempt } from "@/lib/use-attempt";

/** What a page for signed-in users shows without a user: it waits, leads to the sign-in, or offers another try. */
export function WithoutUser({ path, status, reason, currentUser }: NoUser & { path: string }) {
  const { busy, attempt } = useAttempt();
  useEffect(() => {
    // Not the router: it drops a navigation that begins while the browser restores the page.
    if (status === "signed-out") location.replace(signInUrl(path, reason));
  }, [path, status, reason]);
  if (status === "unavailable") {
    return (
      <section>
        <p role="alert">Sign-in is not available right now. This does not sign you out.</p>
        {/* A failure leaves the state as it is. */}
        <button type="button" aria-disabled={busy} onClick={() => attempt(currentUser)}>
          Try again
        </button>
      </section>
    );
  }
  return (
    <section aria-busy="true">
      <p role="status">{status === "loading" ? "Loading…" : "Please sign in."}</p>
      <span className="skeleton" />
      <span className="skeleton" />
    </section>
  );
}
