"""Rejoined tables as a dataset folder on the disk, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.integrity import read_sums
from espress.data.releases import SUMS
from espress.errors import InputError

if TYPE_CHECKING:
    from espress.rejoining.rejoin import Rejoined

_CARD, _PACKAGE, _LICENCE = "README.md", "datapackage.json", "LICENSE-DATA"
_NOTE = """
# ESPRESS, rejoined

The open edition of version {version}, with the texts of {filled} of {articles} articles filled in by `espress rejoin`
from copies that its user had. Nobody licenses these texts here: this folder is for the one who made it.
"""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _card(text: str, changed: dict[str, str], rejoined: Rejoined) -> str:
    """Return the card's front matter, which `datasets` reads, with the new hashes, and a note in place of the rest."""
    for old, new in changed.items():
        text = text.replace(old, new)
    front = text.split("---\n", 2)[1]
    articles = len(rejoined.filled) + len(rejoined.withheld)
    note = _NOTE.format(version=rejoined.version, filled=len(rejoined.filled), articles=articles)
    return f"---\n{front}---\n{note}"


def _package(text: str, changed: dict[str, str], rejoined: Rejoined) -> str:
    for old, new in changed.items():
        text = text.replace(old, new)
    package = json.loads(text) | {"version": f"{rejoined.version}+rejoined", "edition": "full"}
    for resource in package["resources"]:
        resource.pop("bytes", None)
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _fill(rejoined: Rejoined, open_: Path, folder: Path) -> None:
    import pyarrow.parquet as pq

    (folder / "data").mkdir()
    stated, changed = read_sums(open_), {}
    for name, table in rejoined.tables.items():
        path = folder / "data" / f"{name}.parquet"
        pq.write_table(table, path, compression="zstd")
        changed[stated[f"data/{name}.parquet"]] = _sha256(path)
    shutil.copyfile(open_ / _LICENCE, folder / _LICENCE)
    for name, content in ((_CARD, _card), (_PACKAGE, _package)):
        text = content((open_ / name).read_text(encoding="utf-8"), changed, rejoined)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def write(rejoined: Rejoined, open_: Path, out: Path) -> None:
    """Write the tables to `out`, a new folder, with the card and the hashes that loading needs.

    It is written beside and renamed, so that a full disk leaves nothing; raises InputError with the system's reason.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError([f"{out} cannot be written: {error}."]) from error
    try:
        _fill(rejoined, open_, beside)
        beside.chmod(0o755)
        beside.rename(out)
    except OSError as error:
        raise InputError([f"{out} cannot be written: {error}. Nothing is left there."]) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
