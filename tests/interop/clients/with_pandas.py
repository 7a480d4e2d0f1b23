"""pandas reads the Parquet files as it does by default; whole numbers and nulls are restored by datapackage.json."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from reporting import described, files, report
from restoring import restored_row


def tables(subject: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name and rows."""
    kinds = described(subject)
    for path in files(subject):
        rows = pd.read_parquet(path).astype(object).to_dict("records")
        yield path.stem, [restored_row({str(k): v for k, v in row.items()}, kinds[path.stem]) for row in rows]


report(pd.__version__, tables(Path(sys.argv[1])))
