/** Reads the configuration at startup, so that an invalid one fails before any request. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") (await import("./server/config")).config();
}
