"""Creates a folder that `sam deploy` can deploy without Rust: bundle.py ARCHITECTURE ZIPS FOLDER

ZIPS is the output of `cargo lambda build --output-format zip`: FUNCTION/bootstrap.zip. In the folder's template, each
CodeUri is such a zip, no function has build metadata, and the only Architecture is that of the zips.
"""

import re
import shutil
import sys
from pathlib import Path

root = Path(__file__).parent.parent
# A package can have several binaries: the zip is named after the binary.
CODE = re.compile(
    r"    Metadata:\n      BuildMethod: .*\n      BuildProperties: \{ Binary: ([a-z-]+) \}\n"
    r"(    Properties:\n      FunctionName: .*\n      CodeUri: )functions/[a-z_-]+$",
    re.MULTILINE,
)
ARCHITECTURES = "    AllowedValues: [arm64, x86_64]\n"


def bundle(architecture: str, zips: Path, folder: Path) -> None:
    template = (root / "template.yaml").read_text()
    functions = [name for name, _ in CODE.findall(template)]
    template = CODE.sub(r"\2\1.zip", template)
    expected = template.count("Type: AWS::Serverless::Function\n")
    if not len(functions) == expected > 0:
        sys.exit(f"template.yaml: {expected} functions, {len(functions)} of them with a build, a name and a CodeUri")
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
