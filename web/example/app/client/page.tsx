import type { Metadata } from "next";
import { Profile } from "./profile";

export const metadata: Metadata = { title: "Client page" };

export default function ClientPage() {
  return (
    <section>
      <h1>Rendered in the browser</h1>
      <Profile />
    </section>
  );
}
