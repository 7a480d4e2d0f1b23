"""Logistic regression on the number of characters of the unit; reads no text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from espress.probe.baselines._estimator import Estimator

if TYPE_CHECKING:
    from espress.probe.items import Row

NAME = "length"
TRAINED = True
READS_TEXT = False


def _measure_lengths(rows: list[Row]) -> list[list[float]]:
    """Return the logarithm of each length, because lengths are skewed."""
    return [[math.log1p(len(row["text"]))] for row in rows]


def make(_: object) -> Estimator:
    """Return the model; classes have equal weight, because otherwise it would always predict the majority."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return Estimator(make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced")), _measure_lengths)
