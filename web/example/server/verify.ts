import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { config, cookieName } from "./config";
import { cookieValues } from "./cookies";

/** The claims of an access token that pages use. */
export interface Access {
  userId: string;
  roles: string[];
  issuedAt: Date;
  expiresAt: Date;
}

/** The length of a key ID and of a signature, in characters. */
const [KID, SIGNATURE] = [43, 86];
/** More tokens of that form than fit in the 16 KiB of Node's headers, so that no cookie can displace another. */
const MAX_CHECKED = 128;

/** Whether to check its signature. This check is cheaper, and rejects other values under the same cookie name. */
function looksLikeOurs(token: string): boolean {
  const { issuer } = config();
  try {
    const { typ, kid } = decodeProtectedHeader(token);
    const signature = token.slice(token.lastIndexOf(".") + 1);
    const wellFormed = typ === "at+jwt" && kid?.length === KID && signature.length === SIGNATURE;
    return wellFormed && decodeJwt(token).iss === issuer;
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
    return undefined; // an invalid token counts as absent
  }
}

/**
 * The valid access token among these cookies, verified with the public keys alone, without a request. It stays valid
 * until it expires, even if its session has ended in the meantime. Where that is not acceptable, call `/auth/me`.
 */
export async function verifyAccess(cookieHeader: string | null): Promise<Access | undefined> {
  const tokens = cookieValues(cookieHeader, cookieName("access")).filter(looksLikeOurs).slice(0, MAX_CHECKED);
  const valid = (await Promise.all(tokens.map(verify))).filter((access) => access !== undefined);
  return valid.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())[0];
}
