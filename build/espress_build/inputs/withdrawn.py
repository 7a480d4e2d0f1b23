"""The tombstone `withdrawn.toml`, which replaces a withdrawn article and repeats nothing of its content."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.inputs.toml_files import read_toml, structure

if TYPE_CHECKING:
    from pathlib import Path

TOMBSTONE = "withdrawn.toml"


@dataclass(frozen=True)
class Tombstone:
    """The withdrawn article, the day (YYYY-MM-DD), the reason, and the hash of the received bytes."""

    article_id: str
    sha256: str
    date: str
    reason: str

    @property
    def detail(self) -> str:
        """The detail in the table `rejects`."""
        return f"{self.date}: {self.reason}"


def as_toml(stone: Tombstone) -> str:
    """Return the text of a tombstone's file."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in vars(stone).items()]
    return "\n".join(lines).replace("\x7f", "\\u007f") + "\n"


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def read_tombstone(folder: Path) -> Tombstone:
    """Read the tombstone of an article's folder; raises InputError with every fault."""
    path = folder / TOMBSTONE
    stone, problems = structure(Tombstone, read_toml(path), "the file")
    if stone is None:
        raise InputError([f"{path}: {problem}." for problem in problems])
    if not _is_day(stone.date):
        problems.append(f"date is {stone.date!r}; write YYYY-MM-DD")
    names_folder = {"article_id": stone.article_id == folder.name, "sha256": stone.sha256[:8] == folder.name[-8:]}
    if wrong := [name for name, fits in names_folder.items() if not fits]:
        problems.append(f"{' and '.join(wrong)} do not fit the folder {folder.name}; restore the file with git")
    if not stone.reason.strip():
        problems.append("the reason is empty; state why the article was withdrawn")
    if problems:
        raise InputError([f"{path}: {problem}." for problem in problems])
    return stone


def withdrawn_articles(raw: Path) -> frozenset[str]:
    """Return the ids of the withdrawn articles."""
    return frozenset(path.parent.name for path in (raw / "articles").glob(f"*/{TOMBSTONE}"))
