"use client";

import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import type { Auth, Snapshot } from "./index.js";

const AuthContext = createContext<Auth | undefined>(undefined);

/**
 * Shares one `createAuth` with the components below it, and requests the user unless it is known. Create `auth`
 * outside any component, or in a component's state if a server passes `initialUser`. Requests to a server must not
 * share an instance: it would show one visitor's user to another.
 */
export function AuthProvider({ auth, children }: { auth: Auth; children?: ReactNode }): ReactNode {
  useEffect(() => {
    // A failure is in the snapshot.
    if (auth.getSnapshot().status === "loading") auth.currentUser().catch(() => {});
  }, [auth]);
  return createElement(AuthContext.Provider, { value: auth }, children);
}

/** The snapshot, and the functions that change it. */
export type UseAuth = Snapshot & Pick<Auth, "login" | "logout" | "currentUser" | "fetch">;

/** The state shared by all components and all tabs. */
export function useAuth(): UseAuth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an <AuthProvider> above it");
  const snapshot = useSyncExternalStore(auth.subscribe, auth.getSnapshot, auth.getInitialSnapshot);
  return useMemo(() => {
    const { login, logout, currentUser, fetch } = auth;
    return { ...snapshot, login, logout, currentUser, fetch };
  }, [auth, snapshot]);
}
