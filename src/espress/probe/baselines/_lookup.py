"""A look-up table from a value of the row to its most frequent label in the training folds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress.probe.items import Row


@dataclass
class LookUp:
    """Predict the most frequent label of the row's value; for an unseen value, the most frequent label overall.

    Ties go to the label that is more frequent overall, then to the first in alphabetical order, so that the order of
    the rows does not matter. A null is a value like any other; without a column, all rows share one value.
    """

    column: str | None
    overall: Counter[str] = field(default_factory=Counter)
    seen: dict[str | None, Counter[str]] = field(default_factory=dict)

    def fit(self, rows: list[Row], labels: list[str]) -> LookUp:
        """Count the labels by value of the row; earlier counts are forgotten."""
        self.overall, self.seen = Counter(labels), {}
        for row, label in zip(rows, labels, strict=True):
            self.seen.setdefault(self._value(row), Counter())[label] += 1
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        return [self._commonest(self.seen.get(self._value(row), self.overall)) for row in rows]

    def _value(self, row: Row) -> str | None:
        return row[self.column] if self.column else None

    def _commonest(self, counts: Counter[str]) -> str:
        return min(counts, key=lambda label: (-counts[label], -self.overall[label], label))
