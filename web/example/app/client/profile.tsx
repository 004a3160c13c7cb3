"use client";

import { RequireUser, useAuth, useUser } from "@gatecrumb/client/react";
import { useState } from "react";
import { Person } from "@/components/person";
import { WithoutUser } from "@/components/without-user";
import { useAttempt } from "@/lib/use-attempt";

export function Profile() {
  return (
    <RequireUser fallback={(state) => <WithoutUser path="/client" {...state} />}>
      <div className="columns">
        <Details />
        <Session />
      </div>
    </RequireUser>
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
