import Link from "next/link";
import { Welcome } from "@/components/welcome";

export default function Home() {
  return (
    <>
      <div className="hero">
        <div>
          <h1>Sign-in with httpOnly cookies</h1>
          <p className="lead">
            Scripts can read neither of the two tokens. The pages below show ways to determine who is signed in.
          </p>
          <Welcome />
        </div>
        <section aria-labelledby="cookies">
          <h2 id="cookies">Three cookies</h2>
          <ul className="cookies">
            <li>
              <strong>Access token</strong> <span className="tag">httpOnly</span>
              <p>Says who is signed in. Valid for 15 minutes.</p>
            </li>
            <li>
              <strong>Refresh token</strong> <span className="tag">httpOnly</span>
              <p>Gets a new access token. Replaced when it is used.</p>
            </li>
            <li>
              <strong>Hint</strong> <span className="tag">readable</span>
              <p>Shows scripts that somebody may be signed in. It grants no access.</p>
            </li>
          </ul>
        </section>
      </div>
      <div className="cards">
        <section className="card">
          <h2>
            <Link href="/server" prefetch={false}>
              Rendered by the server
            </Link>
          </h2>
          <p>
            The access token is verified with the public key before the page is sent, and refreshed if it has expired.
          </p>
        </section>
        <section className="card">
          <h2>
            <Link href="/client" prefetch={false}>
              Rendered in the browser
            </Link>
          </h2>
          <p>The page requests the user: one request, or three if the access token has expired.</p>
        </section>
        <section className="card">
          <h2>
            <Link href="/notes" prefetch={false}>
              Notes from another API
            </Link>
          </h2>
          <p>An API of its own trusts the access token, and wants a recent sign-in before it deletes everything.</p>
        </section>
      </div>
    </>
  );
}
