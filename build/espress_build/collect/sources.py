"""The sources of `collect`: local files or fsspec addresses, cut into units that workers read independently.

A unit is one archive, one file of rows, or at most 64 pages of a folder. Units and batches depend only on the sources,
not on the engine or the number of workers. A new page in a folder changes only the units next to it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from espress.errors import InputError
from espress_build.collect.remote import open_remote
from espress_build.pages.saved import Failure, LeftOut, Saved
from espress_build.pages.warc import STRAYS, read_warc
from espress_build.pipeline.batches import cut_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from espress_build.inputs.params import Pages
    from espress_build.pages.saved import Input

Kind: TypeAlias = Literal["warc", "wacz", "rows", "parquet", "pages"]
Wanted: TypeAlias = "Callable[[str], bool]"

_KINDS: dict[str, Kind] = {
    ".warc": "warc", ".warc.gz": "warc", ".warc.zst": "warc", ".wacz": "wacz", ".jsonl": "rows", ".ndjson": "rows",
    ".jsonl.gz": "rows", ".jsonl.zst": "rows", ".parquet": "parquet",
}  # fmt: skip
_BATCH_PAGES = 64  # pages of a batch, and the largest number of pages in a unit of a folder
_BATCH_BYTES = 1 << 24
_PACKED = {".gz": "gzip", ".zst": "zstd"}
_LONGEST_LINE = 1 << 26  # bytes; a longer row of JSON Lines is not read
_COLUMNS = ("url", "title", "html", "text")


@dataclass(frozen=True)
class Unit:
    """Files that one worker reads in order; `key` changes with their names, sizes and times.

    `files` are named as tables name them; paths are relative to `root` unless they are absolute. `size` is in bytes.
    """

    kind: Kind
    files: tuple[str, ...]
    key: str
    size: int
    root: str


@dataclass(frozen=True)
class Batch:
    """Some pages and failures of a unit in order, and the number of the unit's parts that are not pages, by kind."""

    unit: str  # key
    number: int
    pages: tuple[Saved | Failure, ...]
    left_out: Counter[str] = field(default_factory=Counter)
    last: bool = False

    @property
    def start(self) -> int:
        """The byte at which the record of the first page begins, in a WARC file."""
        place = self.pages[0].source.rpartition("#")[2] if self.pages else ""
        return int(place) if place.isdigit() else 0


def is_remote(source: str) -> bool:
    """Return whether a source is an fsspec address rather than a path."""
    return "://" in source or "::" in source


def _kind(name: str) -> Kind:
    low = name.lower()
    return next((kind for ending, kind in _KINDS.items() if low.endswith(ending)), "pages")


def _state(fs: Any, path: str) -> list[Any]:
    """Return values that change when a file changes: its size, and its time or the tag of its server."""
    about = fs.info(path)
    changed = next((about[name] for name in ("ETag", "etag", "mtime", "LastModified", "created") if about.get(name)), 0)
    return [about.get("size"), str(changed)]


def _find_files(source: str) -> tuple[Any, list[str]]:
    """Return the file system and the files of a source in sorted order, without hidden ones."""
    fs, path = fsspec.core.url_to_fs(source)
    if fsspec.core.has_magic(path) and not fs.exists(path):
        found = [one for one in fs.glob(path) if fs.isfile(one)]
    elif fs.isdir(path):
        found = fs.find(path)
        root = path.rstrip("/") + "/"
        found = [one for one in found if not any(part.startswith(".") for part in one.removeprefix(root).split("/"))]
    else:
        fs.info(path)  # raises FileNotFoundError
        found = [path]
    return fs, sorted(found)


def list_units(sources: tuple[str, ...]) -> list[Unit]:
    """Return the units of all sources, in the order of the sources and sorted within each.

    Raises:
        InputError: sources that do not exist, hold nothing or cannot be reached; each is named.
    """
    units: list[Unit] = []
    problems = []
    for source in sources:
        try:
            fs, files = _find_files(source)
            if not files:
                problems.append(f"{source} holds no file. Check the name.")
            units += _cut(source, fs, files)
        except FileNotFoundError:
            problems.append(f"{source} does not exist. Check the name.")
        except ImportError as error:
            problems.append(f"{source} needs a library: {error}.")
        except Exception as error:  # noqa: BLE001 - any file system of fsspec has errors of its own
            problems.append(f"{source} cannot be reached: {type(error).__name__}: {error}.")
    if problems:
        raise InputError(problems)
    known: dict[str, Unit] = {}
    for unit in units:
        known.setdefault(unit.key, unit)  # a file that two sources name is read once
    return list(known.values())


def _cut(source: str, fs: Any, files: list[str]) -> Iterator[Unit]:
    local = not is_remote(source)
    names = [_show(one) if local else str(fs.unstrip_protocol(one)) for one in files]
    states = {name: _state(fs, path) for path, name in zip(files, names, strict=True)}
    for name in names:
        if (kind := _kind(name)) != "pages":
            yield _make_unit(kind, [(name, states[name])])
    for cut in cut_batches([name for name in names if _kind(name) == "pages"], _BATCH_PAGES):
        yield _make_unit("pages", [(name, states[name]) for name in cut])


def _show(path: str) -> str:
    """Return a local path relative to the working folder if it lies there, so that tables hold no home folders."""
    try:
        return str(Path(path).relative_to(Path.cwd()))
    except ValueError:
        return path


def _make_unit(kind: Kind, files: list[tuple[str, list[Any]]]) -> Unit:
    key = hashlib.sha256(json.dumps([kind, files]).encode()).hexdigest()[:24]
    size = sum(state[0] or 0 for _, state in files)
    return Unit(kind, tuple(name for name, _ in files), key, size, str(Path.cwd()))


# ---- reading


def read_unit(unit: Unit, limits: Pages, wanted: Wanted | None = None, start: int = 0) -> Iterator[Input]:
    """Yield the contents of a unit; records of an archive whose address is not `wanted` are passed over.

    A file with faults does not stop the others. A WARC file is read from the record that begins at the byte `start`.
    """
    for name in unit.files:
        place = name if is_remote(name) else str(Path(unit.root, name))
        for one in _read_file(unit.kind, place, limits, wanted, start):
            yield replace(one, source=name + one.source.removeprefix(place))


def _read_file(kind: Kind, name: str, limits: Pages, wanted: Wanted | None, start: int) -> Iterator[Input]:
    try:
        if kind == "warc":
            yield from _read_warc(name, limits, wanted, start)
        elif kind == "wacz":
            yield from _read_wacz(name, limits, wanted)
        elif kind == "rows":
            yield from _read_rows(name)
        elif kind == "parquet":
            yield from _read_parquet(name)
        else:
            yield _read_page(name, limits)
    except Exception as error:  # noqa: BLE001 - any file system and any format has errors of its own; the rest goes on
        yield Failure(name, "unreadable", f"{type(error).__name__}: {error}".replace(name, Path(name).name))


def _open(name: str) -> IO[bytes]:
    opened: IO[bytes] = fsspec.open(name, "rb").open()
    return opened


def _read_warc(name: str, limits: Pages, wanted: Wanted | None, start: int) -> Iterator[Input]:
    """Read a WARC file; it is copied first if it is packed with zstd, or if its server cannot send parts of a file."""
    if name.lower().endswith(".zst"):
        with _open(name) as file:
            yield from _read_copy(file, name, limits, wanted, packed=True)
    elif not is_remote(name):
        yield from read_warc(Path(name), limits, wanted=wanted, start=start)
    elif remote := open_remote(name):
        yield from read_warc(name, limits, wanted=wanted, start=start, opener=remote)
    else:
        with _open(name) as file:
            yield from _read_copy(file, name, limits, wanted)


def can_start_inside(unit: Unit) -> bool:
    """Return whether reading can begin at any record of a unit."""
    name = unit.files[0]
    if unit.kind != "warc" or name.lower().endswith(".zst"):
        return False
    return not is_remote(name) or open_remote(name) is not None


def _read_copy(
    file: IO[bytes], name: str, limits: Pages, wanted: Wanted | None, *, packed: bool = False
) -> Iterator[Input]:
    from fastwarc.stream_io import ZstdReader

    with tempfile.TemporaryDirectory(prefix="espress-") as folder:
        copy = Path(folder, "copy.warc")
        given = ZstdReader(file) if packed else file  # reads the dictionary at the beginning, if there is one
        with copy.open("wb") as out:
            shutil.copyfileobj(given, out, 1 << 20)
        for one in read_warc(copy, limits, wanted=wanted):
            yield replace(one, source=one.source.replace(str(copy), name, 1))


def _read_wacz(name: str, limits: Pages, wanted: Wanted | None) -> Iterator[Input]:
    """Read the WARC files in a WACZ file, which is a zip file."""
    with _open(name) as file, zipfile.ZipFile(file) as archive:
        inner = sorted(one for one in archive.namelist() if _kind(one) == "warc")
        if not inner:
            yield Failure(name, "broken_archive", "no WARC file is in it")
        for one in inner:
            with archive.open(one) as member:
                yield from _read_copy(member, f"{name}!{one}", limits, wanted, packed=one.lower().endswith(".zst"))


def _make_row(row: dict[str, Any], source: str) -> Saved | Failure:
    """Return a row of {url, html or text}, with an optional title for text, as a page."""
    given = {name: row.get(name) for name in _COLUMNS}
    if wrong := [name for name, value in given.items() if value is not None and not isinstance(value, str)]:
        return Failure(source, "unreadable", f"{', '.join(wrong)} is no string")
    if not given["html"] and not given["text"]:
        return Failure(source, "empty", "neither html nor text is in it", given["url"])
    title = f"{given['title']}\n\n" if given["title"] and not given["html"] else ""
    whole = given["html"] or f"{title}{given['text']}"
    return Saved(source, whole.encode("utf-8", "backslashreplace"), given["url"], "utf-8")


def _read_rows(name: str) -> Iterator[Input]:
    """Read JSON Lines."""
    packed = _PACKED.get(Path(name).suffix.lower())
    with _open(name) as file:
        lines: Any = pa.CompressedInputStream(pa.PythonFile(file), packed) if packed else file
        for number, line in enumerate(_split_lines(lines), 1):
            source = f"{name}#{number}"
            if line is None:
                yield Failure(source, "too_large", f"a line of more than {_LONGEST_LINE} bytes")
            elif line.strip():
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    yield Failure(source, "unreadable", f"no JSON: {error}")
                    continue
                yield _make_row(row, source) if isinstance(row, dict) else Failure(source, "unreadable", "no object")


def _split_lines(file: Any) -> Iterator[bytes | None]:
    """Yield lines; None for one that is too long to keep in memory."""
    rest, long = b"", False
    while block := file.read(1 << 20):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield None if long else line
            long = False
        if len(rest) > _LONGEST_LINE:
            rest, long = b"", True
    if rest or long:
        yield None if long else rest


def _read_parquet(name: str) -> Iterator[Input]:
    """Read a Parquet file with columns url, and html or text."""
    with _open(name) as file:
        table = pq.ParquetFile(file)
        columns = [column for column in _COLUMNS if column in table.schema_arrow.names]
        if not {"html", "text"} & set(columns):
            yield Failure(name, "unreadable", "it has neither a column html nor text")
            return
        number = 0
        for batch in table.iter_batches(batch_size=256, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield _make_row(row, f"{name}#{number}")


def _read_page(name: str, limits: Pages) -> Saved | Failure:
    with _open(name) as file:
        payload = file.read(limits.max_file_bytes + 1)
    if len(payload) > limits.max_file_bytes:
        return Failure(name, "too_large", f"more than {limits.max_file_bytes} bytes, which is the most that is read")
    return Saved(name, payload)


def _clings(one: Saved | Failure) -> bool:
    """Return whether a failure belongs to the record before it, so that reading cannot begin with it."""
    return isinstance(one, Failure) and (one.reason == "broken_archive" or one.detail == STRAYS)


def read_batches(
    unit: Unit, limits: Pages, wanted: Wanted | None = None, start: int = 0, first: int = 0
) -> Iterator[Batch]:
    """Yield the batches of a unit; the last is marked, and may hold nothing.

    A WARC file may be read from the batch with the number `first` on, whose first record begins at the byte `start`.
    """
    passed: Counter[str] = Counter()

    def want(address: str) -> bool:
        if wanted is None or wanted(address):
            return True
        passed["other_address"] += 1
        return False

    number, size = first, 0
    pages: list[Saved | Failure] = []
    for one in read_unit(unit, limits, None if wanted is None else want, start):
        if isinstance(one, LeftOut):
            passed[one.what] += 1
            continue
        if pages and (len(pages) >= _BATCH_PAGES or size > _BATCH_BYTES) and not _clings(one):
            yield Batch(unit.key, number, tuple(pages), Counter(passed))
            number, size, pages = number + 1, 0, []
            passed.clear()
        pages.append(one)
        size += len(one.payload) if isinstance(one, Saved) else 0
    yield Batch(unit.key, number, tuple(pages), Counter(passed), last=True)
