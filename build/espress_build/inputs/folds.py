"""Read and write what releases freeze in `state/`: folds of published articles, and successors of changed units."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from espress.errors import InputError
from espress.files import replace_file
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.tables import FOLDS, set_column

if TYPE_CHECKING:
    from pathlib import Path

FOLDS_FILE, MOVES_FILE = "folds.csv", "unit_moves.csv"


def _read_csv(path: Path | None, wanted: pa.Schema) -> Any:
    """Read a CSV file with exactly these columns, empty cells as null; without a file the table is empty.

    Raises:
        InputError: the file is not CSV, or its columns differ.
    """
    if path is None or not path.exists():
        return wanted.empty_table()
    types = {field.name: field.type for field in wanted}
    options = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    try:
        with path.open("rb") as file:  # pyarrow cannot open file names that are not UTF-8
            table = pa.csv.read_csv(file, convert_options=options)
    except pa.ArrowInvalid as error:
        raise InputError([f"{path}: {error}. It must be a CSV file with the columns {list(types)}."]) from error
    if table.column_names != list(types):
        raise InputError([f"{path}: the columns must be {list(types)}, found {table.column_names}."])
    return table.cast(wanted)


def read_unit_moves(state: Path | None, withdrawn: frozenset[str] = frozenset()) -> Any:
    """Read `unit_moves.csv`; units of withdrawn articles lose their successor. Raises InputError."""
    moves = _read_csv(state and state / MOVES_FILE, arrow_schema(schema().table("unit_moves")))
    units = moves["sentence_id"].to_pylist()
    return set_column(
        moves, "sentence_id", [unit if unit and unit.split(".")[0] not in withdrawn else None for unit in units]
    )


def read_folds(state: Path | None) -> Any:
    """Read `folds.csv`: the fold of each published article in the split by block.

    Raises:
        InputError: an article is listed twice, a cell is empty or the columns differ; every fault is listed.
    """
    path = state and state / FOLDS_FILE
    table = _read_csv(path, FOLDS)
    times = Counter(table["article_id"].to_pylist())
    problems = [
        f"{path}: {article} is listed twice; keep the line that was added first."
        for article in sorted(article for article in times if article and times[article] > 1)
    ]
    empty = [number for number, row in enumerate(table.to_pylist(), 2) if None in row.values()]
    if problems := problems + [f"{path}, line {number}: a cell is empty." for number in empty]:
        raise InputError(problems)
    return table


def freeze_folds(state: Path, splits: Any, version: str) -> list[str]:
    """Append the articles of `splits` that `folds.csv` does not list yet, published by `version`; return their ids."""
    known = set(read_folds(state)["article_id"].to_pylist())
    new = [
        row
        for row in splits.to_pylist()
        if row["split"] == "block" and row["fold"] is not None and row["article_id"] not in known
    ]
    path = state / FOLDS_FILE
    lines = io.StringIO()
    writer = csv.DictWriter(lines, FOLDS.names, lineterminator="\n", extrasaction="ignore")
    if not path.exists():
        writer.writeheader()
    writer.writerows(row | {"since": version} for row in new)
    before = path.read_bytes() if path.exists() else b""
    replace_file(path, before + lines.getvalue().encode())
    return [row["article_id"] for row in new]
