"""Levels 1 and 2 that need no rows: which files there are, their bytes, and the types that Parquet declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.schema import schema
from espress.verifying import read_sums, verify
from espress_build.dialects.arrow import arrow_schema
from espress_build.package import file_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BESIDE = {"README.md", "LICENSE-DATA", "SHA256SUMS", "croissant.json", "datapackage.json", "incidents.json"}


def files_expected(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files that should be there and are not, and files that nobody announced."""
    expected = _BESIDE | {f"data/{table.name}.parquet" for table in schema().tables}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    yield from ((name, "is missing") for name in sorted(expected - found))
    yield from ((name, "is not part of the dataset") for name in sorted(found - expected))


def files_sums(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files whose bytes are not those that SHA256SUMS names; which files there are is another check."""
    if (folder / "SHA256SUMS").is_file():
        named = read_sums(folder)
        yield from ((problem.path, problem.what) for problem in verify(folder).problems if problem.path in named)


def card_current(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield tables whose content hash in the card is not that of their file."""
    card = (folder / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"Content\s+sha256\s+([0-9a-f]{64})", card))
    for table in schema().tables:
        path = folder / "data" / f"{table.name}.parquet"
        if pq.read_metadata(path).num_rows and file_digest(path) not in named:
            yield table.name, "the card does not name the hash of this file"


def parquet_types(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield columns whose type in Parquet is not the schema's."""
    for table in schema().tables:
        found = pq.read_schema(folder / "data" / f"{table.name}.parquet")
        for field in arrow_schema(table):
            at = found.get_field_index(field.name)
            if at >= 0 and found.field(at).type != field.type:
                yield f"{table.name}.{field.name}", f"is {found.field(at).type}, the schema says {field.type}"


FUNCTIONS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    function.__name__: function for function in (files_expected, files_sums, card_current, parquet_types)
}
