"""Scores, intervals and tests on tallies: counts by block and class that add up, so that resampling is arithmetic."""

from __future__ import annotations

from espress.stats.bootstrap import block_bootstrap, percentile_interval, redrawn
from espress.stats.paired_tests import SignFlip, paired_block_permutation, sign_flip
from espress.stats.scores import accuracy, f1, macro_f1, tally
from espress.stats.t_interval import minimum_detectable_difference, t_interval

__all__ = [
    "SignFlip",
    "accuracy",
    "block_bootstrap",
    "f1",
    "macro_f1",
    "minimum_detectable_difference",
    "paired_block_permutation",
    "percentile_interval",
    "redrawn",
    "sign_flip",
    "t_interval",
    "tally",
]
