// Every combination of absent, good, expired, broken and revoked cookies, asked for the server-rendered page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createStack, PASSWORD } from "./harness/stack.mjs";

const MAX_HOPS = 5;
let stack, cookies, goodAccess;

async function logIn() {
  const answer = await fetch(`${stack.api}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo", password: PASSWORD }),
  });
  assert.equal(answer.status, 200);
  return apply(new Map(), answer);
}

/** A jar after an answer. */
function apply(jar, answer) {
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^gatecrumb-(\w+)=([^;]*)/.exec(line) ?? [];
    if (!name) continue; // cleared variants of other configurations
    if (value && !/max-age=0/i.test(line)) jar.set(name, value);
    else jar.delete(name);
  }
  return jar;
}

before(async () => {
  stack = await createStack();
  const { mint } = stack;
  const [good, gone] = [await logIn(), await logIn()];
  const cookie = [...gone].map(([name, value]) => `gatecrumb-${name}=${value}`).join("; ");
  const left = await fetch(`${stack.api}/auth/logout`, { method: "POST", headers: { cookie } });
  assert.equal(left.status, 204);
  const variants = async (name, other) => ({
    absent: undefined,
    good: good.get(name),
    expired: await mint.expired(good.get(name)),
    forged: await mint.forged(good.get(name)),
    garbage: "ey.not.a-token",
    empty: "",
    revoked: gone.get(name),
    "the other kind": good.get(other),
  });
  goodAccess = good.get("access");
  cookies = { access: await variants("access", "refresh"), refresh: await variants("refresh", "access") };
});
after(() => stack?.stop());

/** Follows redirects as a browser would, cookies included. */
async function visit(jar, path) {
  const hops = [];
  for (let url = new URL(path, stack.app); ;) {
    const cookie = [...jar].map(([name, value]) => `gatecrumb-${name}=${value}`).join("; ");
    const answer = await fetch(url, { redirect: "manual", headers: cookie ? { cookie } : {} });
    apply(jar, answer);
    const html = await answer.text();
    hops.push(`${answer.status} ${url.pathname}`);
    const location = answer.headers.get("location");
    if (!location) return { hops, html };
    assert.ok(hops.length < MAX_HOPS, `a redirect loop: ${hops.join(", ")}`);
    url = new URL(location, url);
  }
}

const KINDS = ["absent", "good", "expired", "forged", "garbage", "empty", "revoked", "the other kind"];
for (const access of KINDS) {
  test(`access ${access}: one way to the page or to the sign-in, with every refresh and hint`, async () => {
    for (const refresh of KINDS) {
      for (const hint of [undefined, "1"]) {
        const jar = new Map(
          Object.entries({ access: cookies.access[access], refresh: cookies.refresh[refresh], hint }).filter(
            ([, value]) => value !== undefined,
          ),
        );
        const name = `access ${access}, refresh ${refresh}, hint ${hint}`;
        // A good signature is enough for the server's page; whether the session lives is asked at the refresh.
        const shown = ["good", "revoked"].includes(access) || refresh === "good";
        const expected = shown ? ["200 /server"] : ["303 /server", "200 /sign-in"];
        const first = await visit(jar, "/server");
        assert.deepEqual(first.hops, expected, name);
        assert.match(first.html, shown ? /Rendered by the server/ : /name="password"/, name);
        assert.deepEqual((await visit(jar, "/server")).hops, expected, `${name}, again`);
        for (const open of ["/", "/client", "/sign-in"]) {
          assert.deepEqual((await visit(jar, open)).hops, [`200 ${open}`], `${name}, ${open}`);
        }
      }
    }
  });
}

test("an access token counts for this app and as an access token only", async () => {
  const changes = {
    "nothing changed": [{}, {}, "/server"],
    "another audience": [{ aud: "another" }, {}, "/sign-in"],
    "another issuer": [{ iss: "another" }, {}, "/sign-in"],
    "a refresh token's type": [{}, { header: { typ: "refresh+jwt" } }, "/sign-in"],
    "no type": [{}, { header: { typ: undefined } }, "/sign-in"],
    "no user": [{ sub: undefined }, {}, "/sign-in"],
    "no end": [{ exp: undefined }, {}, "/sign-in"],
  };
  for (const [name, [claims, options, end]] of Object.entries(changes)) {
    const access = await stack.mint.changed(goodAccess, claims, options);
    const { hops } = await visit(new Map([["access", access]]), "/server");
    assert.equal(hops.at(-1), `200 ${end}`, name);
  }
});
