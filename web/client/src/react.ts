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
import type { Auth, CurrentUser, Snapshot, User } from "./index.js";
import { load } from "./load.js";

// `any`: a context has one type, but each app its own user.
const AuthContext = createContext<Auth<any> | undefined>(undefined);
const UserContext = createContext<unknown>(undefined);

/**
 * Shares one `createAuth` with the components below it, and requests the user unless it is known. Create `auth`
 * outside any component, or in a component's state if a server passes `initialUser`. Requests to a server must not
 * share an instance: it would show one visitor's user to another.
 */
export function AuthProvider<U extends User>({ auth, children }: { auth: Auth<U>; children?: ReactNode }): ReactNode {
  useEffect(() => load(auth), [auth]);
  return createElement(AuthContext.Provider, { value: auth }, children);
}

type Calls<U extends User> = Pick<Auth<U>, "login" | "logout" | "currentUser" | "fetch">;

/** The snapshot, and the functions that change it. */
export type UseAuth<U extends User = CurrentUser> = Snapshot<U> & Calls<U>;

/** The state shared by all components and all tabs. */
export function useAuth<U extends User = CurrentUser>(): UseAuth<U> {
  const auth: Auth<U> | undefined = useContext(AuthContext);
  if (!auth) throw new Error("useAuth needs an <AuthProvider> above it");
  const snapshot = useSyncExternalStore(auth.subscribe, auth.getSnapshot, auth.getInitialSnapshot);
  return useMemo(() => {
    const { login, logout, currentUser, fetch } = auth;
    return { ...snapshot, login, logout, currentUser, fetch };
  }, [auth, snapshot]);
}

/** The state of `useAuth` while no user is known. */
export type NoUser = Exclude<Snapshot, { status: "signed-in" }> & Calls<User>;

export interface RequireUserProps {
  /** What to show instead of the children: while loading, if nobody is signed in, and if that cannot be determined. */
  fallback: (state: NoUser) => ReactNode;
  children?: ReactNode;
}

/** Renders its children only while a user is signed in. It hides them; what they request, your API must protect. */
export function RequireUser({ fallback, children }: RequireUserProps): ReactNode {
  const state = useAuth<User>();
  if (state.status !== "signed-in") return fallback(state);
  return createElement(UserContext.Provider, { value: state.user }, children);
}

/** The signed-in user, in components below `<RequireUser>`. */
export function useUser<U extends User = CurrentUser>(): U {
  const user = useContext(UserContext);
  if (!user) throw new Error("useUser needs a <RequireUser> above it");
  return user as U;
}
