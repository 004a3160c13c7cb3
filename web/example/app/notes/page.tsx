import type { Metadata } from "next";
import { notesOrigin } from "@/lib/notes-url";
import { Notes } from "./notes";

export const metadata: Metadata = { title: "Notes" };

export default function NotesPage() {
  return (
    <>
      <h1>Notes</h1>
      <p className="lead">
        From <code>examples/notes-api</code>, an API of its own that trusts gatecrumb’s tokens. Start it with{" "}
        <code>cargo run -p notes-local</code>.
      </p>
      <Notes origin={notesOrigin()} />
    </>
  );
}
