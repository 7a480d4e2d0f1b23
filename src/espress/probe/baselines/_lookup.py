"""A look-up table from a value of the row to its most frequent label in the training folds."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from espress.probe.items import Row


@dataclass
class LookUp:
    """Predict the most frequent label of the row's value; for an unseen value, the most frequent label of all.

    Ties go to the label that is more frequent overall, then to the first in alphabetical order, so that the order of
    the rows does not matter. `key` may return None, which is a value like any other.
    """

    key: Callable[[Row], Hashable]
    overall: Counter[str] = field(default_factory=Counter)
    seen: dict[Hashable, Counter[str]] = field(default_factory=dict)

    def fit(self, rows: list[Row], labels: list[str]) -> LookUp:
        """Count the labels by value of the row; earlier counts are forgotten."""
        self.overall = Counter(labels)
        counts: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
        for row, label in zip(rows, labels, strict=True):
            counts[self.key(row)][label] += 1
        self.seen = dict(counts)
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        return [self._commonest(self.seen.get(self.key(row), self.overall)) for row in rows]

    def _commonest(self, counts: Counter[str]) -> str:
        return min(counts, key=lambda label: (-counts[label], -self.overall[label], label))
