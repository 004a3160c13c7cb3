// Verifiers elsewhere that check issuer and audience and forget `typ` (RFC 8725, section 3.12): they take an access
// token of ours and refuse a refresh token.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JwtVerifier } from "aws-jwt-verify";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { bin, freePorts, gatecrumb, start } from "./harness/process.mjs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD } from "./harness/stack.mjs";

const stops = [];
let jwks, issuer, access, refresh;
before(async () => {
  const [apiPort, dynamodbPort] = await freePorts(2);
  const state = await mkdtemp(join(tmpdir(), "gatecrumb-verifiers-"));
  stops.push(() => rm(state, { recursive: true, force: true }));
  const args = ["serve", "--state", state, "--port", `${apiPort}`, "--dynamodb-port", `${dynamodbPort}`];
  stops.push(await start(bin, args, {}, "Ctrl-C stops it."));
  ({ verifying_keys: jwks, issuer } = JSON.parse(gatecrumb(["key", "public", "--state", state, "--json"])));
  const answer = await fetch(`http://localhost:${apiPort}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo", password: PASSWORD }),
  });
  const cookies = answer.headers.getSetCookie();
  [access, refresh] = ["access", "refresh"].map((kind) =>
    cookies.map((line) => new RegExp(`^gatecrumb-${kind}=([^;]+)`).exec(line)?.[1]).find(Boolean),
  );
});
after(async () => {
  for (const stop of stops.reverse()) await stop();
});

test("both are tokens of one issuer, and the refresh token has an audience of its own", () => {
  assert.deepEqual([decodeJwt(access).iss, decodeJwt(refresh).iss], [issuer, issuer]);
  assert.deepEqual([decodeJwt(access).aud, decodeJwt(refresh).aud], [issuer, `${issuer}#refresh`]);
});

test("jose", async () => {
  const keys = createLocalJWKSet(jwks);
  const verify = (token) => jwtVerify(token, keys, { issuer, audience: issuer });
  assert.ok((await verify(access)).payload.sub);
  await assert.rejects(verify(refresh), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED", claim: "aud" });
});

test("aws-jwt-verify", async () => {
  const verifier = JwtVerifier.create({ issuer, audience: issuer, jwksUri: "https://example.com/jwks.json" });
  verifier.cacheJwks(jwks);
  assert.ok((await verifier.verify(access)).sub);
  await assert.rejects(verifier.verify(refresh), /[Aa]udience not allowed/);
});
