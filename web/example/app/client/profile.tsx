"use client";

import { useAuth } from "@gatecrumb/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { messageOf } from "@/lib/messages";
import { signInUrl } from "@/lib/sign-in-url";

export function Profile() {
  const { status, user, reason, logout, currentUser } = useAuth();
  const [message, setMessage] = useState<{ text: string; bad?: boolean }>();
  const router = useRouter();

  useEffect(() => {
    if (status === "signed-out") router.replace(signInUrl("/client", reason));
  }, [status, reason, router]);

  async function attempt(work: () => Promise<unknown>, done?: string) {
    setMessage(undefined);
    try {
      await work();
      if (done) setMessage({ text: done });
    } catch (error) {
      setMessage({ text: messageOf(error), bad: true });
    }
  }

  if (status === "unavailable") {
    return (
      <>
        <p role="alert">Sign-in is not available right now. You are not signed out by this.</p>
        <button type="button" onClick={() => attempt(currentUser)}>
          Try again
        </button>
      </>
    );
  }
  if (!user) return <p role="status">{status === "loading" ? "One moment…" : "Please sign in."}</p>;
  return (
    <>
      <p className="quiet">
        From the answer of /auth/me, which knows at once about a change of the user or a revoked session.
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
        <button type="button" onClick={() => attempt(currentUser, "Still you.")}>
          Ask again
        </button>
        <button type="button" onClick={() => attempt(() => logout({ everywhere: true }))}>
          Sign out everywhere
        </button>
      </div>
      {message && <p role={message.bad ? "alert" : "status"}>{message.text}</p>}
    </>
  );
}
