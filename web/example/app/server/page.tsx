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
        From the access token alone, verified with the public key: this page was rendered without a request.
      </p>
      <dl>
        <dt>User</dt>
        <dd id="user-id">{userId}</dd>
        <dt>Roles</dt>
        <dd>{roles.join(", ") || "none"}</dd>
        <dt>Token issued</dt>
        <dd>{time(issuedAt)}</dd>
        <dt>Token expires</dt>
        <dd>{time(expiresAt)}</dd>
      </dl>
    </section>
  );
}
