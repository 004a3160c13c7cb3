// The server-rendered page with every combination of absent, good, expired, broken and revoked cookies.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServers, PASSWORD } from "./harness/servers.mjs";

const MAX_HOPS = 5;
let servers, cookies, goodAccess;

async function logIn() {
  const response = await fetch(`${servers.api}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo", password: PASSWORD }),
  });
  assert.equal(response.status, 200);
  return apply(new Map(), response);
}

/** Applies the Set-Cookie headers of a response to a cookie jar. */
function apply(jar, response) {
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^gatecrumb-(\w+)=([^;]*)/.exec(line) ?? [];
    if (!name) continue; // cleared variants of other configurations
    if (value && !/max-age=0/i.test(line)) jar.set(name, value);
    else jar.delete(name);
  }
  return jar;
}

before(async () => {
  servers = await startServers();
  const { mint } = servers;
  const [good, revoked] = [await logIn(), await logIn()];
  const cookie = [...revoked].map(([name, value]) => `gatecrumb-${name}=${value}`).join("; ");
  const response = await fetch(`${servers.api}/auth/logout`, { method: "POST", headers: { cookie } });
  assert.equal(response.status, 204);
  const variants = async (name, other) => ({
    absent: undefined,
    good: good.get(name),
    expired: await mint.expired(good.get(name)),
    forged: await mint.forged(good.get(name)),
    garbage: "ey.not.a-token",
    empty: "",
    revoked: revoked.get(name),
    "the other kind": good.get(other),
  });
  goodAccess = good.get("access");
  cookies = { access: await variants("access", "refresh"), refresh: await variants("refresh", "access") };
});
after(() => servers?.stop());

/** Follows redirects and keeps cookies as a browser does. */
async function visit(jar, path) {
  const hops = [];
  for (let url = new URL(path, servers.app); ;) {
    const cookie = [...jar].map(([name, value]) => `gatecrumb-${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: cookie ? { cookie } : {} });
    apply(jar, response);
    const html = await response.text();
    hops.push(`${response.status} ${url.pathname}`);
    const location = response.headers.get("location");
    if (!location) return { hops, html };
    assert.ok(hops.length < MAX_HOPS, `redirect loop: ${hops.join(", ")}`);
    url = new URL(location, url);
  }
}

const KINDS = ["absent", "good", "expired", "forged", "garbage", "empty", "revoked", "the other kind"];
for (const access of KINDS) {
  test(`access ${access}: leads to the page or to the sign-in page, with every refresh token and hint`, async () => {
    for (const refresh of KINDS) {
      for (const hint of [undefined, "1"]) {
        const jar = new Map(
          Object.entries({ access: cookies.access[access], refresh: cookies.refresh[refresh], hint }).filter(
            ([, value]) => value !== undefined,
          ),
        );
        const name = `access ${access}, refresh ${refresh}, hint ${hint}`;
        // The server's page needs only a valid signature; the refresh checks whether the session is live.
        const rendered = ["good", "revoked"].includes(access) || refresh === "good";
        const expected = rendered ? ["200 /server"] : ["303 /server", "200 /sign-in"];
        const first = await visit(jar, "/server");
        assert.deepEqual(first.hops, expected, name);
        // With the hint, the page first checks whether anybody is signed in already.
        const signInPage = jar.has("hint") ? /Checking who is signed in/ : /name="password"/;
        assert.match(first.html, rendered ? /Rendered by the server/ : signInPage, name);
        assert.deepEqual((await visit(jar, "/server")).hops, expected, `${name}, again`);
        for (const open of ["/", "/client", "/sign-in"]) {
          assert.deepEqual((await visit(jar, open)).hops, [`200 ${open}`], `${name}, ${open}`);
        }
      }
    }
  });
}

test("only an access token for this app's audience, from its issuer, is accepted", async () => {
  const changes = {
    "nothing changed": [{}, {}, "/server"],
    "another audience": [{ aud: "another" }, {}, "/sign-in"],
    "another issuer": [{ iss: "another" }, {}, "/sign-in"],
    "a refresh token's type": [{}, { header: { typ: "refresh+jwt" } }, "/sign-in"],
    "no type": [{}, { header: { typ: undefined } }, "/sign-in"],
    "no user": [{ sub: undefined }, {}, "/sign-in"],
    "no expiry": [{ exp: undefined }, {}, "/sign-in"],
  };
  for (const [name, [claims, options, end]] of Object.entries(changes)) {
    const access = await servers.mint.changed(goodAccess, claims, options);
    const { hops } = await visit(new Map([["access", access]]), "/server");
    assert.equal(hops.at(-1), `200 ${end}`, name);
  }
});
