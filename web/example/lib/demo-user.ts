/** The user that `gatecrumb serve` creates. */
export interface DemoUser {
  username: string;
  password: string;
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** The demo user, for a development server on this machine. Everybody knows its password, so no other app may show it. */
export function demoUser(host: string | null): DemoUser | undefined {
  if (process.env.NODE_ENV !== "development" || !host || !LOOPBACK.test(host)) return undefined;
  return { username: "demo", password: "correct horse battery staple" };
}
