import {
  getCurrentInstance,
  getCurrentScope,
  onMounted,
  onScopeDispose,
  shallowReadonly,
  shallowRef,
  type ShallowRef,
} from "vue";
import type { Auth, CurrentUser, Snapshot, User } from "./index.js";
import { load } from "./load.js";

/**
 * The snapshot as a ref, kept up to date until the component or effect scope ends: `auth.value.user`, in a template
 * `auth.user`. Unless the user is known, it is requested. A component starts from the snapshot at creation, from which
 * a server renders, and is up to date once it is mounted.
 */
export function useAuth<U extends User = CurrentUser>(auth: Auth<U>): Readonly<ShallowRef<Snapshot<U>>> {
  const snapshot = shallowRef(auth.getInitialSnapshot());
  let unsubscribe = () => {};
  const start = () => {
    const update = () => (snapshot.value = auth.getSnapshot());
    unsubscribe = auth.subscribe(update);
    update();
    load(auth);
  };
  // A server mounts nothing, so that it neither subscribes nor requests.
  if (getCurrentInstance()) onMounted(start);
  else start();
  if (getCurrentScope()) onScopeDispose(() => unsubscribe());
  return shallowReadonly(snapshot);
}
