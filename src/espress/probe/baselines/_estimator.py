"""A scikit-learn estimator on features of the rows, which accepts training folds of one class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.probe.items import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.probe.items import Row


def texts(rows: list[Row]) -> list[str]:
    """Return each row as one text, in the same way for all trained text models.

    The context is left out: these models ignore the order of units, so among up to twenty other units the one that is
    asked about would have little weight.
    """
    return [as_text({name: value for name, value in row.items() if name != "context"}) for row in rows]


@dataclass
class Estimator:
    """Fit and apply an estimator on the features of rows: texts, or an array with one line per row."""

    estimator: Any
    features: Callable[[list[Row]], Any]
    only: str | None = None  # the one class of the training folds; scikit-learn refuses to fit one class

    def fit(self, rows: list[Row], labels: list[str]) -> Estimator:
        """Fit the estimator, or remember the label if there is only one."""
        self.only = labels[0] if len(set(labels)) == 1 else None
        if self.only is None:
            from threadpoolctl import threadpool_limits

            features = self.features(rows)
            # one thread gives the same order of summation on every machine, and is faster for a small model
            with threadpool_limits(1):
                self.estimator.fit(features, labels)
        return self

    def predict(self, rows: list[Row]) -> list[str]:
        """Return a label for each row."""
        if self.only is not None:
            return [self.only] * len(rows)
        return [str(label) for label in self.estimator.predict(self.features(rows))]
