// Types without a registered user. `tsc` fails if an expected error does not occur.
import {
  AuthError,
  createAuth,
  type Auth,
  type AuthErrorCode,
  type AuthOptions,
  type ChangeReason,
  type Snapshot,
  type User,
} from "@gatecrumb/client";
import { createAuth as createApiAuth, type ReauthenticationChallenge } from "@gatecrumb/client/api";
import { AuthProvider, RequireUser, useAuth, useUser } from "@gatecrumb/client/react";
import { authStore } from "@gatecrumb/client/svelte";
import { createFakeAuth, fakeUser, reauthenticationRequired } from "@gatecrumb/client/testing";
import { useAuth as useVueAuth } from "@gatecrumb/client/vue";
import { derived, type Readable } from "svelte/store";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(_?: T) => {};

interface Staff extends User<"admin" | "editor"> {
  tenant: string;
}

// Options accept what the environment gives, and nothing else.
declare const environment: { url: string | undefined };
const auth = createAuth({ baseUrl: environment.url, cookieName: undefined, hint: undefined, initialUser: undefined });
const options: AuthOptions = {};
createAuth(options);
// @ts-expect-error a misspelled option
createAuth({ baseURL: "" });

// The client of ./api is an Auth, with options of its own.
declare const confirm: (challenge: ReauthenticationChallenge) => Promise<boolean>;
createAuth({ apis: ["https://api.example.com"] });
const apiAuth = createApiAuth<Staff>({
  ...options,
  initialUser: undefined,
  apis: undefined,
  refreshOn403: true,
  onReauthenticate: async (challenge) => {
    is<Equal<typeof challenge.maxAge, number | undefined>>();
    return confirm(challenge);
  },
});
is<Equal<typeof apiAuth, Auth<Staff>>>();
createApiAuth();
// @ts-expect-error options of ./api only
createAuth({ refreshOn403: true });
// @ts-expect-error neither true nor false
createApiAuth({ onReauthenticate: () => {} });
// @ts-expect-error a list
createApiAuth({ apis: "https://api.example.com" });

// A snapshot is discriminated by its status.
function name(snapshot: Snapshot): string {
  switch (snapshot.status) {
    case "loading":
      is<Equal<typeof snapshot.user, null>>();
      return "…";
    case "signed-in":
      return snapshot.user.username;
    case "signed-out":
      is<Equal<typeof snapshot.reason, AuthErrorCode | undefined>>();
      return snapshot.reason ?? "nobody";
    case "unavailable":
      is<Equal<typeof snapshot.reason, AuthErrorCode>>();
      return snapshot.reason;
  }
}
// @ts-expect-error a user without a sign-in
export const impossible: Snapshot = { status: "signed-out", user: fakeUser() };
// @ts-expect-error a sign-in without a user
export const alsoImpossible: Snapshot = { status: "signed-in", user: null };
// @ts-expect-error `unavailable` has a reason
export const withoutReason: Snapshot = { status: "unavailable", user: null };
// @ts-expect-error exactOptionalPropertyTypes: a reason is there or is not
export const undefinedReason: Snapshot = { status: "signed-out", user: null, reason: undefined };

// A user of one's own, by a type argument.
const staff = createAuth<Staff>();
is<Equal<Awaited<ReturnType<typeof staff.login>>, Staff>>();
is<Equal<ReturnType<typeof staff.getSnapshot>, Snapshot<Staff>>>();
// @ts-expect-error an unknown role
createAuth<Staff>({ initialUser: fakeUser<Staff>({ roles: ["owner"] }) });
// @ts-expect-error not a user
createAuth<{ id: string }>();
is<Equal<typeof auth, Auth>>();
is<Equal<Awaited<ReturnType<typeof auth.currentUser>>, User | null>>();

// `fetch` is a fetch, for libraries that take one.
export const fetcher: typeof fetch = auth.fetch;

auth.onChange((snapshot, reason) => {
  is<Equal<typeof reason, ChangeReason>>();
  name(snapshot);
});
const unsubscribe: () => void = auth.subscribe(() => {});
unsubscribe();

auth.login("ada", "secret").catch((error: unknown) => {
  if (error instanceof AuthError) {
    is<Equal<typeof error.code, AuthErrorCode>>();
    is<Equal<typeof error.retryAfter, number | undefined>>();
  }
});

export function Page() {
  const { status, user, login } = useAuth();
  if (status === "signed-in") is<Equal<typeof user, User>>();
  else is<Equal<typeof user, null>>();
  return (
    <AuthProvider auth={status === "loading" ? staff : apiAuth}>
      <RequireUser
        fallback={({ status, reason, currentUser }) => {
          // @ts-expect-error nobody is signed in here
          if (status === "signed-in") return null;
          if (status === "unavailable") return <button onClick={() => currentUser()}>{reason}</button>;
          return status === "signed-out" ? <button onClick={() => login("ada", "secret")} /> : "…";
        }}
      >
        <Profile />
      </RequireUser>
    </AuthProvider>
  );
}
function Profile() {
  is<Equal<ReturnType<typeof useUser>, User>>();
  return useUser<Staff>().tenant;
}

export const store: Readable<Snapshot<Staff>> = authStore(staff);
export const tenant = derived(authStore(staff), ({ user }) => user?.tenant);
is<Equal<ReturnType<typeof useVueAuth<Staff>>["value"], Snapshot<Staff>>>();

createFakeAuth({ fetch: async () => reauthenticationRequired(60), onReauthenticate: confirm });
const fake = createFakeAuth<Staff>({ user: fakeUser<Staff>({ tenant: "acme" }) });
export const asAuth: Auth<Staff> = fake;
fake.set({ status: "unavailable", user: null, reason: "network" });
