"""frictionless: the data package and the rows of every table are valid, and none of them goes unread."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq


def complaints(folder: Path) -> list[str]:
    """Return the validator's errors and warnings, and tables of which it read fewer rows than there are."""
    command = [str(Path(sys.executable).parent / "frictionless"), "validate", "--json", "datapackage.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        return [done.stdout + done.stderr]
    found = [str(error) for error in [*report["errors"], *report["warnings"]]]
    for task in report["tasks"]:
        found += [f"{task['name']}: {error['message']}" for error in task["errors"]]
        found += [f"{task['name']}: {warning}" for warning in task["warnings"]]
        rows = pq.read_metadata(folder / task["place"]).num_rows
        if (task["stats"].get("rows") or 0) != rows:
            found.append(f"{task['name']}: it read {task['stats'].get('rows') or 0} of {rows} rows")
    tables = {f"data/{path.name}" for path in (folder / "data").glob("*.parquet")}
    return found + [f"{path}: not in the package" for path in sorted(tables - {t["place"] for t in report["tasks"]})]


if __name__ == "__main__":
    print(version("frictionless"))
    wrong = complaints(Path(sys.argv[1]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
