"""Hash files, read JSON strictly, and write files and folders that appear complete or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_name(path: Path) -> Path:
    """Return the path; raises InputError if its name is not UTF-8, because not every library can write such a file."""
    try:
        sound = b"\0" not in str(path).encode()
    except UnicodeEncodeError:
        sound = False
    if not sound:
        raise InputError([f"{str(path)!r} cannot be written: the name is not UTF-8 text. Name another place."])
    return path


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, as a hook of `json.loads`; raises ValueError if one of its keys occurs twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} occurs twice")
    return found


def explain_json_error(error: Exception) -> str:
    """Return in words why a parser of JSON or TOML raised ValueError or RecursionError."""
    if isinstance(error, RecursionError):
        return "brackets are nested too deeply"
    if "integer string conversion" in str(error):
        return "a number has more than 4,300 digits"
    return str(error)


def read_parquet_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file as dictionaries.

    Raises:
        InputError: the file cannot be read, holds text that is not UTF-8, or has several columns of one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file, pq.ParquetFile(file) as table:  # pyarrow opens only names in UTF-8
            names = table.schema_arrow.names
            if repeated := sorted({name for name in names if names.count(name) > 1}):
                listed = ", ".join(map(repr, repeated))
                raise InputError([f"{path}: several columns are called {listed}. Keep one of each."])
            rows: list[dict[str, Any]] = table.read().to_pylist()
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise InputError([f"{path}: cannot be read as parquet: {error}. Write the file again."]) from error
    return rows


class NewFile(io.FileIO):
    """An unbuffered file whose `write` writes all of the data or raises; `FileIO.write` may write only a part."""

    def write(self, data: Any) -> int:
        """Write all of the data, or raise."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        return done


@contextmanager
def open_new(path: Path) -> Iterator[io.FileIO]:
    """Open a new file for writing, and sync it to the disk at the end; a missing folder is created.

    Raises:
        OSError: the file exists, or cannot be written; the error names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with NewFile(path, "x") as file:
            yield file
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_new(path: Path, data: bytes) -> None:
    """Write a new file and sync it to the disk; raises FileExistsError if it exists."""
    with open_new(path) as file:
        file.write(data)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one durable step: readers see the old bytes or the new ones, even after a crash."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    write_new(beside, data)
    beside.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Sync the names in a folder to the disk, if the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a new folder next to `target`, which is renamed to `target` at the end; after an error nothing is left.

    Raises:
        OSError: `target` exists and is not an empty folder, or cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as beside:
        folder = Path(beside) / target.name
        folder.mkdir()
        yield folder
        folder.rename(target)
    sync_folder(target.parent)
