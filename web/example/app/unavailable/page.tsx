import type { Metadata } from "next";

export const metadata: Metadata = { title: "Not available", robots: { index: false } };

/** The page that `proxy.ts` sends with status 503. Its plain link requests the original URL again. */
export default function Unavailable() {
  return (
    <section className="narrow">
      <h1>Not available right now</h1>
      <p>We cannot check who is signed in. This does not sign you out.</p>
      <p>
        <a className="button main" href="">
          Try again
        </a>
      </p>
    </section>
  );
}
