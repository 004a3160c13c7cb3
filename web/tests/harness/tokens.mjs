// Expired, aged, forged and changed tokens, signed with the keys of the test's `gatecrumb serve`.
import { readFile } from "node:fs/promises";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, SignJWT } from "jose";

export const now = () => Math.floor(Date.now() / 1000);

export async function createMint(state) {
  const { keys } = JSON.parse(await readFile(`${state}/signing-keys.json`, "utf8"));
  const key = await importJWK(keys[0], "EdDSA");
  const resign = (token, changes, { by = key, header } = {}) =>
    new SignJWT({ ...decodeJwt(token), ...changes })
      .setProtectedHeader({ ...decodeProtectedHeader(token), ...header })
      .sign(by);
  return {
    /** The same token, expired. */
    expired: (token) => resign(token, { iat: now() - 2000, exp: now() - 1000 }),
    /** The same token, issued long enough ago to be rotated. */
    aged: (token) => resign(token, { iat: now() - 1000 }),
    /** The same token, signed with an unknown key that has the same key ID. */
    forged: async (token) => resign(token, {}, { by: (await generateKeyPair("EdDSA")).privateKey }),
    /** The same token with other claims or another header. */
    changed: resign,
  };
}
