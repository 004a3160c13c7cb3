import type { Auth } from "@gatecrumb/client";

export interface Note {
  id: string;
  text: string;
  created_at: string;
}

/** How the caller signed in, from the function behind the authorizer. */
export interface Session {
  signed_in_at: string;
  fresh_until: string;
}

/** A response of the notes API that is no success, with a message for users. */
export class NotesError extends Error {}

const MESSAGES: Record<string, string> = {
  invalid_text: "A note has 1 to 2000 characters.",
  too_many_notes: "You have 50 notes. Delete one first.",
  not_found: "This note has been deleted already.",
  reauthentication_required: "Nothing was deleted, because you did not sign in again.",
};

/** The notes API at `origin`. `fetch` refreshes and recovers by itself. */
export function notesApi(origin: string, fetch: Auth["fetch"]) {
  async function call(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`${origin}/notes${path}`, init);
    if (response.ok) return response;
    const { code } = await response.json().catch(() => ({}));
    throw new NotesError(MESSAGES[code] ?? "The notes are not available right now. Try again in a moment.");
  }
  return {
    list: async (): Promise<Note[]> => (await (await call("")).json()).notes,
    session: async (): Promise<Session> => (await (await call("/session")).json()).session,
    add: (text: string) =>
      call("", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text }),
      }),
    remove: (id: string) => call(`/${id}`, { method: "DELETE" }),
    removeAll: () => call("", { method: "DELETE" }),
  };
}
