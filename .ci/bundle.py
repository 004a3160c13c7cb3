"""Creates a folder that `sam deploy` can deploy without Rust: bundle.py ARCHITECTURE ZIPS FOLDER

ZIPS is the output of `cargo lambda build --output-format zip`: FUNCTION/bootstrap.zip. In the folder's template, each
CodeUri is such a zip, no function has build metadata, and the only Architecture is that of the zips.
"""

import re
import shutil
import sys
from pathlib import Path

root = Path(__file__).parent.parent
BUILD = re.compile(r"    Metadata:\n      BuildMethod: .*\n      BuildProperties: .*\n")
CODE = re.compile(r"^(      CodeUri: )functions/([a-z_-]+)$", re.MULTILINE)
ARCHITECTURES = "    AllowedValues: [arm64, x86_64]\n"


def bundle(architecture: str, zips: Path, folder: Path) -> None:
    template = (root / "template.yaml").read_text()
    functions = [name for _, name in CODE.findall(template)]
    template = CODE.sub(r"\1\2.zip", template)
    template, unbuilt = BUILD.subn("", template)
    expected = template.count("Type: AWS::Serverless::Function\n")
    if not len(functions) == unbuilt == expected > 0:
        sys.exit(f"template.yaml: {expected} functions, {len(functions)} of them with a CodeUri, {unbuilt} with a build")
    if template.count(ARCHITECTURES) != 1 or architecture not in ("arm64", "x86_64"):
        sys.exit(f"template.yaml: cannot set the architecture {architecture}")
    only = f"    Default: {architecture}\n    AllowedValues: [{architecture}]\n"

    folder.mkdir(parents=True)
    (folder / "template.yaml").write_text(template.replace(ARCHITECTURES, only))
    for file in ("samconfig.toml", "LICENSE-APACHE", "LICENSE-MIT"):
        shutil.copy(root / file, folder)
    for name in functions:
        shutil.copy(zips / name / "bootstrap.zip", folder / f"{name}.zip")


if __name__ == "__main__":
    bundle(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
