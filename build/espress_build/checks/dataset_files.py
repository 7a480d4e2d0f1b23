"""Checks of levels 1 and 2 that read no rows: the list of files, their bytes, and the types in Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from espress.data.integrity import compare_with_sums
from espress.data.releases import SUMS
from espress.errors import EspressError
from espress.files import hash_file
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.metadata.dialects.rocrate import BESIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_CARD = "README.md"
_BESIDE = {*BESIDE, "ro-crate-metadata.json"}


def _tables(folder: Path) -> dict[str, Path]:
    """Return the Parquet files that the schema names and that exist, by table."""
    paths = {table.name: folder / "data" / f"{table.name}.parquet" for table in schema().tables}
    return {name: path for name, path in paths.items() if path.is_file()}


def _missing_and_stray(folder: Path) -> tuple[set[str], set[str]]:
    expected = _BESIDE | {f"data/{table.name}.parquet" for table in schema().tables}
    paths = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    found = {path.relative_to(folder).as_posix() for path in paths}
    return expected - found, found - expected


def files_expected(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files that are missing, and files that are not part of a dataset."""
    missing, stray = _missing_and_stray(folder)
    yield from ((name, "is missing") for name in sorted(missing))
    yield from ((name, "is not part of the dataset") for name in sorted(stray))


def files_sums(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files whose bytes do not match SHA256SUMS; `files_expected` reports missing and additional files."""
    missing, stray = _missing_and_stray(folder)
    if SUMS in missing:
        return
    try:
        problems = compare_with_sums(folder)
    except EspressError as error:
        yield SUMS, str(error)
        return
    yield from ((problem.path, problem.what) for problem in problems if problem.path not in missing | stray)


def files_readable(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield tables that cannot be opened as Parquet."""
    for name, path in _tables(folder).items():
        try:
            pq.read_schema(path)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            yield name, f"cannot be opened as Parquet: {error}"


def _descriptions(folder: Path) -> dict[str, str]:
    """Return the description of each config in the card's front matter; raises ValueError if there is none."""
    _, front, _ = (folder / _CARD).read_text(encoding="utf-8").split("---\n", 2)
    try:
        found: dict[str, Any] = yaml.safe_load(front)
        return {str(entry["config_name"]): str(entry["description"]) for entry in found["dataset_info"]}
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def card_current(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield tables whose description in the card does not name the hash of their file.

    The card must not list tables without rows, because `datasets` cannot load them.
    """
    if not (folder / _CARD).is_file() or list(files_readable(folder)):
        return
    try:
        named = _descriptions(folder)
    except ValueError as error:
        yield _CARD, f"has no front matter with dataset_info: {error}"
        return
    for name, path in _tables(folder).items():
        if not pq.read_metadata(path).num_rows:
            if name in named:
                yield name, "the card offers this table, which has no rows"
        elif not named.get(name, "").endswith(f"Content sha256 {hash_file(path)}"):
            yield name, "the card does not name the hash of this file"


def parquet_types(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield columns whose type in Parquet differs from the schema."""
    for name, path in _tables(folder).items():
        found = pq.read_schema(path)
        for field in arrow_schema(schema().table(name)):
            at = found.get_field_index(field.name)
            if at >= 0 and found.field(at).type != field.type:
                yield f"{name}.{field.name}", f"is {found.field(at).type}, the schema says {field.type}"


FUNCTIONS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    function.__name__: function
    for function in (files_expected, files_sums, files_readable, card_current, parquet_types)
}
