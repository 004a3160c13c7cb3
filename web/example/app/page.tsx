import Link from "next/link";

export default function Home() {
  return (
    <>
      <h1>Sign-in without a token in sight</h1>
      <p className="quiet">
        Both tokens live in httpOnly cookies of this site. The pages below show the two ways to know who is signed in.
      </p>
      <div className="cards">
        <section>
          <h2>
            <Link href="/server" prefetch={false}>
              Rendered by the server
            </Link>
          </h2>
          <p>
            The access token is verified by its public key before the page is sent, and refreshed if it has run out.
          </p>
        </section>
        <section>
          <h2>
            <Link href="/client" prefetch={false}>
              Rendered in the browser
            </Link>
          </h2>
          <p>The page asks who is signed in. One request, or three when the access token has run out.</p>
        </section>
      </div>
    </>
  );
}
