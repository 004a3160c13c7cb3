import type { Metadata } from "next";
import { requireUser } from "@gatecrumb/client/next";
import { SameUser } from "@/components/same-user";

export const metadata: Metadata = { title: "Server page" };

export default async function ServerPage() {
  const { id, roles, issuedAt, expiresAt } = await requireUser("/server");
  const time = (date: Date) => <time dateTime={date.toISOString()}>{date.toISOString().slice(11, 19)} UTC</time>;
  return (
    <section>
      <SameUser id={id} path="/server" />
      <h1>Rendered by the server</h1>
      <p className="quiet">
        From the access token alone, verified with the public key: this page was rendered without a request.
      </p>
      <dl>
        <dt>User</dt>
        <dd id="user-id">{id}</dd>
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
