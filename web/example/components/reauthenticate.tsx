"use client";

import { useAuth } from "@gatecrumb/client/react";
import { useEffect, useId, useRef, useState, type FormEvent } from "react";
import { PasswordField } from "@/components/password-field";
import { useAttempt } from "@/lib/use-attempt";

type Done = (isSignedIn: boolean) => void;

/** Connects `onReauthenticate`, which the client calls, with the dialog on the page. */
export function createPrompt() {
  let show: ((done: Done) => void) | undefined;
  return {
    /** Resolves to whether the user has signed in again. */
    open: () => new Promise<boolean>((resolve) => (show ? show(resolve) : resolve(false))),
    attach(listener: (done: Done) => void) {
      show = listener;
      return () => void (show = undefined);
    },
  };
}

/** Has the user sign in again, before something that an API serves only after a recent sign-in. */
export function Reauthenticate({ prompt }: { prompt: ReturnType<typeof createPrompt> }) {
  const { user } = useAuth();
  const [done, setDone] = useState<Done>();
  useEffect(() => prompt.attach((resolve) => setDone(() => resolve)), [prompt]);
  const isSignedOut = !user;
  useEffect(() => {
    // The user has signed out in another tab.
    if (done && isSignedOut) {
      done(false);
      setDone(undefined);
    }
  }, [done, isSignedOut]);
  if (!done || !user) return null;

  const finish: Done = (isSignedIn) => {
    done(isSignedIn);
    setDone(undefined);
  };
  return <Dialog username={user.username} finish={finish} />;
}

function Dialog({ username, finish }: { username: string; finish: Done }) {
  const { login } = useAuth();
  const { busy, failure, attempt } = useAttempt();
  const dialog = useRef<HTMLDialogElement>(null);
  const password = useRef<PasswordField>(null);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    password.current?.hide();
    const field = form.current?.elements.namedItem("password") as HTMLInputElement;
    if (await attempt(() => login(username, field.value))) finish(true);
  }

  return (
    <dialog ref={dialog} className="prompt" aria-labelledby={`${id}-title`} onClose={() => finish(false)}>
      <h2 id={`${id}-title`}>Sign in again</h2>
      <p className="quiet">Your sign-in is too old for this.</p>
      {failure && <p role="alert">{failure.text}</p>}
      <form ref={form} onSubmit={submit}>
        {/* For password managers. */}
        <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
        <PasswordField
          id={`${id}-password`}
          name="password"
          label={`Password of ${username}`}
          autoComplete="current-password"
          required
          ref={password}
        />
        <div className="actions">
          <button type="submit" className="main" aria-disabled={busy}>
            Continue
          </button>
          <button type="button" onClick={() => finish(false)}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
