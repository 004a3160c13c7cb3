import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { config, cookieName } from "./config";
import { cookieValues } from "./cookies";

/** What an access token says of its user. */
export interface Access {
  userId: string;
  roles: string[];
  issuedAt: Date;
  expiresAt: Date;
}

/** The characters of a key's id and of a signature. */
const [KID, SIGNATURE] = [43, 86];
/** More tokens of that form than the 16 KiB of Node's headers have room for, so that no cookie pushes out another. */
const MAX_CHECKED = 128;

/** Whether it is worth checking the signature of: whatever else came under the name costs less. */
function looksLikeOurs(token: string): boolean {
  const { issuer } = config();
  try {
    const { typ, kid } = decodeProtectedHeader(token);
    const signature = token.slice(token.lastIndexOf(".") + 1);
    const formed = typ === "at+jwt" && kid?.length === KID && signature.length === SIGNATURE;
    return formed && decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
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
  const tokens = cookieValues(cookieHeader, cookieName("access")).filter(looksLikeOurs).slice(0, MAX_CHECKED);
  const good = (await Promise.all(tokens.map(verify))).filter((access) => access !== undefined);
  return good.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())[0];
}
