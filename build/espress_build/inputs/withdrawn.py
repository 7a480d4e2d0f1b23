"""What stands in the place of an article that was taken back: `withdrawn.toml`, and nothing of what it said."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from espress.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

TOMBSTONE = "withdrawn.toml"


@dataclass(frozen=True)
class Tombstone:
    """Which article was taken back, when (YYYY-MM-DD) and why; the hash of the bytes that were received stays known."""

    article_id: str
    sha256: str
    date: str
    reason: str

    @property
    def detail(self) -> str:
        """What the table of rejects says."""
        return f"{self.date}: {self.reason}"


def as_toml(stone: Tombstone) -> str:
    """Return a tombstone as it is written."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in vars(stone).items()]
    return "\n".join(lines).replace("\x7f", "\\u007f") + "\n"


def read_tombstone(folder: Path) -> Tombstone:
    """Read the tombstone of an article's folder; raises InputError, naming the file and what it must hold."""
    path = folder / TOMBSTONE
    names = [field.name for field in fields(Tombstone)]
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        stone = Tombstone(**raw)
        date.fromisoformat(stone.date)
    except (ValueError, TypeError) as error:
        raise InputError([f"{path}: {error}. It holds {names}, each a string, and the date is YYYY-MM-DD."]) from error
    told = {"article_id": folder.name, "sha256": stone.sha256 if stone.sha256.startswith(folder.name[-8:]) else None}
    if wrong := [name for name, value in told.items() if getattr(stone, name) != value]:
        raise InputError(
            [f"{path}: {' and '.join(wrong)} do not fit the folder {folder.name}. Take it from git again."]
        )
    if not stone.reason.strip():
        raise InputError([f"{path}: the reason is empty; say why the article was taken back."])
    return stone


def withdrawn_articles(raw: Path) -> frozenset[str]:
    """Return the ids of the articles that were taken back."""
    return frozenset(path.parent.name for path in (raw / "articles").glob(f"*/{TOMBSTONE}"))
