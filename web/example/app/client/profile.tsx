"use client";

import { RequireUser, useAuth, useUser, type NoUser } from "@gatecrumb/client/react";
import { useEffect, useState } from "react";
import { Person } from "@/components/person";
import { signInUrl } from "@/lib/sign-in-url";
import { useAttempt } from "@/lib/use-attempt";

export function Profile() {
  return (
    <RequireUser fallback={(state) => <WithoutUser {...state} />}>
      <div className="columns">
        <Details />
        <Session />
      </div>
    </RequireUser>
  );
}

function WithoutUser({ status, reason, currentUser }: NoUser) {
  const { busy, attempt } = useAttempt();
  useEffect(() => {
    // Not the router: it drops a navigation that begins while the browser restores the page.
    if (status === "signed-out") location.replace(signInUrl("/client", reason));
  }, [status, reason]);
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

function Details() {
  const user = useUser();
  return (
    <section aria-labelledby="profile">
      <h2 id="profile">Profile</h2>
      <Person user={user} />
      <dl>
        <dt>Username</dt>
        <dd id="username">{user.username}</dd>
        <dt>ID</dt>
        <dd>{user.id}</dd>
        <dt>Roles</dt>
        <dd>{user.roles.join(", ") || "none"}</dd>
      </dl>
    </section>
  );
}

function Session() {
  const { logout, currentUser } = useAuth();
  const { busy, failure, attempt } = useAttempt();
  const [checked, setChecked] = useState(false);

  async function check() {
    setChecked(false);
    setChecked(await attempt(currentUser));
  }
  function signOutEverywhere() {
    setChecked(false);
    void attempt(() => logout({ everywhere: true }));
  }

  return (
    <section aria-labelledby="session">
      <h2 id="session">Session</h2>
      <p className="quiet">Signing out everywhere ends your sessions in all browsers and on all devices.</p>
      <div className="actions">
        <button type="button" aria-disabled={busy} onClick={check}>
          Check again
        </button>
        <button type="button" aria-disabled={busy} onClick={signOutEverywhere}>
          Sign out everywhere
        </button>
      </div>
      {checked && (
        <p role="status" className="notice">
          You are still signed in.
        </p>
      )}
      {failure && <p role="alert">{failure.text}</p>}
    </section>
  );
}
