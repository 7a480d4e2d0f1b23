"""Store the results of batches, one file for each, so that a run can continue after a stop."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import espress
import espress_build
from espress.files import replace_file
from espress.paths import schema_folder
from espress_build.collect.reading import TABLES
from espress_build.inputs.params import PARAMS_FILE

if TYPE_CHECKING:
    from collections.abc import Collection

    from espress_build.collect.choice import Choice
    from espress_build.collect.reading import Result
    from espress_build.collect.sources import Unit

_LIBRARIES = (
    "babel", "charset-normalizer", "fastwarc", "ftfy", "htmldate", "langdetect", "py3langid", "pyarrow", "rensa",
    "resiliparse", "selectolax", "sentencex", "trafilatura",
)  # fmt: skip
_DONE = "done"
_DIGEST = 32  # bytes of the SHA-256 before the content of a stored batch
PACKED = "packed"  # folder of row groups, beside those of units


@cache
def hash_code() -> str:
    """Return a hash of everything on which the rows of a page depend: code, schema, parameters, library versions."""
    digest = hashlib.sha256()
    for folder in (Path(espress.__file__).parent, Path(espress_build.__file__).parent, schema_folder()):
        for path in sorted(one for one in folder.rglob("*") if one.suffix in (".py", ".toml")):
            digest.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    digest.update(PARAMS_FILE.read_bytes())
    digest.update(repr([(name, importlib.metadata.version(name)) for name in _LIBRARIES]).encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class StoredBatch:
    """The tables of one batch, the number of its pages, and the number of parts that are not pages, by kind."""

    tables: dict[str, Any]
    pages: int
    left_out: Counter[str]


class StoredBatches:
    """The stored batches of a run below a folder, for one choice of pages and one state of the code."""

    def __init__(self, folder: Path, choice: Choice) -> None:
        """Set the places; the folder need not exist."""
        self.folder, self._made_by = folder, f"{choice.key}-{hash_code()}"

    def _place(self, unit: str) -> Path:
        return self.folder / f"{unit}-{self._made_by}"

    def is_done(self, unit: Unit, stored: Collection[int]) -> bool:
        """Return whether the stored batches are all batches of a unit."""
        try:
            return int((self._place(unit.key) / _DONE).read_text(encoding="utf-8")) == len(stored)
        except (OSError, ValueError):
            return False

    def find_stored(self, unit: Unit) -> tuple[frozenset[int], list[Path]]:
        """Return the numbers of the stored batches of a unit; remove damaged files, and return them."""
        found, damaged = set(), []
        for path in sorted(self._place(unit.key).glob("*.arrow")):
            if _is_sound(path):
                found.add(int(path.stem))
            else:
                damaged.append(path)
                path.unlink(missing_ok=True)
        return frozenset(found), damaged

    def store(self, result: Result) -> None:
        """Store the tables of a batch, whole or not at all."""
        if result.tables is None:
            return
        names = pa.array([*TABLES, "about"])
        about = json.dumps({"pages": result.pages, "left_out": dict(sorted(result.left_out.items()))}).encode()
        rows = pa.array([*(_serialise(result.tables[name]) for name in TABLES), about], pa.binary())
        place = self._place(result.unit)
        place.mkdir(parents=True, exist_ok=True)
        content = _serialise(pa.table({"name": names, "bytes": rows}))
        replace_file(place / f"{result.number:06d}.arrow", hashlib.sha256(content).digest() + content)

    def finish(self, unit: str, batches: int) -> None:
        """Note that all batches of a unit are stored."""
        self._place(unit).mkdir(parents=True, exist_ok=True)
        replace_file(self._place(unit) / _DONE, str(batches).encode())

    def list_files(self, units: list[Unit]) -> list[Path]:
        """Return the files of all batches, in order."""
        return [path for unit in units for path in sorted(self._place(unit.key).glob("*.arrow"))]

    def forget_others(self, units: list[Unit]) -> None:
        """Remove the batches of other sources, choices and states of the code."""
        own = {self._place(unit.key).name for unit in units}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in own and path.name != PACKED:
                shutil.rmtree(path, ignore_errors=True)


def _is_sound(path: Path) -> bool:
    """Return whether a stored batch has the bytes that were written."""
    with path.open("rb") as file:
        return path.stem.isdigit() and file.read(_DIGEST) == hashlib.file_digest(file, "sha256").digest()


def read_batch(path: Path, names: tuple[str, ...] = TABLES) -> StoredBatch:
    """Return some tables of a stored batch."""
    with path.open("rb") as file:
        file.seek(_DIGEST)
        table = pa.ipc.open_stream(file.read()).read_all()
    rows = dict(zip(table["name"].to_pylist(), table["bytes"], strict=True))
    about = json.loads(rows["about"].as_py())
    tables = {name: pa.ipc.open_stream(rows[name].as_buffer()).read_all() for name in names}
    return StoredBatch(tables, about["pages"], Counter(about["left_out"]))


def _serialise(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
