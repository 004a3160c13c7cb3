// A user of one's own for the whole program, by declaration merging. Its own program: see the tsconfig beside it.
import { createAuth, type CurrentUser, type Snapshot, type User } from "@gatecrumb/client";
import { useAuth, useUser } from "@gatecrumb/client/react";
import { authStore } from "@gatecrumb/client/svelte";
import { fakeUser } from "@gatecrumb/client/testing";
import { useAuth as useVueAuth } from "@gatecrumb/client/vue";

interface Staff extends User<"admin" | "editor"> {
  tenant: string;
}
declare module "@gatecrumb/client" {
  interface Register {
    user: Staff;
  }
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(_?: T) => {};

const auth = createAuth();
is<Equal<CurrentUser, Staff>>();
is<Equal<Awaited<ReturnType<typeof auth.currentUser>>, Staff | null>>();
const vue = useVueAuth(auth);
is<Equal<typeof vue.value, Snapshot<Staff>>>();
const fake = fakeUser();
is<Equal<typeof fake, Staff>>();
authStore(auth).subscribe(({ user }) => user?.tenant);
export function Tenant() {
  const { user } = useAuth();
  const required = useUser();
  is<Equal<typeof required, Staff>>();
  // @ts-expect-error an unknown role
  user?.roles.includes("owner");
  return user?.tenant;
}
