"use client";

import { useAuth } from "@gatecrumb/client/react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { messageOf } from "@/lib/messages";
import { returnTo } from "@/lib/return-to";

export function SignInForm({ next, notice }: { next: string | undefined; notice: string | undefined }) {
  const { status, user, login } = useAuth();
  const [error, setError] = useState<{ text: string }>();
  // Disabled until hydration: before that, the browser would submit the form itself.
  const [busy, setBusy] = useState(true);
  const alert = useRef<HTMLParagraphElement>(null);

  useEffect(() => setBusy(false), []);
  useEffect(() => alert.current?.focus(), [error]);

  // A full navigation, so that no page rendered for another user, or for nobody, stays in the router's cache.
  const leave = () => location.replace(returnTo(next, location.origin));

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    setBusy(true);
    setError(undefined);
    try {
      await login(String(data.get("username")), String(data.get("password")));
      leave();
    } catch (caught) {
      setError({ text: messageOf(caught) });
      setBusy(false);
    }
  }

  return (
    <section className="narrow">
      <h1>Sign in</h1>
      {notice && !error && <p role="status">{notice}</p>}
      {error && (
        <p role="alert" id="error" ref={alert} tabIndex={-1}>
          {error.text}
        </p>
      )}
      {status === "signed-in" && (
        <p className="already">
          <span>You are signed in as {user?.username}.</span>
          <button type="button" onClick={leave}>
            Continue
          </button>
        </p>
      )}
      {/* POST, so that a password never becomes part of a URL, even without scripts. */}
      <form method="post" action="/auth/login" onSubmit={submit} aria-describedby={error && "error"}>
        <label htmlFor="username">Username</label>
        <input
          id="username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          aria-invalid={error ? true : undefined}
        />
        <label htmlFor="password">Password</label>
        <input
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          aria-invalid={error ? true : undefined}
        />
        <button className="main" type="submit" disabled={busy}>
          Sign in
        </button>
      </form>
    </section>
  );
}
