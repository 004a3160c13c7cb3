// Third-party verifiers that check issuer and audience but not `typ` (RFC 8725, section 3.12): they accept our access
// tokens and reject our refresh tokens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JwtVerifier } from "aws-jwt-verify";
import { createLocalJWKSet, decodeJwt, jwtVerify } from "jose";
import { bin, freePorts, gatecrumb, start } from "./harness/process.mjs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD } from "./harness/servers.mjs";

const stops = [];
let jwks, issuer, access, refresh;
before(async () => {
  const [apiPort, dynamodbPort] = await freePorts(2);
  const state = await mkdtemp(join(tmpdir(), "gatecrumb-verifiers-"));
  stops.push(() => rm(state, { recursive: true, force: true }));
  const args = ["serve", "--state", state, "--port", `${apiPort}`, "--dynamodb-port", `${dynamodbPort}`];
  stops.push(await start(bin, args, {}, /Ctrl-C stops it/));
  ({ verifying_keys: jwks, issuer } = JSON.parse(gatecrumb(["key", "public", "--state", state, "--json"])));
  const response = await fetch(`http://localhost:${apiPort}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo", password: PASSWORD }),
  });
  const cookies = response.headers.getSetCookie();
  [access, refresh] = ["access", "refresh"].map((kind) =>
    cookies.map((line) => new RegExp(`^gatecrumb-${kind}=([^;]+)`).exec(line)?.[1]).find(Boolean),
  );
});
after(async () => {
  for (const stop of stops.reverse()) await stop();
});

test("both tokens have the same issuer, and the refresh token has its own audience", () => {
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
