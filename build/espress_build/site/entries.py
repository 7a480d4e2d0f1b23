"""Entries of the catalogue as pages show them, and the values of filters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from espress_build.site.dataset import Row

_LABELS = {  # field of a coder -> the word before its code
    "voice": "",
    "genre": "",
    "named_side": "names ",
    "named_state": "names ",
    "named_actor_type": "",
    "main_news": "news: ",
    "balance": "",
    "confidence": "confidence ",
}


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    name: str
    number: int


def count_choices(
    values: Iterable[str | None], name: Callable[[str], str] = str, *, frequent_first: bool = False
) -> list[Choice]:
    """Return the choices of a filter, alphabetical or the most frequent first; a value of None is "unknown"."""
    counts = Counter(value or "unknown" for value in values)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1] if frequent_first else 0, pair[0]))
    return [Choice(value, value if value == "unknown" else name(value), number) for value, number in ordered]


@dataclass(frozen=True)
class CodedEntry:
    """A row of the catalogue as the page shows it: the codes of each coder in one line, the voice first."""

    row: Row
    codes_a: tuple[str, ...]  # empty if the coder did not code the page
    codes_b: tuple[str, ...]
    same: str  # "same", "different" or "one coder"
    notes: str  # agency, republisher and origin

    @property
    def is_linked(self) -> bool:
        """Whether the page may be requested, at an address of the web."""
        return self.row["fetch"] == "may_fetch" and str(self.row["url"]).startswith(("https://", "http://"))


def describe_entry(row: Row) -> CodedEntry:
    """Return a row of the catalogue as pages show it."""
    a, b = row["opening_voice_a"], row["opening_voice_b"]
    same = ("same" if a == b else "different") if a and b else "one coder"
    words = {"agency_id": "agency", "republisher_id": "republished by", "origin_id": "from"}
    notes = ", ".join(f"{word} {row[name]}" for name, word in words.items() if row[name])
    return CodedEntry(row, _list_codes(row, "a"), _list_codes(row, "b"), same, notes)


def _list_codes(row: Row, coder: str) -> tuple[str, ...]:
    found = ((label, row.get(f"opening_{name}_{coder}")) for name, label in _LABELS.items())
    return tuple(f"{label}{code.replace('_', ' ')}" for label, code in found if code)
