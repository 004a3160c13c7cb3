/** A wrong setting is said at the start, and nothing is served with it. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") (await import("./server/config")).config();
}
