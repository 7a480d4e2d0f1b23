"""DataCite's JSON schema 4.5: valid as it stands and with a DOI, and its client makes XML of it."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path


def complaints(folder: Path) -> list[str]:
    """Return what the schema says against the file."""
    schema45 = import_module("datacite.schema45")
    stated = json.loads((folder / "datacite.json").read_text(encoding="utf-8"))
    found = [
        f"{error.json_path}: {error.message}"
        for record in (stated, stated | {"doi": "10.5072/example"})
        for error in schema45.validator.iter_errors(record)
    ]
    return found or ([] if f"<version>{stated['version']}</version>" in schema45.tostring(stated) else ["no XML"])


if __name__ == "__main__":
    print(f"{version('datacite')}, schema 4.5")
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
