import type { Metadata } from "next";

export const metadata: Metadata = { title: "Not available", robots: { index: false } };

/** What `proxy.ts` shows with status 503. The link is a plain one: it asks the server again. */
export default function Unavailable() {
  return (
    <section>
      <h1>Not available right now</h1>
      <p>We can’t tell who is signed in at the moment. You are not signed out by this.</p>
      <p>
        <a className="button" href="">
          Try again
        </a>
      </p>
    </section>
  );
}
