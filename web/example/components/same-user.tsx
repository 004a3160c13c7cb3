"use client";

import { useAuth } from "@gatecrumb/client/react";
import { useEffect } from "react";
import { signInUrl } from "@/lib/sign-in-url";

/**
 * For a page rendered for one user: leaves it when that user signs out in any tab, and reloads it when another user
 * signs in. Both are full navigations, so that the page does not stay in the router's cache.
 */
export function SameUser({ id, path }: { id: string; path: string }) {
  const { status, user, reason } = useAuth();
  useEffect(() => {
    if (status === "signed-out") location.replace(signInUrl(path, reason));
    if (user && user.id !== id) location.reload();
  }, [status, user, reason, id, path]);
  return null;
}
