"use client";

import { RequireUser, useAuth, useUser, type NoUser } from "@gatecrumb/client/react";
import { useEffect, useState } from "react";
import { messageOf } from "@/lib/messages";
import { signInUrl } from "@/lib/sign-in-url";

export function Profile() {
  return (
    <RequireUser fallback={(state) => <WithoutUser {...state} />}>
      <Details />
    </RequireUser>
  );
}

function WithoutUser({ status, reason, currentUser }: NoUser) {
  useEffect(() => {
    // Not the router: it drops a navigation that begins while the browser restores the page.
    if (status === "signed-out") location.replace(signInUrl("/client", reason));
  }, [status, reason]);
  if (status === "unavailable") {
    return (
      <>
        <p role="alert">Sign-in is not available right now. This does not sign you out.</p>
        {/* A failure leaves the state as it is. */}
        <button type="button" onClick={() => void currentUser().catch(() => {})}>
          Try again
        </button>
      </>
    );
  }
  return <p role="status">{status === "loading" ? "Loading…" : "Please sign in."}</p>;
}

function Details() {
  const user = useUser();
  const { logout, currentUser } = useAuth();
  const [message, setMessage] = useState<{ text: string; isError?: boolean }>();

  async function attempt(work: () => Promise<unknown>, success?: string) {
    setMessage(undefined);
    try {
      await work();
      if (success) setMessage({ text: success });
    } catch (error) {
      setMessage({ text: messageOf(error), isError: true });
    }
  }

  return (
    <>
      <p className="quiet">
        From the response of /auth/me, which reflects changes to the user and revoked sessions immediately.
      </p>
      <dl>
        <dt>Username</dt>
        <dd id="username">{user.username}</dd>
        <dt>Name</dt>
        <dd>{user.name ?? "–"}</dd>
        <dt>Email</dt>
        <dd>{user.email ?? "–"}</dd>
        <dt>Roles</dt>
        <dd>{user.roles.join(", ") || "none"}</dd>
      </dl>
      <div className="actions">
        <button type="button" onClick={() => attempt(currentUser, "You are still signed in.")}>
          Check again
        </button>
        <button type="button" onClick={() => attempt(() => logout({ everywhere: true }))}>
          Sign out everywhere
        </button>
      </div>
      {message && <p role={message.isError ? "alert" : "status"}>{message.text}</p>}
    </>
  );
}
