import type { Metadata } from "next";
import { SameUser } from "@/components/same-user";
import { requireAccess } from "@/server/session";

export const metadata: Metadata = { title: "Server page" };

export default async function ServerPage() {
  const { userId, roles, issuedAt, expiresAt } = await requireAccess("/server");
  const time = (date: Date) => <time dateTime={date.toISOString()}>{date.toISOString().slice(11, 19)} UTC</time>;
  return (
    <section>
      <SameUser id={userId} path="/server" />
      <h1>Rendered by the server</h1>
      <p className="quiet">
        From the access token alone, verified by its public key: no request was made to render this.
      </p>
      <dl>
        <dt>User</dt>
        <dd id="user-id">{userId}</dd>
        <dt>Roles</dt>
        <dd>{roles.join(", ") || "none"}</dd>
        <dt>Token from</dt>
        <dd>{time(issuedAt)}</dd>
        <dt>Good until</dt>
        <dd>{time(expiresAt)}</dd>
      </dl>
    </section>
  );
}
