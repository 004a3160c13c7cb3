import { jwtVerify } from "jose";
import { config } from "./config";
import { cookieValues } from "./cookies";

/** What an access token says of its user. */
export interface Access {
  userId: string;
  roles: string[];
  issuedAt: Date;
  expiresAt: Date;
}

async function verify(token: string): Promise<Access | undefined> {
  const { keys, issuer, audience } = config();
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["EdDSA"],
      typ: "at+jwt",
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "iat", "exp", "jti"],
    });
    const { sub, iat, exp, roles } = payload;
    if (!sub || !iat || !exp || !Array.isArray(roles)) return undefined;
    return { userId: sub, roles, issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
  } catch {
    return undefined; // whatever is wrong with it: it is no sign of a user
  }
}

/**
 * The access token among these cookies, if it is good: checked by the public keys alone, without a request. It stays
 * good until it runs out, also when its session was ended meanwhile; what must not wait for that asks `me`.
 */
export async function verifyAccess(cookieHeader: string | null): Promise<Access | undefined> {
  const tokens = cookieValues(cookieHeader, `${config().cookiePrefix}gatecrumb-access`);
  const good = (await Promise.all(tokens.map(verify))).filter((access) => access !== undefined);
  return good.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())[0];
}
