"""Checks the recipe for Python of docs/verify-elsewhere.md, as the document contains it, against every request that the
authorizers deny or allow, and that PyJWT with issuer and audience but without a check of `typ` accepts our access tokens
and rejects our refresh tokens (RFC 8725, section 3.12). web/tests/recipes.test.mjs and web/tests/verifiers.test.mjs do
the same for Node.js."""

import json
import os
import re
from pathlib import Path

import jwt

root = Path(__file__).parent.parent
events = root / "events"
parameters = json.loads((events / "env.json").read_text())["Parameters"]
keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_json(parameters["VERIFYING_KEYS"]).keys}
cookies = dict(cookie.split("=", 1) for cookie in json.loads((events / "refresh" / "success.json").read_text())["cookies"])
document = (root / "docs" / "verify-elsewhere.md").read_text()


def verify(kind: str) -> dict:
    token = cookies[f"__Host-gatecrumb-{kind}"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    issuer = parameters["ISSUER"]
    return jwt.decode(token, key, algorithms=["EdDSA"], issuer=issuer, audience=issuer)


def exceptions() -> set[str]:
    """The rows that the document says the recipes do not deny."""
    section = document.split("\n## What the recipes do not deny\n")[1].split("\n## ")[0]
    names = re.findall(r"`([\w-]+)`", section)
    return {prefix + name for name in names for prefix in ("deny-", "deny-bearer-")}


def rows():
    """Name, method, headers, and whether the authorizers allow it."""
    for file in sorted((events / "authorizer").glob("*.answer.json")):
        name = file.name.removesuffix(".answer.json")
        event = json.loads(file.with_name(f"{name}.json").read_text())
        headers = event["headers"] | ({"cookie": "; ".join(event["cookies"])} if "cookies" in event else {})
        yield name, event["requestContext"]["http"]["method"], headers, json.loads(file.read_text())["isAuthorized"]


assert verify("access")["sub"]
try:
    verify("refresh")
except jwt.InvalidAudienceError:
    print("PyJWT accepts the access token and rejects the refresh token")
else:
    raise SystemExit("PyJWT accepts a refresh token as an access token")

(code,) = re.findall(r"^```python verify\.py\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
os.environ |= {name: parameters[name] for name in ("ISSUER", "VERIFYING_KEYS", "ALLOWED_ORIGINS")}
recipe: dict = {}
exec(compile(code, "docs/verify-elsewhere.md", "exec"), recipe)
different, counts = set(), {True: 0, False: 0}
for name, method, headers, allowed in rows():
    claims = recipe["user"](method, headers)
    counts[allowed] += 1
    if (claims is not None) != allowed:
        different.add(name)
    elif claims:
        assert (claims["sub"], claims["sid"]) == ("me", "me"), name
assert all(counts.values()), counts
if different != exceptions():
    raise SystemExit(f"docs/verify-elsewhere.md: the recipe for Python differs in {sorted(different ^ exceptions())}")
print(f"the recipe for Python decides {sum(counts.values())} requests as documented")
