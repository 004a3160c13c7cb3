import type { Metadata } from "next";
import { Profile } from "./profile";

export const metadata: Metadata = { title: "Client page" };

export default function ClientPage() {
  return (
    <>
      <h1>Rendered in the browser</h1>
      <p className="lead">
        From the response of <code>/auth/me</code>, which reflects changes to the user and revoked sessions immediately.
      </p>
      <Profile />
    </>
  );
}
