"""Scores, intervals and tests on tallies: counts by cluster and class, so a resample is a sum of tallies."""

from __future__ import annotations

from espress.stats.adjustment import holm
from espress.stats.bootstrap import cluster_bootstrap, percentile_interval
from espress.stats.classification_scores import accuracy, balanced_accuracy, f1, macro_f1, tally
from espress.stats.permutation import SignFlip, paired_permutation, sign_flip
from espress.stats.proportions import wilson_f1_interval, wilson_interval
from espress.stats.t_interval import minimum_detectable_difference, t_interval

__all__ = [
    "SignFlip",
    "accuracy",
    "balanced_accuracy",
    "cluster_bootstrap",
    "f1",
    "holm",
    "macro_f1",
    "minimum_detectable_difference",
    "paired_permutation",
    "percentile_interval",
    "sign_flip",
    "t_interval",
    "tally",
    "wilson_f1_interval",
    "wilson_interval",
]
