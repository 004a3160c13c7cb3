/** A wrong setting stops the start, not the first visitor. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") (await import("./server/config")).config();
}
