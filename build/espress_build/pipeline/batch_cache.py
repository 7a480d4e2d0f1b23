"""Keep the tables of batches between builds, under a key that covers everything that they are computed from.

The key of a batch is a hash of the files of its articles, its judgements, the registries, the parameters, the schema,
the source code of both packages, and the versions of Python, the system and all installed libraries. A build with other
input therefore never finds the tables of an earlier one. The cache may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import unicodedata
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import espress
import espress_build.tables
from espress.files import hash_file
from espress.paths import schema_folder
from espress_build.pipeline.result_cache import UNFINISHED, discard
from espress_build.tables import to_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

_SUMS = "sums.json"
_PACKAGES = (Path(espress.__file__).parent, Path(espress_build.tables.__file__).parent)


def _hash_parts(parts: Iterator[tuple[str, bytes]]) -> str:
    """Return the SHA-256 of named parts, each with its length, so that no two lists of parts are hashed alike."""
    digest = hashlib.sha256()
    for name, content in parts:
        for part in (name.encode(errors="surrogateescape"), content):
            digest.update(len(part).to_bytes(8))
            digest.update(part)
    return digest.hexdigest()


def list_sources() -> list[Path]:
    """Return the files of code and schema that the tables of a batch may depend on."""
    code = [path for package in _PACKAGES for glob in ("*.py", "*.toml") for path in package.rglob(glob)]
    tables = [path for glob in ("*.toml", "tables/*.toml") for path in schema_folder().glob(glob)]
    return sorted([*code, *tables])


def hash_code() -> str:
    """Return the hash of the code and the schema, and of the versions of libraries, Python and system."""
    libraries = sorted(f"{one.name} {one.version}" for one in metadata.distributions())
    machine = [platform.python_version(), platform.platform(), platform.machine(), unicodedata.unidata_version]

    def parts() -> Iterator[tuple[str, bytes]]:
        for path in list_sources():
            yield str(path), path.read_bytes()
        yield "libraries", repr(libraries).encode()
        yield "machine", repr(machine).encode()

    return _hash_parts(parts())


def hash_setting(registries: Registries, params: Params) -> str:
    """Return the hash of all that the batches of a build have in common: code, libraries, registries, parameters."""

    def parts() -> Iterator[tuple[str, bytes]]:
        yield "code", hash_code().encode()
        yield "params", repr(params).encode()
        yield "registries", json.dumps(asdict(registries), default=repr).encode()

    return _hash_parts(parts())


def _read_folder(folder: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of all files of a folder; raises OSError for a link or device."""
    yield f"{name}/", b""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda one: one.name)
    for entry in entries:
        inside = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _read_folder(entry.path, inside)
        elif entry.is_file(follow_symlinks=False):
            with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - two files an article: pathlib takes half of the time
                yield inside, file.readall()
        else:
            raise FileNotFoundError(entry.path)


@dataclass(frozen=True)
class BatchCache:
    """A folder of earlier results; `setting` is the hash of all that the batches of this build have in common."""

    folder: Path
    setting: str

    def make_key(self, folders: list[Path], judged: dict[str, Any]) -> str | None:
        """Return the key of a batch of article folders with the tables of judgements about them.

        It is None if a file cannot be read, which the stage `ingest` reports.
        """

        def parts() -> Iterator[tuple[str, bytes]]:
            yield "setting", self.setting.encode()
            for name, table in sorted(judged.items()):
                yield name, to_stream(table)
            for folder in folders:
                yield from _read_folder(str(folder), folder.name)

        try:
            return _hash_parts(parts())
        except OSError:
            return None

    def fetch(self, key: str, aside: Path, names: dict[str, str]) -> bool:
        """Put the tables of a key into the folder `aside`; return whether all are there and undamaged.

        `names` gives for each table the name of its file in `aside`.
        """
        entry = self.folder / key
        try:
            sums = json.loads((entry / _SUMS).read_text(encoding="utf-8"))
            for table, name in names.items():
                _link(entry / table, aside / name)
            found = bool({table: hash_file(aside / name) for table, name in names.items()} == sums)
            os.utime(entry)
        except (OSError, ValueError):
            found = False
        if not found:  # the stages must not write into files that the cache shares
            for name in names.values():
                (aside / name).unlink(missing_ok=True)
        return found

    def store(self, key: str, aside: Path, names: dict[str, str]) -> None:
        """Keep the tables of a batch; arguments as in `fetch`. Without space for them, nothing is kept."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        except OSError:
            return
        try:
            for table, name in names.items():
                _link(aside / name, unfinished / table)
            sums = {table: hash_file(aside / name) for table, name in names.items()}
            (unfinished / _SUMS).write_text(json.dumps(sums), encoding="utf-8")
            discard(self.folder / key)  # a damaged entry, or one that another build just stored
            unfinished.rename(self.folder / key)
        except OSError:
            shutil.rmtree(unfinished, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it if the file system cannot."""
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
