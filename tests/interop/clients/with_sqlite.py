"""SQLite reads the database of `espress export --to sqlite`; types come from its own table `dictionary`."""

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from reporting import report
from restoring import restored_row


def tables(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name and rows."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        kinds: dict[str, dict[str, str]] = defaultdict(dict)
        for row in database.execute("SELECT table_name, name_in_file, type FROM dictionary"):
            kinds[row["table_name"]][row["name_in_file"]] = row["type"]
        for name, types in kinds.items():
            found = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608  a name of the corpus
            yield name, [restored_row(dict(row), types) for row in found]


report(sqlite3.sqlite_version, tables(Path(sys.argv[1]) / "espress.sqlite"))
