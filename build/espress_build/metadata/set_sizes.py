"""Count the texts of the constructed sets by kind, language and split."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class SetSize:
    """The texts of one kind and language in a table; `by_split` counts the kept ones in the order of `SPLITS`."""

    table: str
    kind: str
    language: str
    written: int
    kept: int
    by_split: tuple[int, ...]


def _name_kind(row: dict[str, Any]) -> tuple[str, str]:
    """Return the table and the kind of a constructed text."""
    if "function" in row:
        return "check", "contrast cases" if row["function"] == "contrast" else "functional tests"
    if row["swap_kind"]:
        return "stance_articles", f"copies, {row['swap_kind']} exchanged"
    return "stance_articles", "controls" if row["is_control"] else "articles"


def count_sizes(rows: Iterable[dict[str, Any]]) -> Iterator[SetSize]:
    """Yield the sizes of the kinds of texts among rows of `check` and `stance_articles`, in order of appearance."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[*_name_kind(row), row["language"]].append(row)
    for key, own in groups.items():
        splits = Counter(row["split"] for row in own if row["kept"])
        yield SetSize(*key, len(own), splits.total(), tuple(splits[split] for split in SPLITS))
