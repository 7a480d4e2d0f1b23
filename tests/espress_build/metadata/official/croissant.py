"""mlcroissant: the file is valid without a warning, and every record set gives the rows of its Parquet file.

Run in an environment of its own (`make metadata-test`): prints the validator's version, then each complaint.
"""

from __future__ import annotations

import math
import subprocess
import sys
from datetime import date, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def plain(value: Any) -> Any:
    """Return a cell in plain Python: bytes as text, numpy's numbers and times as ours, what is not there as None."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name.split("/")[-1]: plain(inner) for name, inner in value.items()}
    if isinstance(value, list) or hasattr(value, "tolist"):
        listed = value if isinstance(value, list) else value.tolist()
        return [plain(inner) for inner in listed] if isinstance(listed, list) else plain(listed)
    if value is None or value != value or (isinstance(value, float) and math.isnan(value)):  # noqa: PLR0124
        return None
    if isinstance(value, datetime):
        return value.date() if value.tzinfo is None and not (value.hour or value.minute or value.second) else value
    return value


def ours(value: Any) -> Any:
    """Return a cell of the Parquet file in the same form."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else plain(value)


def complaints(folder: Path) -> list[str]:
    """Return what the validator says against the file, and every record set that is not its table."""
    command = [str(Path(sys.executable).parent / "mlcroissant"), "validate", "--jsonld", str(folder / "croissant.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if "validate.py" not in line and line.strip()]
    found = said or ([f"exit code {done.returncode}"] if done.returncode else [])
    dataset = import_module("mlcroissant").Dataset(jsonld=str(folder / "croissant.json"))
    for record_set in dataset.metadata.record_sets:
        records = [plain(record) for record in dataset.records(record_set.id)]
        rows = [ours(row) for row in pq.read_table(folder / "data" / f"{record_set.id}.parquet").to_pylist()]
        differ = sum(one != other for one, other in zip(records, rows, strict=False))
        if len(records) != len(rows) or differ:
            found.append(f"{record_set.id}: {len(records)} records, {len(rows)} rows, {differ} differ")
    tables = {path.stem for path in (folder / "data").glob("*.parquet")}
    unread = tables - {record_set.id for record_set in dataset.metadata.record_sets}
    return found + [f"{name}: has no record set" for name in sorted(unread)]


if __name__ == "__main__":
    print(version("mlcroissant"))
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
