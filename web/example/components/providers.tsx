"use client";

import { createAuth } from "@gatecrumb/client";
import type { ClientOptions } from "@gatecrumb/client/next";
import { AuthProvider } from "@gatecrumb/client/react";
import { useState, type ReactNode } from "react";

interface Props {
  options: ClientOptions;
  children: ReactNode;
}

/** `options`: what the server knows. `auth` is in state, so that each request has its own. */
export function Providers({ options, children }: Props) {
  const [auth] = useState(() => createAuth(options));
  return <AuthProvider auth={auth}>{children}</AuthProvider>;
}
