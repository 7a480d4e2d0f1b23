"""frictionless reads every resource of datapackage.json; it gives whole numbers that may be missing as decimals."""

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from frictionless import Package  # type: ignore[import-not-found]
from reporting import described, report
from restoring import restored_row


def tables(subject: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each resource's name and rows."""
    kinds = described(subject)
    for resource in Package(str(subject / "dataset" / "datapackage.json")).resources:
        rows = resource.read_rows()
        yield resource.name, [restored_row(row.to_dict(), kinds[resource.name]) for row in rows]


report(version("frictionless"), tables(Path(sys.argv[1])))
