"use client";

import { createAuth } from "@gatecrumb/client";
import { AuthProvider } from "@gatecrumb/client/react";
import { useState, type ReactNode } from "react";

interface Props {
  nobody: boolean;
  cookieName: string;
  children: ReactNode;
}

/** `nobody`: the server saw that nobody is signed in. Made in state: on the server, each request has its own. */
export function Providers({ nobody, cookieName, children }: Props) {
  const [auth] = useState(() => createAuth({ cookieName, ...(nobody && { initialUser: null }) }));
  return <AuthProvider auth={auth}>{children}</AuthProvider>;
}
