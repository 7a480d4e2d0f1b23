"""The stage `ingest`: article folders become rows of bytes and curated record. No other stage reads articles."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress_build.inputs.record import ARTICLE_ID, parse_record
from espress_build.inputs.withdrawn import TOMBSTONE, read_tombstone
from espress_build.tables import RECEIVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.record import Record
    from espress_build.inputs.registries import Registries

_TEXT, _HTML = "source.txt", "source.html"
_FILES = {_TEXT, _HTML, "record.toml"}


def article_folders(raw: Path) -> list[Path]:
    """Return the article folders below `raw/articles`, in order of their names.

    Raises:
        InputError: there are no article folders, or something else is there (a stray file, a symbolic link, a folder
            whose name is no article id).
    """
    home = raw / "articles"
    folders = sorted(home.iterdir(), key=lambda path: path.name) if home.is_dir() else []
    if not folders:
        raise InputError([f"{home} holds no articles; a corpus needs at least one. See `espress-build add`."])
    problems = [problem for folder in folders for problem in _folder_problems(folder)]
    if problems:
        raise InputError(problems)
    return folders


def _folder_problems(folder: Path) -> Iterator[str]:
    if folder.is_symlink():
        yield f"{folder} is a symbolic link; raw/ holds the bytes themselves. Copy the folder instead."
    elif not folder.is_dir():
        yield f"{folder} is not an article folder. Add an article with `espress-build add FILE`."
    elif not ARTICLE_ID.fullmatch(folder.name):
        yield f"{folder}: the name is not an article id (<outlet_id>-<yyyymmdd or undated>-<8 hex digits>)."
    else:
        inside = {entry.name: entry for entry in os.scandir(folder)}  # recognises links without further system calls
        source = _HTML if _HTML in inside and _TEXT not in inside else _TEXT
        wanted = {TOMBSTONE} if TOMBSTONE in inside else {source, "record.toml"}
        if TOMBSTONE in inside and set(inside) & _FILES:
            yield f"{folder}: its withdrawal was interrupted. Type: espress-build withdraw {folder.name}"
            return
        for name in sorted(wanted - set(inside)):
            yield f"{folder / name} is missing."
        for name in sorted(set(inside) - wanted):
            yield f"{folder / name} does not belong in an article folder, which holds {sorted(wanted)}."
        for name in sorted(set(inside) & wanted):
            if not inside[name].is_file(follow_symlinks=False):
                yield f"{folder / name} is not a plain file; raw/ holds the bytes themselves."


def _read_withdrawn(folder: Path) -> tuple[dict[str, Any] | None, list[str]]:
    try:
        stone = read_tombstone(folder)
    except InputError as error:
        return None, error.problems
    empty: dict[str, Any] = {"source": None, "source_bytes": 0, "spans": [], "facts": []}
    return empty | {"article_id": folder.name, "raw_sha256": stone.sha256, "withdrawn": stone.detail}, []


def _read_folder(
    folder: Path, registries: Registries, max_source_bytes: int
) -> tuple[dict[str, Any] | None, list[str]]:
    if (folder / TOMBSTONE).exists():
        return _read_withdrawn(folder)
    record_file, path = folder / "record.toml", folder / _HTML
    path = path if path.exists() else folder / _TEXT
    try:
        record, problems = parse_record(record_file.read_text(encoding="utf-8"), registries)
    except UnicodeDecodeError as error:
        record, problems = None, [f"not UTF-8: {error}"]
    if record is None:
        return None, [f"{record_file}: {problem}." for problem in problems]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if record.article_id != folder.name:
        problems.append(f"article_id is {record.article_id!r}, but the folder is {folder.name!r}")
    if digest != record.sha256:
        problems.append(
            f"the bytes of {path} have sha256 {digest}, but the record names {record.sha256}; "
            "raw/ is append-only: restore the source, or add the new text as another article"
        )
    if (record.charset is None) == (path.name == _HTML):
        problems.append(f"charset is only for {_HTML}; the source here is {path.name}")
    size = path.stat().st_size
    source = path.read_bytes() if size <= max_source_bytes else None
    row = make_row(record, source, size) | {"raw_sha256": digest}
    return row, [f"{record_file}: {problem}." for problem in problems]


def make_row(record: Record, source: bytes | None, size: int) -> dict[str, Any]:
    """Return an article as a row of `RECEIVED`; `source` is None if its `size` exceeds the limit."""
    facts = [vars(f) | {"values": [f.value] if isinstance(f.value, str) else f.value} for f in record.facts.values()]
    return {
        "article_id": record.article_id,
        "source": source,
        "source_bytes": size,
        "raw_sha256": record.sha256,
        "spans": [vars(span) for span in record.spans],
        "facts": facts,
        "private_persons": record.private_persons,
        "charset": record.charset,
    }


def ingest(folders: list[Path], registries: Registries, params: Params) -> tuple[Any, list[str]]:
    """Read article folders into a `RECEIVED` table, one row for each folder, in the order given.

    Returns:
        The table, and every problem of every folder. If there are problems, the table holds only the articles
        whose id has the hash of their bytes, because their spans can still be compared with the source.
    """
    read = [_read_folder(folder, registries, params.extract.max_source_bytes) for folder in folders]
    problems = [problem for _, found in read for problem in found]
    rows = [row for row, _ in read if row and (not problems or row["article_id"].endswith(row["raw_sha256"][:8]))]
    return pa.Table.from_pylist(rows, schema=RECEIVED), problems
