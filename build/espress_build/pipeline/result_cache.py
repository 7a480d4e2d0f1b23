"""Keep results of earlier runs as files below a folder, each under the hash of all that it was computed from.

A run with other input therefore never finds an earlier result. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES = 8 * 2**30  # tables and Parquet row groups of about 200,000 articles
UNFINISHED, _DAY = "unfinished-", 86_400
_DIGEST = 32


@dataclass(frozen=True)
class ResultCache:
    """A folder of results.

    `setting` is a hash of what all results of a run have in common, for callers that make it part of their keys; `used`
    are the keys that were asked for or stored.
    """

    folder: Path
    setting: str = ""
    used: set[str] = field(default_factory=set, compare=False)

    def fetch(self, key: str) -> bytes | None:
        """Return the result that is kept under a key; None if nothing is kept or the result is damaged."""
        path = self.folder / key
        self.used.add(key)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        result = content[_DIGEST:]
        return result if hashlib.sha256(result).digest() == content[:_DIGEST] else None

    def store(self, key: str, result: bytes) -> None:
        """Keep a result; without space for it, nothing is kept."""
        self.used.add(key)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
        except OSError:
            return
        try:
            with open(number, "wb") as file:  # noqa: PTH123 - a file that is open already
                file.write(hashlib.sha256(result).digest() + result)
            os.replace(name, self.folder / key)  # noqa: PTH105 - readers see all of it or nothing
        except OSError:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108 - a name as mkstemp gives it

    def keep_used(self) -> None:
        """Remove the results that this run did not use; only for folders in which a run uses every valid result."""
        for path in self.folder.glob("*"):
            if path.name not in self.used:
                path.unlink(missing_ok=True)

    def prune(self, limit: int = LIMIT_BYTES) -> None:
        """Remove the entries that were not used for the longest time until the rest fits the limit.

        Unfinished files of killed runs are removed after a day.
        """
        entries = []
        for path in sorted(self.folder.glob("*")):
            with suppress(OSError):  # another run removed it
                inside = list(path.rglob("*")) if path.is_dir() else [path]
                entries.append((path.stat().st_mtime, path, sum(one.stat().st_size for one in inside)))
        newest, total = max((used for used, _, _ in entries), default=0.0), 0
        for used, path, size in sorted(entries, reverse=True):
            abandoned = path.name.startswith(UNFINISHED) and used < newest - _DAY
            total += size
            if abandoned or total > limit:
                with suppress(OSError):
                    discard(path)


def discard(entry: Path) -> None:
    """Remove an entry; other runs see all of it or nothing."""
    if entry.is_dir():
        gone = tempfile.mkdtemp(prefix=UNFINISHED, dir=entry.parent)
        entry.rename(os.path.join(gone, "entry"))  # noqa: PTH118 - a name as mkdtemp gives it
        shutil.rmtree(gone, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
