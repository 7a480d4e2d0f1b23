"""A table from a value of the row to the label most often seen with it in the training folds."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Row = dict[str, Any]


@dataclass
class LookUp:
    """Predicts the label most often seen with the row's value; for a value never seen, the label seen most of all.

    Ties go to the label seen more often overall, then to the first in alphabetical order, so that the answer hangs on
    the rows alone. `key` may return None, which is a value like any other.
    """

    key: Callable[[Row], Hashable]
    overall: Counter[str] = field(default_factory=Counter)
    seen: dict[Hashable, Counter[str]] = field(default_factory=dict)

    def fit(self, rows: list[Row], labels: list[str]) -> LookUp:
        """Count the labels by value of the row, forgetting what was counted before."""
        self.overall = Counter(labels)
        counts: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
        for row, label in zip(rows, labels, strict=True):
            counts[self.key(row)][label] += 1
        self.seen = dict(counts)
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        return [self._most(self.seen.get(self.key(row), self.overall)) for row in rows]

    def _most(self, counts: Counter[str]) -> str:
        return min(counts, key=lambda label: (-counts[label], -self.overall[label], label))
