"use client";

import { RequireUser, useAuth } from "@gatecrumb/client/react";
import { useCallback, useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { WithoutUser } from "@/components/without-user";
import { notesApi, type Note, type Session } from "@/lib/notes";
import { useAttempt } from "@/lib/use-attempt";

export function Notes({ origin }: { origin: string }) {
  return (
    <RequireUser fallback={(state) => <WithoutUser path="/notes" {...state} />}>
      <Owned origin={origin} />
    </RequireUser>
  );
}

function Owned({ origin }: { origin: string }) {
  const { fetch, user } = useAuth();
  const api = useMemo(() => notesApi(origin, fetch), [origin, fetch]);
  const [notes, setNotes] = useState<Note[]>();
  const { busy, failure, attempt } = useAttempt();
  const form = useRef<HTMLFormElement>(null);

  const list = useCallback(async () => setNotes(await api.list()), [api]);
  const attemptRef = useRef(attempt);
  attemptRef.current = attempt;
  // Another user's notes are never shown: what was there is gone before the request.
  useEffect(() => {
    setNotes(undefined);
    void attemptRef.current(list);
  }, [list, user?.id]);

  /** Lists again also after a failure, which may mean that another tab has changed the notes. */
  const change = (work: () => Promise<unknown>) =>
    attempt(async () => {
      try {
        await work();
      } finally {
        await list();
      }
    });

  async function add(event: FormEvent) {
    event.preventDefault();
    const field = form.current?.elements.namedItem("text") as HTMLTextAreaElement;
    if (await change(() => api.add(field.value))) form.current?.reset();
  }

  return (
    <div className="columns">
      <section aria-labelledby="yours">
        <h2 id="yours">Your notes</h2>
        <form ref={form} onSubmit={add}>
          <div className="field">
            <label htmlFor="text">New note</label>
            <input id="text" name="text" required maxLength={2000} autoComplete="off" />
          </div>
          <button className="main" type="submit" aria-disabled={busy}>
            Add
          </button>
        </form>
        {failure && <p role="alert">{failure.text}</p>}
        {notes?.length === 0 && <p className="quiet">You have no notes.</p>}
        <ul className="notes">
          {notes?.map((note) => (
            <li key={note.id}>
              <span>{note.text}</span>
              <button type="button" aria-disabled={busy} onClick={() => change(() => api.remove(note.id))}>
                Delete<span className="visually-hidden"> “{note.text}”</span>
              </button>
            </li>
          ))}
        </ul>
        <div className="actions">
          <button type="button" aria-disabled={busy} onClick={() => attempt(list)}>
            Reload
          </button>
          <button type="button" aria-disabled={busy} onClick={() => change(api.removeAll)}>
            Delete all
          </button>
        </div>
      </section>
      <SignIn load={api.session} />
    </div>
  );
}

/** How the user signed in, by the authorizer. */
function SignIn({ load }: { load: () => Promise<Session> }) {
  const [session, setSession] = useState<Session>();
  const { busy, failure, attempt } = useAttempt();
  const check = () => attempt(async () => setSession(await load()));
  const time = (date: string) => <time dateTime={date}>{date.slice(11, 19)} UTC</time>;
  return (
    <section aria-labelledby="sign-in">
      <h2 id="sign-in">Your sign-in</h2>
      <p className="quiet">Deleting all notes needs a sign-in of the last five minutes.</p>
      {session && (
        <dl>
          <dt>Signed in</dt>
          <dd id="signed-in-at">{time(session.signed_in_at)}</dd>
          <dt>Recent until</dt>
          <dd>{time(session.fresh_until)}</dd>
        </dl>
      )}
      {failure && <p role="alert">{failure.text}</p>}
      <div className="actions">
        <button type="button" aria-disabled={busy} onClick={check}>
          Check the sign-in
        </button>
      </div>
    </section>
  );
}
