import Link from "next/link";

export default function Home() {
  return (
    <>
      <h1>Sign-in with httpOnly cookies</h1>
      <p className="quiet">
        Scripts can read neither of the two tokens. The pages below show two ways to determine who is signed in.
      </p>
      <div className="cards">
        <section>
          <h2>
            <Link href="/server" prefetch={false}>
              Rendered by the server
            </Link>
          </h2>
          <p>
            The access token is verified with the public key before the page is sent, and refreshed if it has expired.
          </p>
        </section>
        <section>
          <h2>
            <Link href="/client" prefetch={false}>
              Rendered in the browser
            </Link>
          </h2>
          <p>The page requests the user: one request, or three if the access token has expired.</p>
        </section>
      </div>
    </>
  );
}
