// Not in the bundle, only checked: what the app's tests would import.
import { createFakeAuth, fakeUser } from "@gatecrumb/client/testing";

export const admin = createFakeAuth({ user: fakeUser({ roles: ["admin"] }) });
