"""A scikit-learn estimator over something of the row, which survives a training fold of one class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.probe.text_template import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]


def texts(rows: list[Row]) -> list[str]:
    """Return each row as one text, by the template of all trained text models."""
    return [as_text(row) for row in rows]


@dataclass
class Fitted:
    """Fits and asks an estimator on what `see` makes of the rows: texts, or an array with a row for each."""

    estimator: Any
    see: Callable[[list[Row]], Any]
    only: str | None = None  # the one class of the training folds; estimators refuse to be fitted to one

    def fit(self, rows: list[Row], labels: list[str]) -> Fitted:
        """Fit the estimator, or keep the one label that there is."""
        self.only = labels[0] if len(set(labels)) == 1 else None
        if self.only is None:
            from threadpoolctl import threadpool_limits

            seen = self.see(rows)
            with threadpool_limits(1):  # sums in one order on any machine; and threads only delay so small a fit
                self.estimator.fit(seen, labels)
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        if self.only is not None:
            return [self.only] * len(rows)
        return [str(label) for label in self.estimator.predict(self.see(rows))]
