"""Thresholds of a finding, and the status of a column for which there is no question."""

from __future__ import annotations

NOT_APPLICABLE = "not applicable by construction"
SKILL_THRESHOLD = 0.10  # a lower bound of the skill above this, and
P_THRESHOLD = 0.01  # an adjusted p below this, make a shortcut
