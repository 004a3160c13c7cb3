import type { Auth, CurrentUser, Snapshot, User } from "./index.js";
import { load } from "./load.js";

/** Svelte's store contract, as `Readable` of `svelte/store`. */
export interface AuthStore<U extends User = CurrentUser> {
  subscribe(run: (snapshot: Snapshot<U>) => void): () => void;
}

/**
 * A store of the snapshot: `$auth.status`, `$auth.user`. The first subscriber in a browser causes the request for the
 * user, unless it is known.
 */
export function authStore<U extends User>(auth: Auth<U>): AuthStore<U> {
  return {
    subscribe(run) {
      const unsubscribe = auth.subscribe(run);
      run(auth.getSnapshot());
      load(auth);
      return unsubscribe;
    },
  };
}
