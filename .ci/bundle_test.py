"""Tests a release bundle with `sam package`, the first half of `sam deploy`: the template is valid, each function's zip
is uploaded unchanged, and nothing is built. The zips contain the binaries of `sam build`, BUILT/FUNCTION/bootstrap. S3
is a server in this process.

bundle_test.py ARCHITECTURE BUILT"""

import os
import subprocess
import sys
import tempfile
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from bundle import CODE, bundle, root

uploaded: list[bytes] = []


class S3(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def respond(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("ETag", '"0"')
        self.end_headers()

    def do_HEAD(self) -> None:  # noqa: N802 (no object exists yet)
        self.respond(404)

    def do_PUT(self) -> None:  # noqa: N802
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        uploaded.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.respond(200)

    def log_message(self, *_: object) -> None:
        pass


def main(architecture: str, built: Path) -> None:
    names = [name for name, _ in CODE.findall((root / "template.yaml").read_text())]
    server = ThreadingHTTPServer(("127.0.0.1", 0), S3)
    Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        zips = {}
        for name in names:
            path = Path(work, "zips", name, "bootstrap.zip")
            path.parent.mkdir(parents=True)
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
                file.write(built / name / "bootstrap", "bootstrap")
            zips[name] = path.read_bytes()
        folder = Path(work, "bundle")
        bundle(architecture, Path(work, "zips"), folder)
        environment = os.environ | {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{server.server_port}",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        }
        for command in (
            ["sam", "validate", "--lint"],
            ["sam", "package", "--s3-bucket", "bucket", "--output-template-file", "packaged.yaml"],
        ):
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE)
        packaged = (folder / "packaged.yaml").read_text()
    assert sorted(uploaded) == sorted(zips.values()), "the uploaded files differ from the zips"
    assert packaged.count("CodeUri: s3://bucket/") == len(names), packaged
    assert "BuildMethod" not in packaged
    print(f"sam package uploads {', '.join(f'{name}.zip ({len(zips[name])} bytes)' for name in names)}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
