"""Read every table of a subject with one library; print its version, then name, rows and content hash of each table.

Usage: python read_tables.py LIBRARY SUBJECT. Where a library loses the type of a cell, the cell is restored by the type
that the data's own dictionary states, never by a guess.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import sqlite3
import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}  # read when `datasets` is imported

from espress.data.content_hash import canonical_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Rows = Iterable[Mapping[str, Any]]
    Tables = Iterator[tuple[str, Rows]]


def find_files(subject: Path) -> list[Path]:
    """Return the Parquet files of the dataset, by name."""
    return sorted((subject / "dataset" / "data").glob("*.parquet"))


def read_types(subject: Path) -> dict[str, dict[str, str]]:
    """Return table -> column -> type as the dataset's datapackage.json states them.

    An integer that may be missing is declared a number whose `rdfType` says integer.
    """
    package = json.loads((subject / "dataset" / "datapackage.json").read_text(encoding="utf-8"))
    return {
        resource["name"]: {
            field["name"]: "integer" if field.get("rdfType", "").endswith("#integer") else field["type"]
            for field in resource["schema"]["fields"]
        }
        for resource in package["resources"]
    }


def to_plain(value: Any) -> Any:
    """Return a cell without numpy's arrays, bytes and paths before names: lists and structs all the way down."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {name.split("/")[-1]: to_plain(item) for name, item in value.items()}
    return value.decode() if isinstance(value, bytes) else value


def restore(value: Any, kind: str) -> Any:
    """Return a cell as its type has it, with None, NaN and NaT as None and lists written as text as lists.

    `kind` is a type of the corpus's dictionary or of Frictionless.
    """
    value = to_plain(value)
    if value is None or (not isinstance(value, list) and value != value):  # noqa: PLR0124  NaN and NaT
        return None
    if kind in ("any", "array") or kind.startswith("list"):
        return json.loads(value) if isinstance(value, str) else value
    if kind in ("integer", "int32", "int64"):
        return int(value)
    if kind in ("boolean", "bool"):
        return bool(value)
    if kind in ("number", "float64"):
        return float(value)  # frictionless gives a Decimal
    return _read_date(value) if kind == "date" else _read_time(value) if kind in ("datetime", "timestamp") else value


def _read_date(value: Any) -> dt.date:
    if isinstance(value, str):
        return dt.date.fromisoformat(value[:10])
    return value.date() if isinstance(value, dt.datetime) else value


def _read_time(value: Any) -> dt.datetime:
    found = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def restore_rows(rows: Iterable[Mapping[Any, Any]], kinds: Mapping[str, str]) -> Rows:
    """Yield rows with each cell restored by its column's type."""
    return ({str(name): restore(value, kinds[name]) for name, value in row.items()} for row in rows)


def name_labels(loaded: Any) -> Rows:
    """Yield the rows of a `datasets.Dataset` with the names of label classes in place of their numbers."""
    labels = {key: kind for key, kind in loaded.features.items() if hasattr(kind, "int2str")}
    for row in loaded:
        yield row | {key: kind.int2str(row[key]) for key, kind in labels.items() if row[key] is not None}


def read_with_pyarrow(subject: Path) -> Tables:
    """Read the Parquet files."""
    parquet = import_module("pyarrow.parquet")
    return ((path.stem, parquet.read_table(path).to_pylist()) for path in find_files(subject))


def read_with_polars(subject: Path) -> Tables:
    """Read the Parquet files."""
    polars = import_module("polars")
    return ((path.stem, polars.read_parquet(path).to_dicts()) for path in find_files(subject))


def read_with_pandas(subject: Path) -> Tables:
    """Read the Parquet files as pandas does by default; whole numbers and nulls are restored."""
    pandas, kinds = import_module("pandas"), read_types(subject)
    for path in find_files(subject):
        rows = pandas.read_parquet(path).astype(object).to_dict("records")
        yield path.stem, restore_rows(rows, kinds[path.stem])


def read_with_duckdb(subject: Path) -> Tables:
    """Read the Parquet files in SQL; times come as UTC, since DuckDB gives zones to Python by pytz alone."""
    duckdb, kinds = import_module("duckdb"), read_types(subject)
    for path in find_files(subject):
        found = duckdb.read_parquet(str(path))
        wanted = [
            f"""timezone('UTC', "{name}") AS "{name}\"""" if kind == "TIMESTAMP WITH TIME ZONE" else f'"{name}"'
            for name, kind in zip(found.columns, found.types, strict=True)
        ]
        rows = (dict(zip(found.columns, row, strict=True)) for row in found.select(", ".join(wanted)).fetchall())
        yield path.stem, restore_rows(rows, kinds[path.stem])


def read_with_datasets(subject: Path) -> Tables:
    """Load every config from the folder, as from the Hub. A table without rows is no config: it cannot be loaded."""
    datasets, folder = import_module("datasets"), str(subject / "dataset")
    for name in datasets.get_dataset_config_names(folder):
        with tempfile.TemporaryDirectory() as cache:
            loaded = datasets.load_dataset(folder, name, cache_dir=cache)
            for split, rows in loaded.items():
                yield name if len(loaded) == 1 else f"{name}-{split}", name_labels(rows)


def read_with_espress(subject: Path) -> Tables:
    """Load every table with `espress.load`."""
    load = import_module("espress").load
    for path in find_files(subject):
        name, _, split = path.stem.partition("-")
        yield path.stem, name_labels(load(name, split=split or None, source=subject / "dataset"))


def read_with_mlcroissant(subject: Path) -> Tables:
    """Read every record set of croissant.json."""
    logging.disable(logging.WARNING)
    card, kinds = subject / "dataset" / "croissant.json", read_types(subject)
    dataset = import_module("mlcroissant").Dataset(jsonld=str(card))
    for record_set in json.loads(card.read_text(encoding="utf-8"))["recordSet"]:
        name = record_set["@id"]
        yield name, restore_rows((to_plain(record) for record in dataset.records(name)), kinds[name])


def read_with_frictionless(subject: Path) -> Tables:
    """Read every resource of datapackage.json; whole numbers that may be missing come as decimals."""
    kinds = read_types(subject)
    package = import_module("frictionless").Package(str(subject / "dataset" / "datapackage.json"))
    for resource in package.resources:
        # Release 1.1.0 names a table here that has one resource for each split, which frictionless does not find.
        keys = resource.schema.foreign_keys
        known = {"", *package.resource_names}
        resource.schema.foreign_keys = [key for key in keys if key["reference"]["resource"] in known]
        yield resource.name, restore_rows((row.to_dict() for row in resource.read_rows()), kinds[resource.name])


def read_with_sqlite(subject: Path) -> Tables:
    """Read the database of `espress export --to sqlite`; types come from its own table `dictionary`."""
    with closing(sqlite3.connect(f"file:{subject / 'espress.sqlite'}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        kinds: dict[str, dict[str, str]] = defaultdict(dict)
        for row in database.execute("SELECT table_name, name_in_file, type FROM dictionary"):
            kinds[row["table_name"]][row["name_in_file"]] = row["type"]
        for name, types in kinds.items():
            rows = list(restore_rows(map(dict, database.execute(f'SELECT * FROM "{name}"')), types))  # noqa: S608
            files = [path.stem for path in find_files(subject) if path.stem.partition("-")[0] == name]
            for file in files:  # a table with several splits has one file for each
                split = file.partition("-")[2]
                yield file, [row for row in rows if not split or row["split"] == split]


READERS: dict[str, Callable[[Path], Tables]] = {
    name.removeprefix("read_with_"): reader for name, reader in globals().items() if name.startswith("read_with_")
}

if __name__ == "__main__":
    library, place = sys.argv[1], Path(sys.argv[2])
    if library == "sqlite":
        print(sqlite3.sqlite_version)
    else:
        print(f"datasets-{version('datasets')}" if library == "espress" else version(library))
    for table, rows in READERS[library](place):
        lines = sorted(canonical_lines(rows))
        print(table, len(lines), hashlib.sha256(b"".join(lines)).hexdigest(), flush=True)
