"""Logistic regression on the number of characters of the unit, and nothing else of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from espress.probe.baselines._fitted import Fitted

if TYPE_CHECKING:
    from espress.probe.tasks import Task

NAME = "length"
TRAINED = True
READS_TEXT = False


def _lengths(rows: list[dict[str, Any]]) -> list[list[float]]:
    """Return the logarithm, as lengths are skewed and a title is to a sentence as a sentence to a long one."""
    return [[math.log1p(len(row["text"]))] for row in rows]


def make(task: Task) -> Fitted:  # noqa: ARG001 -- every baseline is asked in the same way
    """Return the model; classes weigh the same, so that it does not end as the majority."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return Fitted(make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")), _lengths)
