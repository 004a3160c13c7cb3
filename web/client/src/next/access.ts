import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { CurrentUser } from "../types.js";
import { cookieValues } from "./cookies.js";
import { cookieName, type Settings } from "./settings.js";

/** What an access token says about its user, as of when it was issued. */
export interface TokenUser {
  id: string;
  roles: CurrentUser["roles"];
  sessionId: string;
  issuedAt: Date;
  expiresAt: Date;
}

/** Why a request has no valid access token: the codes of `GET /auth/me`. */
export type NoAccess = "access_expired" | "token_invalid" | "not_logged_in";

/** The length of a key ID and of a signature, in characters. */
const [KID, SIGNATURE] = [43, 86];
/** Browsers keep no longer cookie. */
const MAX_TOKEN_LENGTH = 4096;
/** More tokens of that form than fit in the 16 KiB of Node's headers, so that no cookie can displace another. */
const MAX_CHECKED = 128;

/** The `iss` of a token, which nobody has verified. */
function unverifiedIssuer(token: string): string | undefined {
  try {
    return token.length <= MAX_TOKEN_LENGTH ? decodeJwt(token).iss : undefined;
  } catch {
    return undefined;
  }
}

/** Whether to check its signature. This check is cheaper, and rejects other values under the same cookie name. */
function looksLikeOurs(token: string, { issuer }: Settings): boolean {
  if (unverifiedIssuer(token) !== issuer) return false;
  try {
    const { kid } = decodeProtectedHeader(token);
    const signature = token.slice(token.lastIndexOf(".") + 1);
    return kid?.length === KID && signature.length === SIGNATURE;
  } catch {
    return false;
  }
}

async function verify(token: string, { keys, issuer, audience }: Settings): Promise<TokenUser | "expired" | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["EdDSA"],
      typ: "at+jwt",
      issuer,
      audience,
      requiredClaims: ["sub", "sid", "iat", "exp", "jti"],
    });
    const { sub, sid, iat, exp, roles } = payload;
    const isComplete = sub && typeof sid === "string" && iat && exp;
    if (!isComplete || !Array.isArray(roles) || !roles.every((role) => typeof role === "string")) return undefined;
    return { id: sub, roles, sessionId: sid, issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
  } catch (error) {
    // jose checks `exp` last, so everything else about an expired token has been verified. Others count as absent.
    return error instanceof errors.JWTExpired ? "expired" : undefined;
  }
}

/** Which values a request has under a cookie's name. A token of another issuer belongs to another deployment. */
function classify(values: string[], { issuer }: Settings): { ours: boolean; foreign: boolean } {
  const isForeign = (value: string) => (unverifiedIssuer(value) ?? issuer) !== issuer;
  return { ours: !values.every(isForeign), foreign: values.some(isForeign) };
}

/**
 * The user of the newest valid access token in a Cookie header, verified with the public keys alone, without a request.
 * Without one, the code with which `me` would respond.
 */
export async function readAccess(cookieHeader: string | null, settings: Settings): Promise<TokenUser | NoAccess> {
  const values = (kind: "access" | "refresh" | "hint") => cookieValues(cookieHeader, cookieName(settings, kind));
  const candidates = values("access").filter((token) => looksLikeOurs(token, settings));
  const found = await Promise.all(candidates.slice(0, MAX_CHECKED).map((token) => verify(token, settings)));
  const users = found.filter((each) => typeof each === "object");
  const newest = users.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())[0];
  if (newest) return newest;
  if (found.includes("expired")) return "access_expired";
  const [access, refresh] = [classify(values("access"), settings), classify(values("refresh"), settings)];
  // A hint beside another deployment's tokens belongs to that deployment.
  const hint = values("hint").length > 0 && !access.foreign && !refresh.foreign;
  if (refresh.ours || hint) return "access_expired";
  return access.ours ? "token_invalid" : "not_logged_in";
}
