"""Checks of levels 1 and 2: the list of files, their bytes, the metadata, and the types in Parquet."""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from espress.data.integrity import compare_with_sums
from espress.data.releases import SUMS
from espress.errors import EspressError
from espress.files import hash_file
from espress.paths import licence_file
from espress.schema import schema
from espress.tables import join_few
from espress_build.arrow_schema import arrow_schema
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.metadata.dialects.card_yaml import name_content
from espress_build.metadata.dialects.rocrate import BESIDE
from espress_build.pipeline.package import make_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress.schema import Edition, Table

_CARD = "README.md"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 100
_BESIDE = {*BESIDE, "ro-crate-metadata.json"}


def _tables(folder: Path) -> dict[str, Path]:
    """Return the Parquet files that the schema names and that exist, by table."""
    paths = {table.name: folder / "data" / f"{table.name}.parquet" for table in schema().files}
    return {name: path for name, path in paths.items() if path.is_file()}


def _missing_and_stray(folder: Path) -> tuple[set[str], set[str]]:
    expected = _BESIDE | {f"data/{table.name}.parquet" for table in schema().files}
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
    lines = (folder / SUMS).read_bytes().split(b"\n")
    paths = [line.partition(b"  ")[2] for line in lines[:-1]]
    if lines[-1] or paths != sorted(set(paths)) or b"" in paths:
        yield SUMS, "must name each file once, in order of paths: <hash><two spaces><path><line feed>"


def edition_of(folder: Path) -> Edition:
    """Return the edition that a dataset folder declares; without a declaration it is checked as the full edition."""
    try:
        stated = json.loads((folder / "datapackage.json").read_bytes())["edition"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "full"
    return "open" if stated == "open" else "full"


@lru_cache(maxsize=4)
def _make_files(folder: Path, _stamp: tuple[object, ...]) -> dict[str, bytes]:
    """Return the files that describe the tables, as a build of this version, day and edition writes them."""
    package = json.loads((folder / "datapackage.json").read_bytes())
    day = str(package.get("created", ""))[:10] or None
    about = describe_dataset(folder, version=str(package["version"]), released=day, edition=edition_of(folder))
    return make_metadata(folder, about) | {"LICENSE-DATA": licence_file().read_bytes()}


def find_difference(found: bytes, wanted: bytes, source: str = "the tables and the schema give") -> str | None:
    """Return the first line that differs between two files, None if they are equal; `source` introduces `wanted`."""
    if found == wanted:
        return None
    ours, theirs = found.split(b"\n"), wanted.split(b"\n")
    at = next((n for n, (one, two) in enumerate(zip(ours, theirs, strict=False)) if one != two), None)
    if at is None:
        return f"has {len(ours)} lines, {source} {len(theirs)}"
    place = next((n for n, (one, two) in enumerate(zip(ours[at], theirs[at], strict=False)) if one != two), 0)
    shown = [line[at][max(0, place - 20) : place + 60].decode(errors="replace") for line in (ours, theirs)]
    return f"line {at + 1} has {shown[0]!r}, {source} {shown[1]!r}"


def _compare_metadata(folder: Path, names: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if len(_tables(folder)) < len(schema().files) or list(files_readable(folder)) or list(parquet_types(folder)):
        return  # other checks report these
    files = [*_tables(folder).values(), folder / "datapackage.json"]
    try:
        wanted = _make_files(folder, tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in files))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if names("datapackage.json"):
            yield "datapackage.json", f"says no version, edition and day from which the files can be made: {error!r}"
        return
    for name, content in wanted.items():
        if names(name) and (folder / name).is_file():
            what = find_difference((folder / name).read_bytes(), content)
            yield from [(name, what)] if what else []


def metadata_current(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files beside the tables, except the card, that differ from those made from the tables and the schema."""
    yield from _compare_metadata(folder, lambda name: name != _CARD)


def files_readable(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield tables that cannot be opened as Parquet, or have a column twice."""
    for name, path in _tables(folder).items():
        try:
            names = pq.read_schema(path).names
            if repeated := sorted(one for one, number in Counter(names).items() if number > 1):
                yield name, f"has the column {join_few(repeated)} more than once"
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            yield name, f"cannot be opened as Parquet: {error}"


def _refuse_bomb(front: str) -> None:
    """Raise ValueError if YAML could unpack to more than the memory holds, or is too deep for the parser in C."""
    depth = 0
    for event in yaml.parse(front, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError("it has YAML aliases, which can unpack to more than the memory holds")  # noqa: TRY004 - no type of ours
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} levels deep")


def _descriptions(folder: Path) -> dict[str, str]:
    """Return the description of each config in the card's front matter; raises ValueError if the card lacks them."""
    _, front, _ = (folder / _CARD).read_text(encoding="utf-8").split("---\n", 2)
    try:
        _refuse_bomb(front)
        found: dict[str, Any] = yaml.load(front, Loader=_LOADER)  # noqa: S506 - a safe one
        return {str(entry["config_name"]): str(entry["description"]) for entry in found["dataset_info"]}
    except (yaml.YAMLError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def card_current(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield tables whose description in the card lacks their file's hash; if there are none, other faults of the card.

    The card must not list tables without rows, because `datasets` cannot load them.
    """
    if not (folder / _CARD).is_file() or list(files_readable(folder)):
        return
    try:
        named = _descriptions(folder)
    except ValueError as error:
        yield _CARD, f"has no front matter with dataset_info: {error}"
        return
    found = list(_compare_hashes(folder, named))
    yield from found or _compare_metadata(folder, lambda name: name == _CARD)


def _compare_hashes(folder: Path, named: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield tables whose description in the card does not fit their file."""
    paths = _tables(folder)
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items()}
    hashes = {name: hash_file(path) for name, path in paths.items()}
    for table in schema().tables:
        if not set(table.files) <= set(paths):
            continue  # another check reports missing files
        if not any(rows[name] for name in table.files):
            if table.name in named:
                yield table.name, "the card offers this table, which has no rows"
        elif not named.get(table.name, "").endswith(name_content(table, rows, hashes)):
            yield table.name, "the card does not name the hash of its file"


def _describe_field(field: Any) -> str:
    """Return name, type and nullability of a field and of the items inside it."""
    inside = [field.type.field(n) for n in range(field.type.num_fields)] if field.type.num_fields else []
    own = f"[{', '.join(map(_describe_field, inside))}]" if inside else ""
    kind = "list" if pa.types.is_list(field.type) else "struct" if pa.types.is_struct(field.type) else str(field.type)
    return f"{field.name}: {kind}{own}{'' if field.nullable else ' not null'}"


def _declare(table: Table, edition: Edition) -> Any:
    """Return the schema of a table as it is read from Parquet, where the items of lists are called `element`."""
    declared = arrow_schema(schema().select_edition(edition).file(table.name))
    lists = {one: pa.list_(pa.field("element", one.value_type)) for one in declared.types if pa.types.is_list(one)}
    return pa.schema([field.with_type(lists.get(field.type, field.type)) for field in declared])


def parquet_types(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield columns whose type, nullability or item names in Parquet differ from the schema, and further metadata."""
    edition = edition_of(folder)
    for name, path in _tables(folder).items():
        found = pq.read_schema(path)
        for field in _declare(schema().file(name), edition):
            at = found.get_field_index(field.name)
            if at < 0:
                continue
            if found.field(at).type != field.type:
                yield f"{name}.{field.name}", f"is {found.field(at).type}, the schema says {field.type}"
            elif (own := _describe_field(found.field(at))) != (wanted := _describe_field(field)):
                yield f"{name}.{field.name}", f"is {own}, the schema says {wanted}"
        if extra := sorted(set(found.metadata or {}) - {b"ARROW:schema"}):
            yield name, f"has metadata of its own: {b', '.join(extra).decode(errors='replace')}"


def splits_in_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield files of a split that hold rows of another one."""
    for table in schema().tables:
        for name, split in table.files.items() if len(table.splits) > 1 else ():
            found = set(pq.ParquetFile(folder / "data" / f"{name}.parquet").read(["split"])["split"].to_pylist())
            if others := sorted(found - {split}, key=str):
                yield name, f"holds rows of the split {join_few(others)}"


FUNCTIONS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    function.__name__: function
    for function in (
        files_expected,
        files_sums,
        files_readable,
        card_current,
        metadata_current,
        parquet_types,
        splits_in_files,
    )
}
