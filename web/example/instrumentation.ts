/** Checks the settings at startup, so that wrong ones fail before any request. */
export async function register() {
  if (process.env.NEXT_RUNTIME === "nodejs") (await import("@gatecrumb/client/next")).checkSettings();
}
