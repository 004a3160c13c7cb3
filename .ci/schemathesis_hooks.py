"""Signs in, so that schemathesis also tests the responses that need a session."""

import json
import os
import urllib.request

import schemathesis

CREDENTIALS = {"username": "schemathesis", "password": os.environ["GATECRUMB_PASSWORD"]}
HEADERS = {
    "Content-Type": "application/json",
    "X-Gatecrumb-Proxy": os.environ["GATECRUMB_PROXY_SECRET"],
    "X-Forwarded-For": "198.51.100.1",
}


@schemathesis.auth(refresh_interval=None)
class Session:
    """A new session for each request: the previous request may have ended the old one."""

    def get(self, case, context):
        login = f"{os.environ['GATECRUMB_URL']}/auth/login"
        request = urllib.request.Request(login, json.dumps(CREDENTIALS).encode(), HEADERS)
        with urllib.request.urlopen(request, timeout=10) as response:
            lines = response.headers.get_all("Set-Cookie")
        return dict(line.split(";")[0].split("=", 1) for line in lines)

    def set(self, case, data, context):
        case.cookies = {**(case.cookies or {}), **data}
