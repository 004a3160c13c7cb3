/** `createAuth` for apps whose APIs are behind a Lambda authorizer, or want a recent sign-in for some requests. */
import { createAuth as createCore, type Auth, type AuthOptions, type CurrentUser, type User } from "./index.js";
import { isNamed } from "./origin.js";
import { createRecovery, type RecoveryOptions } from "./recovery.js";

export type { ReauthenticationChallenge, RecoveryOptions } from "./recovery.js";

/** Throws an error that names an entry of `apis` that is not an origin. Such an entry would match no request. */
function checkOrigin(api: string): void {
  let origin = "null";
  try {
    origin = new URL(api).origin;
  } catch {
    // not a URL
  }
  if (!/^https?:/i.test(api) || /\*/.test(origin) || new URL(api).href !== `${origin}/`) {
    throw new TypeError(
      `createAuth: apis contains ${JSON.stringify(api)}. Write an origin, like "https://api.example.com"`,
    );
  }
}

/** The `createAuth` of `@gatecrumb/client`, whose `fetch` also does what `RecoveryOptions` say. */
export function createAuth<U extends User = CurrentUser>(options: AuthOptions<U> & RecoveryOptions = {}): Auth<U> {
  const { apis = [], baseUrl = "" } = options;
  apis.forEach(checkOrigin);
  const named = [baseUrl, "", ...apis];
  const recovery = createRecovery(
    options,
    (url) => isNamed(url, named),
    () => auth,
  );
  const auth: Auth<U> = createCore(options, recovery);
  return auth;
}
