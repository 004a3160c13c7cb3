"use client";

import { createAuth } from "@gatecrumb/client/api";
import type { ClientOptions } from "@gatecrumb/client/next";
import { AuthProvider } from "@gatecrumb/client/react";
import { useState, type ReactNode } from "react";
import { Reauthenticate, createPrompt } from "./reauthenticate";

interface Props {
  options: ClientOptions;
  /** The origin of the notes API, to which requests carry cookies. */
  notes: string;
  children: ReactNode;
}

/** `options`: what the server knows. `auth` is in state, so that each request has its own. */
export function Providers({ options, notes, children }: Props) {
  const [prompt] = useState(createPrompt);
  const [auth] = useState(() =>
    // One route of the notes API is behind an authorizer, which denies an expired token with 403.
    createAuth({ ...options, apis: [notes], refreshOn403: true, onReauthenticate: prompt.open }),
  );
  return (
    <AuthProvider auth={auth}>
      {children}
      <Reauthenticate prompt={prompt} />
    </AuthProvider>
  );
}
