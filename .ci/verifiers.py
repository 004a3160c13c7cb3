"""Checks that PyJWT with issuer and audience but without a check of `typ` accepts our access tokens and rejects our
refresh tokens (RFC 8725, section 3.12). The tokens come from events/. web/tests/verifiers.test.mjs does the same for
Node.js."""

import json
from pathlib import Path

import jwt

events = Path(__file__).parent.parent / "events"
parameters = json.loads((events / "env.json").read_text())["Parameters"]
keys = {key.key_id: key.key for key in jwt.PyJWKSet.from_json(parameters["VERIFYING_KEYS"]).keys}
cookies = dict(cookie.split("=", 1) for cookie in json.loads((events / "refresh" / "success.json").read_text())["cookies"])


def verify(kind: str) -> dict:
    token = cookies[f"__Host-gatecrumb-{kind}"]
    key = keys[jwt.get_unverified_header(token)["kid"]]
    issuer = parameters["ISSUER"]
    return jwt.decode(token, key, algorithms=["EdDSA"], issuer=issuer, audience=issuer)


assert verify("access")["sub"]
try:
    verify("refresh")
except jwt.InvalidAudienceError:
    print("PyJWT accepts the access token and rejects the refresh token")
else:
    raise SystemExit("PyJWT accepts a refresh token as an access token")
