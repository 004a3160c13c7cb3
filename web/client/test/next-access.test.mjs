import assert from "node:assert/strict";
import { test } from "node:test";
import { readAccess } from "../dist/next/access.js";
import { cookies, createKey, KEYS, mint, now, settings, TOKENS } from "./next-fake.mjs";

const read = (values) => readAccess(cookies(values), settings());
const { good, older, expired, forged, unknownKey, foreign, broken, empty, long } = TOKENS;

test("the claims of a valid token", async () => {
  assert.deepEqual(await read({ access: good }), {
    id: "user-1",
    roles: ["admin"],
    sessionId: "session-1",
    issuedAt: new Date((now - 10) * 1000),
    expiresAt: new Date((now + 900) * 1000),
  });
});

test("of several tokens, the newest valid one counts, whatever their order", async () => {
  for (const access of [
    [good, older],
    [older, good],
    [expired, older, broken, good, forged, foreign],
  ]) {
    assert.equal((await read({ access })).id, "user-1");
  }
  assert.equal((await read({ access: [expired, older] })).id, "user-0");
  const junk = Array.from({ length: 150 }, (_, index) => `ey.not.a-token${index}`);
  const [head, , signature] = good.split(".");
  const payload = (jti) => Buffer.from(JSON.stringify({ iss: "https://other.example", jti })).toString("base64url");
  const others = Array.from({ length: 150 }, (_, index) => `${head}.${payload(index)}.${signature}`);
  for (const before of [junk, others]) {
    assert.equal((await read({ access: [...before, good] })).id, "user-1", "no cookie displaces another");
  }
});

test("a cookie of another name is no token", async () => {
  for (const prefix of ["gatecrumb-", "__Secure-gatecrumb-", "__Host-other-"]) {
    assert.equal(await readAccess(cookies({ access: good }, prefix), settings()), "not_logged_in", prefix);
  }
  assert.equal(await readAccess(null, settings()), "not_logged_in");
});

const invalid = {
  "another issuer": { claims: { iss: "https://other.example" } },
  "another audience": { claims: { aud: "other" } },
  "a refresh token's type": { header: { typ: "refresh+jwt" } },
  "no type": { header: { typ: undefined } },
  "no key ID": { header: { kid: undefined } },
  "not valid yet": { claims: { nbf: now + 100 } },
  "roles that are no list": { claims: { roles: "admin" } },
  "a role that is no string": { claims: { roles: [1] } },
  "a session that is no string": { claims: { sid: 1 } },
  ...Object.fromEntries(
    ["sub", "sid", "jti", "iat", "exp", "roles"].map((claim) => [`no ${claim}`, { claims: { [claim]: undefined } }]),
  ),
};
for (const [name, change] of Object.entries(invalid)) {
  test(`no user: ${name}`, async () => assert.equal(typeof (await read({ access: await mint(change) })), "string"));
}

test("no other algorithm is accepted, even if the set has a key for it", async () => {
  const other = await createKey("ES256");
  const access = await mint({ by: other, header: { alg: "ES256" } });
  assert.equal(access.split(".")[2].length, good.split(".")[2].length, "a signature of the same length");
  const both = settings({ verifyingKeys: { keys: [...KEYS.keys, other.jwk] } });
  assert.equal(await readAccess(cookies({ access }), both), "token_invalid");
  assert.equal((await readAccess(cookies({ access: [access, older] }), both)).id, "user-0");
});

// The same rows as the functions' own test of `me` (tools/cli/tests/http/me.rs), and more.
const codes = [
  [{}, "not_logged_in"],
  [{ refresh: good }, "access_expired"],
  [{ hint: 1 }, "access_expired"],
  [{ access: expired, refresh: good }, "access_expired"],
  [{ access: expired }, "access_expired"],
  [{ access: broken, refresh: good }, "access_expired"],
  [{ access: broken, hint: 1 }, "access_expired"],
  [{ access: unknownKey, refresh: good }, "access_expired"],
  [{ access: empty, refresh: empty }, "access_expired"],
  [{ access: unknownKey }, "token_invalid"],
  [{ access: forged }, "token_invalid"],
  [{ access: broken }, "token_invalid"],
  [{ access: empty }, "token_invalid"],
  [{ access: long }, "token_invalid"],
  [{ access: foreign }, "not_logged_in"],
  [{ refresh: foreign }, "not_logged_in"],
  [{ access: foreign, hint: 1 }, "not_logged_in"],
  [{ refresh: foreign, hint: 1 }, "not_logged_in"],
  [{ access: foreign, refresh: good }, "access_expired"],
  [{ access: [foreign, broken] }, "token_invalid"],
  [{ refresh: [foreign, broken] }, "access_expired"],
];
for (const [values, code] of codes) {
  const names = Object.entries(values).map(([kind, value]) => {
    const name = (token) => Object.keys(TOKENS).find((each) => TOKENS[each] === token) ?? token;
    return `${kind} ${[value].flat().map(name).join(" and ")}`;
  });
  test(`${names.join(", ") || "no cookie"}: ${code}`, async () => assert.equal(await read(values), code));
}
