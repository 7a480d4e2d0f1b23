"""Stage 1, ingest: the only stage that reads `raw/`. Folders become rows of bytes and curated sidecar."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import csv

from espress.errors import InputError
from espress.files import hash_file
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.inputs.record import ARTICLE_ID, parse_record
from espress_build.inputs.withdrawn import TOMBSTONE, read_tombstone
from espress_build.pipeline.extract import misfits
from espress_build.tables import FOLDS, RECEIVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_TEXT, _HTML = "source.txt", "source.html"
_FILES = {_TEXT, _HTML, "record.toml"}


def article_folders(raw: Path) -> list[Path]:
    """Return the article folders below `raw/articles`, in order of their names.

    Raises:
        InputError: something there is no article folder (a stray file, a symlink, a name that is no article id), or
            there is nothing.
    """
    home = raw / "articles"
    folders = sorted(home.iterdir(), key=lambda path: path.name) if home.is_dir() else []
    if not folders:
        raise InputError([f"{home} holds no article; a corpus needs at least one. See `espress-build add`."])
    problems = [problem for folder in folders for problem in _folder_problems(folder)]
    if problems:
        raise InputError(problems)
    return folders


def _folder_problems(folder: Path) -> Iterator[str]:
    if folder.is_symlink():
        yield f"{folder} is a symbolic link; raw/ holds the bytes themselves. Copy the folder instead."
    elif not folder.is_dir():
        yield f"{folder} is no article folder. Add an article with `espress-build add FILE`."
    elif not ARTICLE_ID.fullmatch(folder.name):
        yield f"{folder}: the name is no article id (<outlet_id>-<yyyymmdd or undated>-<8 hex digits>)."
    else:
        inside = {entry.name: entry for entry in os.scandir(folder)}  # knows what is a link without asking again
        source = _HTML if _HTML in inside and _TEXT not in inside else _TEXT
        wanted = {TOMBSTONE} if TOMBSTONE in inside else {source, "record.toml"}
        if TOMBSTONE in inside and set(inside) & _FILES:
            yield f"{folder}: taking it back was stopped half-way. Type: espress-build withdraw {folder.name}"
            return
        for name in sorted(wanted - set(inside)):
            yield f"{folder / name} is missing."
        for name in sorted(set(inside) - wanted):
            yield f"{folder / name} does not belong in an article folder, which holds {sorted(wanted)}."
        for name in sorted(set(inside) & wanted):
            if not inside[name].is_file(follow_symlinks=False):
                yield f"{folder / name} is no plain file; raw/ holds the bytes themselves."


def _withdrawn_row(folder: Path) -> tuple[dict[str, Any] | None, list[str]]:
    try:
        stone = read_tombstone(folder)
    except InputError as error:
        return None, error.problems
    empty: dict[str, Any] = {"source": None, "source_bytes": 0, "spans": [], "facts": []}
    return empty | {"article_id": folder.name, "raw_sha256": stone.sha256, "withdrawn": stone.detail}, []


def _row(folder: Path, registries: Registries, max_source_bytes: int) -> tuple[dict[str, Any] | None, list[str]]:
    if (folder / TOMBSTONE).exists():
        return _withdrawn_row(folder)
    sidecar, path = folder / "record.toml", folder / _HTML
    path = path if path.exists() else folder / _TEXT
    try:
        record, problems = parse_record(sidecar.read_text(encoding="utf-8"), registries)
    except UnicodeDecodeError as error:
        record, problems = None, [f"not UTF-8: {error}"]
    if record is None:
        return None, [f"{sidecar}: {problem}." for problem in problems]
    digest = hash_file(path)
    if record.article_id != folder.name:
        problems.append(f"article_id is {record.article_id!r}, but the folder is {folder.name!r}")
    if digest != record.sha256:
        problems.append(
            f"the bytes of {path} have sha256 {digest}, but the record names {record.sha256}; "
            "raw/ is append-only: restore the source, or add the new text as an article of its own"
        )
    if (record.charset is None) == (path.name == _HTML):
        problems.append(f"charset is stated for {_HTML}, and for no other source; here is {path.name}")
    size = path.stat().st_size
    facts = [vars(f) | {"values": [f.value] if isinstance(f.value, str) else f.value} for f in record.facts.values()]
    row = {
        "article_id": record.article_id,
        "source": path.read_bytes() if size <= max_source_bytes else None,
        "source_bytes": size,
        "raw_sha256": digest,
        "spans": [vars(span) for span in record.spans],
        "facts": facts,
        "private_persons": record.private_persons,
        "charset": record.charset,
    }
    return row, [f"{sidecar}: {problem}." for problem in problems]


def ingest(folders: list[Path], registries: Registries, params: Params) -> Any:
    """Read article folders into a `RECEIVED` table, one row a folder, in the order given.

    Raises:
        InputError: a sidecar is not as it must be, or a source's bytes are not those that it names; every fault of
            every folder is listed.
    """
    read = [_row(folder, registries, params.extract.max_source_bytes) for folder in folders]
    if problems := [problem for _, found in read for problem in found]:
        # The next stage, which holds spans against sources, will not run: what it would find belongs to this list.
        # Where the bytes are others than the id says, the spans are those of another text.
        rows = [row for row, _ in read if row and row["article_id"].endswith(row["raw_sha256"][:8])]
        raise InputError(problems + [problem for row in rows for problem in misfits(row, params)])
    return pa.Table.from_pylist([row for row, _ in read], schema=RECEIVED)


def _read_csv(path: Path, wanted: pa.Schema) -> Any:
    """Read a CSV file of exactly these columns, nothing in a cell being null; raises InputError, naming the file."""
    types = {field.name: field.type for field in wanted}
    options = csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    try:
        with path.open("rb") as file:  # pyarrow opens no name that is not UTF-8
            table = csv.read_csv(file, convert_options=options)
    except (pa.ArrowInvalid, FileNotFoundError) as error:
        raise InputError([f"{path}: {error}. It must be a CSV file with the columns {list(types)}."]) from error
    if table.column_names != list(types):
        raise InputError([f"{path}: the columns must be {list(types)}, found {table.column_names}."])
    return table.cast(wanted)


def read_unit_moves(raw: Path) -> Any:
    """Read `raw/unit_moves.csv`, the map from old units to new ones; raises InputError."""
    return _read_csv(raw / "unit_moves.csv", arrow_schema(schema().table("unit_moves")))


def read_folds(raw: Path) -> Any:
    """Read `raw/folds.csv`, the fold that each published article keeps in the split by block.

    No file means that nothing is published yet.

    Raises:
        InputError: an article stands twice, a cell is empty or the columns are others.
    """
    path = raw / "folds.csv"
    if not path.exists():
        return FOLDS.empty_table()
    table = _read_csv(path, FOLDS)
    ids = table["article_id"].to_pylist()
    if twice := sorted(article for article, times in Counter(ids).items() if times > 1):
        raise InputError([f"{path}: {article} stands twice; keep the line that was there first." for article in twice])
    if empty := [number for number, row in enumerate(table.to_pylist(), 2) if None in row.values()]:
        raise InputError([f"{path}, line {number}: a cell is empty." for number in empty])
    return table
