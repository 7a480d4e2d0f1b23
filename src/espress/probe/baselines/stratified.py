"""A random label, drawn with its frequency in the training folds as probability; the item's id is the seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress.probe.items import Row

NAME = "stratified"
TRAINED = True
READS_TEXT = False
SEED = 0


@dataclass
class Draw:
    """Draw each item's label; the draw depends on the item's id only, so other items do not change it."""

    counts: Counter[str] = field(default_factory=Counter)

    def fit(self, rows: list[Row], labels: list[str]) -> Draw:  # noqa: ARG002 -- the rows are not used
        """Count the labels; earlier counts are forgotten."""
        self.counts = Counter(labels)
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        import numpy as np

        labels = sorted(self.counts)
        reached = np.cumsum([self.counts[label] for label in labels]) / self.counts.total()
        draws = [np.random.default_rng([SEED, *row["item_id"].encode()]).random() for row in rows]
        return [labels[place] for place in np.searchsorted(reached, draws, side="right")]


def make(_: object) -> Draw:
    """Return a model that draws labels."""
    return Draw()
