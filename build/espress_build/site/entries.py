"""Entries of the catalogue as pages show them, and the values of filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress_build.site.dataset import Row


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    name: str
    number: int


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
    a = (row["opening_voice_a"], row["opening_genre_a"], row["opening_named_side_a"], row["opening_confidence_a"])
    b = tuple(
        row[f"opening_{name}_b"]
        for name in ("voice", "genre", "named_state", "named_actor_type", "main_news", "balance", "confidence")
    )
    agreement = "same" if a[0] == b[0] else "different"
    same = agreement if a[0] and b[0] else "one coder"
    words = {"agency_id": "agency", "republisher_id": "republished by", "origin_id": "from"}
    notes = ", ".join(f"{word} {row[name]}" for name, word in words.items() if row[name])
    codes = [tuple(code for code in own if code) for own in (a, b)]
    return CodedEntry(row, codes[0], codes[1], same, notes)
