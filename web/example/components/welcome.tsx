"use client";

import { useAuth } from "@gatecrumb/client/react";
import Link from "next/link";
import { displayName } from "@/lib/names";
import { signInUrl } from "@/lib/sign-in-url";

/** The home page's next step, for who is signed in and who is not. */
export function Welcome() {
  const { status, user } = useAuth();
  return (
    <div className="hero-action">
      {status === "loading" && <span className="skeleton" />}
      {status === "signed-out" && (
        <Link className="button main" href={signInUrl("/client")}>
          Sign in
        </Link>
      )}
      {status === "signed-in" && (
        <>
          <Link className="button main" href="/client" prefetch={false}>
            Open your profile
          </Link>
          <span className="quiet">Signed in as {displayName(user)}.</span>
        </>
      )}
      {status === "unavailable" && <span className="quiet">Sign-in is not available right now.</span>}
    </div>
  );
}
