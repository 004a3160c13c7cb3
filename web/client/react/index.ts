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
import type { Auth, Snapshot } from "../src/index.js";

const AuthContext = createContext<Auth | undefined>(undefined);

/**
 * Shares one `createAuth` with the components below it, and asks who is signed in unless that is known. Make `auth`
 * outside of any component, or in a component's state when the server says who is signed in (`initialUser`): one
 * that visitors share on a server would show one visitor to another.
 */
export function AuthProvider({ auth, children }: { auth: Auth; children?: ReactNode }): ReactNode {
  useEffect(() => {
    // A failure shows in the snapshot.
    const ask = () => void auth.currentUser().catch(() => {});
    const askAgain = () => {
      if (auth.getSnapshot().status === "unavailable") ask();
    };
    const shown = ({ persisted }: PageTransitionEvent) => {
      if (persisted) ask(); // back from the back/forward cache, where no sign-out was heard
    };
    if (auth.getSnapshot().status === "loading") ask();
    addEventListener("online", askAgain);
    addEventListener("pageshow", shown);
    return () => {
      removeEventListener("online", askAgain);
      removeEventListener("pageshow", shown);
    };
  }, [auth]);
  return createElement(AuthContext.Provider, { value: auth }, children);
}

/** Who is signed in, and the ways to change it. */
export type UseAuth = Snapshot & Pick<Auth, "login" | "logout" | "currentUser" | "fetch">;

/** The state that all components and all tabs share. */
export function useAuth(): UseAuth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an <AuthProvider> above it");
  const snapshot = useSyncExternalStore(auth.subscribe, auth.getSnapshot, auth.getInitialSnapshot);
  return useMemo(() => {
    const { login, logout, currentUser, fetch } = auth;
    return { ...snapshot, login, logout, currentUser, fetch };
  }, [auth, snapshot]);
}
