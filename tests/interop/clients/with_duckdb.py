"""DuckDB reads the Parquet files in SQL; times come as UTC, since DuckDB gives zones to Python by pytz alone."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from reporting import described, files, report
from restoring import restored_row

TIME = "TIMESTAMP WITH TIME ZONE"


def tables(subject: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name and rows."""
    kinds = described(subject)
    for path in files(subject):
        found = duckdb.read_parquet(str(path))
        wanted = [
            f"""timezone('UTC', "{name}") AS "{name}\"""" if kind == TIME else f'"{name}"'
            for name, kind in zip(found.columns, found.types, strict=True)
        ]
        rows = (dict(zip(found.columns, row, strict=True)) for row in found.select(", ".join(wanted)).fetchall())
        yield path.stem, [restored_row(row, kinds[path.stem]) for row in rows]


report(duckdb.__version__, tables(Path(sys.argv[1])))
