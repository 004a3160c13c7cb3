import type { Metadata } from "next";
import { requireUser } from "@gatecrumb/client/next";
import { SameUser } from "@/components/same-user";

export const metadata: Metadata = { title: "Server page" };

export default async function ServerPage() {
  const { id, roles, issuedAt, expiresAt } = await requireUser("/server");
  const time = (date: Date) => <time dateTime={date.toISOString()}>{date.toISOString().slice(11, 19)} UTC</time>;
  return (
    <>
      <SameUser id={id} path="/server" />
      <h1>Rendered by the server</h1>
      <p className="lead">
        From the access token alone, verified with the public key: this page was rendered without a request.
      </p>
      <div className="columns">
        <section aria-labelledby="user">
          <h2 id="user">User</h2>
          <dl>
            <dt>ID</dt>
            <dd id="user-id">{id}</dd>
            <dt>Roles</dt>
            <dd>{roles.join(", ") || "none"}</dd>
          </dl>
        </section>
        <section aria-labelledby="token">
          <h2 id="token">Access token</h2>
          <dl>
            <dt>Issued</dt>
            <dd>{time(issuedAt)}</dd>
            <dt>Expires</dt>
            <dd>{time(expiresAt)}</dd>
          </dl>
          <p className="quiet">Reload the page after it has expired: it is refreshed before the page is rendered.</p>
        </section>
      </div>
    </>
  );
}
