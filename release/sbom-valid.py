"""Holds a bill of materials against the schema of CycloneDX: sbom-valid.py FILE

Needs the package cyclonedx-python-lib with what it validates JSON with.
"""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    version = json.loads(text)["specVersion"]
    error = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text)
    if error is not None:
        print(f"{path} is no bill of materials of CycloneDX {version}: {error}", file=sys.stderr)
        return 2
    print(f"{path} is valid CycloneDX {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
