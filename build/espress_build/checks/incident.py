"""What a check says when something is wrong, the same for every kind of check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SHOWN_ROWS = 20  # keys listed in one incident; the count is always whole


@dataclass(frozen=True)
class Check:
    """One check, whoever runs it.

    `gx` names a class of Great Expectations, `sql` selects offending rows, `python` names a function of
    `espress_build.checks.files`; each check has one of them. One that `reads_text` compares words that the open edition
    withholds, and is left out there.
    """

    id: str
    level: int
    why: str
    severity: Literal["error", "warning"] = "error"
    table: str | None = None
    gx: str | None = None
    arguments: tuple[tuple[str, object], ...] = ()
    sql: str | None = None
    python: str | None = None
    reads_text: bool = False


@dataclass(frozen=True)
class Incident:
    """One failed check: how many rows offend, the keys of the first of them, and what is wrong with them."""

    check: str
    level: int
    severity: str
    why: str
    count: int
    keys: tuple[str, ...]
    detail: str

    def __str__(self) -> str:
        """Say it in one line for people."""
        keys = ", ".join(self.keys[:3]) + (" …" if self.count > 3 else "")
        rows = f"{self.count} row{'s' if self.count > 1 else ''}: {keys}"
        what = f"[{self.severity}] level {self.level}, {self.check}: {self.detail} ({rows})."
        return f"{what} Why it matters: {self.why}."


def incident(check: Check, rows: list[tuple[str, str]]) -> Incident | None:
    """Return the incident that offending (key, detail) rows make, or None if there are none."""
    if not rows:
        return None
    keys = tuple(key for key, _ in rows[:SHOWN_ROWS])
    return Incident(check.id, check.level, check.severity, check.why, len(rows), keys, rows[0][1])
