"use client";

import { useAuth } from "@gatecrumb/client/react";
import { useEffect } from "react";
import { signInUrl } from "@/lib/sign-in-url";

/**
 * On a page that was rendered for one user: leaves it when that user signs out, in whatever tab, and renders it anew
 * for another one. By a full navigation, so that nothing of it stays in the router's memory.
 */
export function SameUser({ id, path }: { id: string; path: string }) {
  const { status, user, reason } = useAuth();
  useEffect(() => {
    if (status === "signed-out") location.replace(signInUrl(path, reason));
    if (user && user.id !== id) location.reload();
  }, [status, user, reason, id, path]);
  return null;
}
