/** The origin of `examples/notes-api`, read for each request: the same build can run anywhere. */
export function notesOrigin(): string {
  return process.env.NOTES_URL || "http://localhost:3002";
}
