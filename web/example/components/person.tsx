import type { User } from "@gatecrumb/client";
import { displayName, initials } from "@/lib/names";

/** A user's initials. Decorative: the name is next to it. */
export function Avatar({ user }: { user: User }) {
  return (
    <span className="avatar" aria-hidden="true">
      {initials(user)}
    </span>
  );
}

/** A user's avatar, name and username. */
export function Person({ user }: { user: User }) {
  return (
    <div className="person">
      <Avatar user={user} />
      <div>
        <strong>{displayName(user)}</strong>
        <span className="quiet">{user.email ?? user.username}</span>
      </div>
    </div>
  );
}
