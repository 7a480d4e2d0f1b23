"""cffconvert: the project's citation file is valid."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path


def complaints(project: Path) -> list[str]:
    """Return what the validator says against CITATION.cff."""
    command = [str(Path(sys.executable).parent / "cffconvert"), "--validate", "-i", str(project / "CITATION.cff")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    good = done.returncode == 0 and "are valid according to schema version 1.2.0" in done.stdout
    return [] if good else [done.stdout + done.stderr]


if __name__ == "__main__":
    print(version("cffconvert"))
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
