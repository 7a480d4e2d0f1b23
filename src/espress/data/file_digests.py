"""Hashes of files that are not read again while the file stays what it was: same size, times and place on the disk."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

# Below this many bytes hashing costs less than looking it up, so that nothing is written for a small corpus.
WORTH_KEEPING = 2**20
_RECORD = "checked.json"
_known: dict[str, list[Any]] = {}  # path -> size, times and inode, and the hash, in this process


def _stamp(state: os.stat_result) -> list[int]:
    # The time of change cannot be set back by a program that restores the time of modification.
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]


def _record() -> dict[str, list[Any]]:
    """Return what earlier processes kept; a record that cannot be read is as good as none."""
    import json

    from espress.data.cache import cache_folder

    try:
        held = json.loads((cache_folder() / _RECORD).read_bytes())
    except (OSError, ValueError):
        return {}
    sound = isinstance(held, dict) and all(isinstance(value, list) and len(value) == 5 for value in held.values())
    return held if sound else {}


def _keep(path: str, entry: list[Any]) -> None:
    """Add an entry to the record, without those whose file is gone; where nothing can be written, let it be."""
    import json

    from espress.data.cache import cache_folder

    held = {name: value for name, value in _record().items() if os.path.exists(name)} | {path: entry}  # noqa: PTH110
    beside = cache_folder() / f".{_RECORD}.{os.getpid()}"
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(held, indent=0, sort_keys=True), encoding="utf-8")
        beside.replace(cache_folder() / _RECORD)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def digest(path: Path, handle: Any = None) -> str:
    """Return the SHA-256 of a file, read once for each path, size, times and inode, also over processes.

    Args:
        path: the file.
        handle: the same file, open for reading in binary, at its start; it is left there.

    Raises:
        OSError: the file cannot be read.
    """
    if handle is None:
        with path.open("rb") as opened:
            return digest(path, opened)
    name, stamp = str(path.absolute()), _stamp(os.fstat(handle.fileno()))
    large = stamp[0] >= WORTH_KEEPING
    entry = _known.get(name) or (_record().get(name) if large else None)
    if not entry or entry[:4] != stamp:
        entry = [*stamp, hashlib.file_digest(handle, "sha256").hexdigest()]
        handle.seek(0)
        if large:
            _keep(name, entry)
    _known[name] = entry
    return str(entry[4])
