interface Named {
  username: string;
  name: string | null;
}

/** What to call a user. A name may be absent or blank, a username never is. */
export function displayName({ name, username }: Named): string {
  return name?.trim() || username;
}

/** The first characters of the first and the last word of a user's display name, for an avatar. */
export function initials(user: Named): string {
  const words = displayName(user)
    .split(/[\s._-]+/)
    .filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  // Spread, because a character may be two UTF-16 units.
  return chosen.map((word) => [...(word ?? "")][0]?.toLocaleUpperCase() ?? "").join("") || "?";
}
