"""Thresholds of a finding, and the status of a column to which the question does not apply."""

from __future__ import annotations

NOT_APPLICABLE = "not applicable by construction"
SKILL_THRESHOLD = 0.10  # a column is a shortcut if the lower bound of its skill is above this
P_THRESHOLD = 0.01  # and its adjusted p is below this
