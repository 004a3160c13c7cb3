"use client";

import { useEffect, useRef, useState, type FormEvent } from "react";
import { PasswordField } from "@/components/password-field";
import type { DemoUser } from "@/lib/demo-user";
import type { Failure } from "@/lib/use-attempt";

interface Props {
  notice: string | undefined;
  demo: DemoUser | undefined;
  busy: boolean;
  failure: Failure | undefined;
  /** Whether the form replaces what had the focus. */
  autoFocus: boolean;
  onSubmit: (username: string, password: string) => void;
}

/** The names and `autocomplete` values are those that password managers look for. */
export function SignInForm({ notice, demo, busy, failure, autoFocus, onSubmit }: Props) {
  // Disabled until hydration: before that, the browser would submit the form itself.
  const [ready, setReady] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const alert = useRef<HTMLParagraphElement>(null);
  const password = useRef<PasswordField>(null);

  useEffect(() => setReady(true), []);
  useEffect(() => alert.current?.focus(), [failure]);

  const field = (name: string) => form.current?.elements.namedItem(name) as HTMLInputElement;

  function submit(event: FormEvent) {
    event.preventDefault();
    password.current?.hide();
    onSubmit(field("username").value, field("password").value);
  }

  function fillIn(user: DemoUser) {
    field("username").value = user.username;
    field("password").value = user.password;
  }

  const input = {
    required: true,
    "aria-describedby": failure && "error",
    "aria-invalid": failure?.code === "invalid_credentials" || undefined,
  };
  return (
    <section className="narrow">
      <h1>Sign in</h1>
      {notice && !failure && (
        <p role="status" className="notice">
          {notice}
        </p>
      )}
      {failure && (
        <p role="alert" id="error" ref={alert} tabIndex={-1}>
          {failure.text}
        </p>
      )}
      {/* POST, so that a password never becomes part of a URL, even without scripts. */}
      <form method="post" action="/auth/login" onSubmit={submit} ref={form}>
        <div className="field">
          <label htmlFor="username">Username</label>
          <input
            id="username"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            autoFocus={autoFocus}
            {...input}
          />
        </div>
        <PasswordField
          id="password"
          name="password"
          label="Password"
          autoComplete="current-password"
          ref={password}
          {...input}
        />
        <button className="main" type="submit" disabled={!ready} aria-disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <noscript>Signing in needs JavaScript.</noscript>
      </form>
      {demo && (
        <p className="notice demo">
          <span>
            <code>gatecrumb serve</code> creates the user <code>{demo.username}</code> with the password{" "}
            <code>{demo.password}</code>.
          </span>
          <button type="button" onClick={() => fillIn(demo)}>
            Fill in
          </button>
        </p>
      )}
    </section>
  );
}
