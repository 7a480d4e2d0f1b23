"""The words of a report explained, each in a sentence or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from espress.shortcut_audit.result import Audit

_GUIDE = """
Predictable from a column in this split is a property of corpus and split. It says neither that labels are wrong nor
that a model uses the column: labels may differ between groups because the texts do.

Look-up: p(y|g) = (n_gy + m * prior) / (n_g + m), counted on training rows; an unseen group gets the prior.

Gain: by how many bits a row the predictor's out-of-fold log-loss is below the prior's; H(Y) is the entropy of the
tested labels, so gain / H(Y) is the share of what there is to know. It is negative where a predictor is sure and wrong.

Coverage: the share of tested rows whose group occurs among their training rows. Singletons: the share of rows that are
alone in their group; such a group can tell nothing about another row.

Null: the group column is permuted, and the whole cross-validation run again. p = (1 + permutations that score at least
as well) / (1 + permutations); p adjusted compares with the best of all columns and pairs in each permutation, so that
looking at many columns costs what it should. Excess is the score less the null mean.

shortcut_skill = (S_g - S_0) / (1 - S_0) in macro-F1: the share of the way from the prior to a perfect score. A column
is called a shortcut when the lower bound of its skill is above 0.10 and p adjusted is below 0.01.

share_of_gain = (S_g - S_0) / (S_m - S_0): how much of what the model gains over the prior the look-up gains without
reading. It is undefined where the model itself cannot be told from the prior.

Intervals come from resampling clusters; they are refused where there are too few of them to resample.

Not applicable by construction: no tested row has a group that was trained on, so the split answers nothing about this
column. That is not the same as a score of zero.
"""


def reading_guide(audit: Audit) -> tuple[str, ...]:
    """Return what each number means, what it does not, and how small a p these permutations can show."""
    permutations = [cut.null.permutations for cut in audit.shortcuts if cut.null]
    points = tuple(" ".join(point.split()) for point in _GUIDE.strip().split("\n\n"))
    if not permutations:
        return points
    return (*points, f"With {max(permutations):,} permutations no p is below {1 / (1 + max(permutations)):.4f}.")
