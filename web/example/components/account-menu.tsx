"use client";

import type { User } from "@gatecrumb/client";
import { useAuth } from "@gatecrumb/client/react";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { displayName } from "@/lib/names";
import { signInUrl } from "@/lib/sign-in-url";
import { useAttempt } from "@/lib/use-attempt";
import { Avatar, Person } from "./person";

/** Who is signed in, with the menu to sign out; or the link to sign in. */
export function AccountMenu({ path }: { path: string }) {
  const { status, user, logout, currentUser } = useAuth();
  const { busy, failure, attempt } = useAttempt();
  const signInLink = useRef<HTMLAnchorElement>(null);
  const signingOut = useRef(false);

  // The menu disappears with the focus in it.
  useEffect(() => {
    if (status === "signed-out" && signingOut.current) signInLink.current?.focus();
    signingOut.current = false;
  }, [status]);

  async function signOut() {
    signingOut.current = true;
    if (!(await attempt(() => logout()))) signingOut.current = false;
  }

  return (
    <div className="who" data-status={status}>
      {status === "loading" && (
        <span role="status">
          <span className="skeleton" />
          <span className="visually-hidden">Checking who is signed in</span>
        </span>
      )}
      {status === "signed-out" && path !== "/sign-in" && (
        <Link ref={signInLink} className="button" href={signInUrl(path)}>
          Sign in
        </Link>
      )}
      {status === "signed-in" && <Menu user={user} busy={busy} failure={failure?.text} signOut={signOut} />}
      {status === "unavailable" && (
        <>
          <span className="quiet wide">Cannot check who is signed in</span>
          <button type="button" aria-disabled={busy} onClick={() => attempt(currentUser)}>
            Try again
          </button>
          {failure && (
            <p role="alert" className="visually-hidden">
              {failure.text}
            </p>
          )}
        </>
      )}
    </div>
  );
}

interface MenuProps {
  user: User;
  busy: boolean;
  failure: string | undefined;
  signOut: () => void;
}

/** A popover: the browser opens it, closes it with Escape or a click elsewhere, and then returns the focus. */
function Menu({ user, busy, failure, signOut }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  return (
    <>
      <button type="button" className="account" popoverTarget="account-menu">
        <Avatar user={user} />
        <span className="visually-hidden">Account menu of </span>
        <span className="account-name wide">{displayName(user)}</span>
        <span className="chevron" aria-hidden="true" />
      </button>
      <div className="menu" id="account-menu" popover="auto" ref={menu}>
        <Person user={user} />
        {/* The header stays when the page changes, so nothing else would close the menu. */}
        <Link className="button" href="/client" prefetch={false} onClick={() => menu.current?.hidePopover?.()}>
          Your profile
        </Link>
        <button type="button" aria-disabled={busy} onClick={signOut}>
          Sign out
        </button>
        {failure && <p role="alert">{failure}</p>}
      </div>
    </>
  );
}
