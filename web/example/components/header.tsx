"use client";

import { useAuth } from "@gatecrumb/client/react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useState } from "react";
import { messageOf } from "@/lib/messages";
import { signInUrl } from "@/lib/sign-in-url";

const PAGES = [
  ["/", "Home"],
  ["/server", "Server page"],
  ["/client", "Client page"],
] as const;

export function Header() {
  const path = usePathname();
  return (
    <header className="bar">
      <nav aria-label="Pages">
        {PAGES.map(([href, name]) => (
          // No prefetch: for a protected page it could cause a refresh, or a redirect that the router then caches.
          <Link key={href} href={href} prefetch={false} aria-current={path === href ? "page" : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <UserMenu path={path} />
    </header>
  );
}

function UserMenu({ path }: { path: string }) {
  const { status, user, logout, currentUser } = useAuth();
  const [message, setMessage] = useState("");
  const [busy, setBusy] = useState(false);

  async function attempt(work: () => Promise<unknown>) {
    setBusy(true);
    setMessage("");
    await work().catch((error) => setMessage(messageOf(error)));
    setBusy(false);
  }

  return (
    <div className="who" data-status={status}>
      {status === "loading" && <span className="skeleton" role="status" aria-label="Checking who is signed in" />}
      {status === "signed-out" && path !== "/sign-in" && <Link href={signInUrl(path)}>Sign in</Link>}
      {status === "signed-in" && (
        <>
          <span className="name">{user?.name ?? user?.username}</span>
          <button type="button" disabled={busy} onClick={() => attempt(() => logout())}>
            Sign out
          </button>
        </>
      )}
      {status === "unavailable" && (
        <>
          <span className="quiet">Cannot check who is signed in</span>
          <button type="button" disabled={busy} onClick={() => attempt(currentUser)}>
            Try again
          </button>
        </>
      )}
      {message && <p role="alert">{message}</p>}
    </div>
  );
}
