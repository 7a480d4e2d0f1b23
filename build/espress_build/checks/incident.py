"""Checks, and the incidents that report their failures, the same for every kind of check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SHOWN_ROWS = 20  # number of keys listed in one incident; `count` is the number of all


@dataclass(frozen=True)
class Check:
    """One check.

    `gx` names a class of Great Expectations, `sql` selects the offending rows, `python` names a function of
    `espress_build.checks.dataset_files` or `.recomputed`; each check has exactly one of them. A check that `reads_text`
    needs article text and is skipped for the open edition. A check that runs `last` is skipped if another check of its
    level fails, because it would only repeat that check's result.
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
    last: bool = False


@dataclass(frozen=True)
class Incident:
    """A failed check: the number of offending rows, the keys of the first ones, and what is wrong with them."""

    check: str
    level: int
    severity: str
    why: str
    count: int
    keys: tuple[str, ...]
    detail: str

    def __str__(self) -> str:
        """Return the incident in one line."""
        keys = ", ".join(self.keys[:3]) + (" …" if self.count > 3 else "")
        rows = f"{self.count} row{'s' if self.count > 1 else ''}: {keys}"
        what = f"[{self.severity}] level {self.level}, {self.check}: {self.detail} ({rows})."
        return f"{what} Why it matters: {self.why}."


def report_incident(check: Check, rows: list[tuple[str, str]]) -> Incident | None:
    """Return the incident of offending (key, detail) rows, or None if there are no rows."""
    if not rows:
        return None
    keys = tuple(key for key, _ in rows[:SHOWN_ROWS])
    return Incident(check.id, check.level, check.severity, check.why, len(rows), keys, rows[0][1])
