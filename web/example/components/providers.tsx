"use client";

import { createAuth } from "@gatecrumb/client";
import { AuthProvider } from "@gatecrumb/client/react";
import { useState, type ReactNode } from "react";

interface Props {
  signedOut: boolean;
  cookieName: string;
  children: ReactNode;
}

/** `signedOut`: the server knows that nobody is signed in. `auth` is in state, so that each request has its own. */
export function Providers({ signedOut, cookieName, children }: Props) {
  const [auth] = useState(() => createAuth({ cookieName, ...(signedOut && { initialUser: null }) }));
  return <AuthProvider auth={auth}>{children}</AuthProvider>;
}
