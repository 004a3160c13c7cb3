"use client";

import type { User } from "@gatecrumb/client";
import { useAuth } from "@gatecrumb/client/react";
import { useEffect, useRef, useState } from "react";
import { Person } from "@/components/person";
import type { DemoUser } from "@/lib/demo-user";
import { returnTo } from "@/lib/return-to";
import { useAttempt } from "@/lib/use-attempt";
import { SignInForm } from "./form";

interface Props {
  next: string | undefined;
  notice: string | undefined;
  demo: DemoUser | undefined;
}

/** The form, or who is signed in already. */
export function SignIn({ next, notice, demo }: Props) {
  const { status, user, login } = useAuth();
  const { busy, failure, attempt } = useAttempt();
  const [another, setAnother] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const formShown = useRef(false);
  useEffect(() => {
    if (status === "signed-out" || status === "unavailable") formShown.current = true;
  }, [status]);

  // A full navigation, so that no page rendered for another user, or for nobody, stays in the router's cache.
  function leave() {
    setLeaving(true);
    location.replace(returnTo(next, location.origin));
  }

  async function signIn(username: string, password: string) {
    // `leave` in the attempt: the form stays until the next page replaces it.
    await attempt(() => login(username, password).then(leave));
  }

  if (status === "loading") {
    return (
      <section className="narrow" aria-busy="true">
        <h1>Sign in</h1>
        <span role="status" className="visually-hidden">
          Checking who is signed in
        </span>
        <span className="skeleton" />
        <span className="skeleton" />
        <noscript>Signing in needs JavaScript.</noscript>
      </section>
    );
  }
  if (status === "signed-in" && !another && !busy && !leaving) {
    return <SignedIn user={user} takeFocus={formShown.current} onContinue={leave} onAnother={() => setAnother(true)} />;
  }
  return (
    <SignInForm
      notice={another ? undefined : notice}
      demo={demo}
      busy={busy || leaving}
      failure={failure}
      autoFocus={another}
      onSubmit={signIn}
    />
  );
}

interface SignedInProps {
  user: User;
  /** Whether it replaces the form, after a sign-in in another tab. */
  takeFocus: boolean;
  onContinue: () => void;
  onAnother: () => void;
}

function SignedIn({ user, takeFocus, onContinue, onAnother }: SignedInProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takeFocus) heading.current?.focus();
  }, [takeFocus]);
  return (
    <section className="narrow">
      <h1 ref={heading} tabIndex={-1}>
        You are signed in
      </h1>
      <Person user={user} />
      <div className="stack">
        <button type="button" className="main" onClick={onContinue}>
          Continue
        </button>
        <button type="button" onClick={onAnother}>
          Use another account
        </button>
      </div>
    </section>
  );
}
