"use client";

import { createAuth } from "@gatecrumb/client";
import { AuthProvider } from "@gatecrumb/client/react";
import { useState, type ReactNode } from "react";

/** `nobody`: the server saw that nobody is signed in. Made in state: on the server, each request has its own. */
export function Providers({ nobody, children }: { nobody: boolean; children: ReactNode }) {
  const [auth] = useState(() => createAuth(nobody ? { initialUser: null } : {}));
  return <AuthProvider auth={auth}>{children}</AuthProvider>;
}
