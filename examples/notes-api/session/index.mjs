// GET /notes/session, behind gatecrumb's authorizer: how and when the caller signed in. The authorizer has verified the
// token, so this function needs no key, no library and no table.

/** Deleting all notes wants a sign-in of the last five minutes, as in `src/api.rs`. */
const FRESH_SECONDS = 300;

const rfc3339 = (seconds) =>
  new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

export async function handler(event) {
  const { sub, exp, auth_time, acr, amr, roles } =
    event.requestContext.authorizer.lambda;
  const session = {
    user: sub,
    // Lists are JSON in a string. Compare whole roles: "admin" is also a part of "admin-readonly".
    roles: JSON.parse(roles),
    methods: JSON.parse(amr),
    level: acr,
    signed_in_at: rfc3339(auth_time),
    fresh_until: rfc3339(auth_time + FRESH_SECONDS),
    expires_at: rfc3339(exp),
  };
  return {
    statusCode: 200,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
    body: JSON.stringify({ session }),
  };
}
