"""Thresholds of a finding, and the status of a column to which the question does not apply."""

from __future__ import annotations

NOT_APPLICABLE = "not applicable by construction"
MACRO_F1, GAIN = "macro-F1", "gain"  # the two statistics of the test
# A column is a shortcut if, for one of the two statistics, the lower bound of the effect is above the threshold and the
# adjusted p of that statistic is below P_THRESHOLD.
SKILL_THRESHOLD = 0.10  # of the shortcut skill, the share of the way from the best blind rule to perfect macro-F1
GAIN_THRESHOLD = 0.05  # of the gain divided by H(Y): the share of the uncertainty about the label that is removed
P_THRESHOLD = 0.01
P_SUGGESTIVE = 0.05
