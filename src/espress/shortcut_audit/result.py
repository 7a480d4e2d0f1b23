"""The result of an audit as frozen dataclasses. Missing numbers are None, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

UNDEFINED = "undefined: the model is not distinguishable from the blind rule"


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; `reason` says why the value or the interval is missing or unreliable."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Scores:
    """The scores of one predictor on `n` tested rows, pooled over the repeats.

    `gain` is the reduction of out-of-fold log-loss compared with the prior, in bits per row; `gain_share` divides it by
    H(Y), the entropy of the tested labels. `balanced_accuracy` is the mean recall over the labels at the prior-matched
    threshold, where a label is predicted if its probability is highest relative to its share in the training rows; it
    is 1 / K for a rule that knows nothing, however rare a label is. All three are None if the predictor gives no
    probabilities.
    """

    n: int
    macro_f1: float | None
    accuracy: float | None
    gain: float | None = None
    gain_share: float | None = None
    balanced_accuracy: float | None = None


@dataclass(frozen=True)
class Null:
    """Scores of the whole cross-validation with the group column permuted: macro-F1, and gain in bits per row.

    `p` = (1 + number of permutations that score at least as well) / (1 + permutations); `p_adjusted` compares with the
    largest of all columns and pairs, and of both statistics, in each permutation; `excess` is the score less the null
    mean. Names that begin with `gain_` refer to the gain, the others to macro-F1.
    """

    permutations: int
    scheme: str
    mean: float
    excess: float
    p: float
    p_adjusted: float
    gain_mean: float
    gain_excess: float
    gain_p: float
    gain_p_adjusted: float


@dataclass(frozen=True)
class Flag:
    """A property of a column that changes how its numbers must be read: `kind` names it, `meaning` explains it."""

    kind: str
    meaning: str


@dataclass(frozen=True)
class GroupScore:
    """Scores of the text model and the look-up inside one group, over the labels that occur in it."""

    group: str
    n: int
    text_macro_f1: float
    lookup_macro_f1: float


@dataclass(frozen=True)
class WithinGroups:
    """Scores inside groups with at least two labels, where the group itself cannot predict the label.

    The means are weighted by rows. `groups` and `n` count the groups that qualify and their rows; `shown` holds the
    largest.
    """

    groups: int
    n: int
    text_macro_f1: float
    lookup_macro_f1: float
    shown: tuple[GroupScore, ...]


@dataclass(frozen=True)
class Overlap:
    """The number of values of a group or cluster column that occur on both the training and the test side."""

    column: str
    train_groups: int
    test_groups: int
    shared_groups: int
    test_rows: int
    test_rows_shared: int


@dataclass(frozen=True)
class Shortcut:
    """One group column, or a pair of them, as a predictor that reads no text.

    `status`: "shortcut" (flagged: for macro-F1 or for the gain, the lower bound of the effect is above its threshold
    and adjusted p < 0.01), "some evidence" (an adjusted p < 0.05, but not flagged), "no evidence", or "not applicable
    by construction". `found_by` names the statistics that make it a shortcut. The effects are `skill` (threshold 0.10)
    and `gain_share`, the gain divided by H(Y) (threshold 0.05). `in_sample_macro_f1` is the score of the same look-up
    on the rows that it was counted on. It is never a finding, but is often mistaken for one.
    """

    columns: tuple[str, ...]
    status: str
    found_by: tuple[str, ...]
    groups: int
    singleton_share: float
    coverage: float
    scores: Scores
    covered: Scores
    in_sample_macro_f1: float
    interval: Estimate
    null: Null | None
    skill: Estimate
    gain_share: Estimate
    balanced_accuracy: Estimate
    share_of_gain: Estimate
    flags: tuple[Flag, ...]
    within: WithinGroups | None

    @property
    def name(self) -> str:
        """The names of the columns, joined by a cross."""
        return " × ".join(self.columns)

    @property
    def flagged(self) -> bool:
        """Return whether the column is called a shortcut."""
        return self.status == "shortcut"


@dataclass(frozen=True)
class Reference:
    """A predictor to compare with: the length of the text, the text itself, or the user's own model.

    `interval` is of macro-F1; `above_prior` is S_m - S_0 on the same rows and draws.
    """

    name: str
    how: str
    scores: Scores
    interval: Estimate
    above_prior: Estimate


@dataclass(frozen=True)
class Floor:
    """S_0: the better of two rules that use neither text nor group, scored in expectation on the same folds."""

    macro_f1: float
    rule: str
    majority_macro_f1: float
    drawing_macro_f1: float
    majority_accuracy: float


@dataclass(frozen=True)
class DuplicateGroup:
    """Rows with equal ("exact", case and space aside) or nearly equal ("near") texts; `rows` names some of them."""

    kind: str
    rows: str
    n: int
    labels: tuple[str, ...]
    straddles: bool
    excerpt: str


@dataclass(frozen=True)
class Duplicates:
    """Texts that occur more than once, and the number of them on both sides of a fold or split.

    `tested_rows` counts tested rows (of the first repeat) that have a copy among their training rows. `shown` holds the
    largest groups, first those on both sides; `exact_groups` + `near_groups` is the total.
    """

    exact_groups: int
    near_groups: int
    rows: int
    straddling_groups: int
    tested_rows: int
    tested_n: int
    threshold: float
    how: str
    shown: tuple[DuplicateGroup, ...]


@dataclass(frozen=True)
class GroupLabels:
    """One group: its number of rows, and how many of them have each label, in the order of `LabelShares.labels`."""

    group: str
    n: int
    counts: tuple[int, ...]

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each label in the group."""
        return tuple(count / self.n for count in self.counts)


@dataclass(frozen=True)
class LabelShares:
    """How the labels are distributed in each group of a column or pair, counted on all rows.

    `labels` begins with the commonest label; if there are many, the last one is "other labels". `total` counts all
    rows. `shown` holds the largest groups and those that deviate most from the total, sorted by size; `rest` counts the
    rows of the `n_rest` other groups, and is None if all groups are shown.
    """

    columns: tuple[str, ...]
    labels: tuple[str, ...]
    groups: int
    total: GroupLabels
    shown: tuple[GroupLabels, ...]
    n_rest: int
    rest: GroupLabels | None

    @property
    def name(self) -> str:
        """The names of the columns, joined by a cross."""
        return " × ".join(self.columns)


@dataclass(frozen=True)
class LabelCount:
    """The number of rows with a label, in all rows and in the tested rows."""

    label: str
    n: int
    tested: int


@dataclass(frozen=True)
class Data:
    """The audited data, and its division into training and test rows; `given` says whether the user gave the split."""

    source: str
    n: int
    tested: int
    trained: int
    labels: tuple[LabelCount, ...]
    design: str
    cluster: str
    clusters: int
    entropy: float
    given: bool = False


@dataclass(frozen=True)
class Parameter:
    """One setting of the audit, with its reason."""

    name: str
    value: str
    why: str


@dataclass(frozen=True)
class Version:
    """The name and version of a library that was used."""

    library: str
    version: str


@dataclass(frozen=True)
class Audit:
    """The complete result of an audit; `verdict` sums it up, and `warnings` lists its limitations.

    `label_shares` shows the distribution of labels by group, for each column, and for each pair that is a shortcut
    although neither of its columns is.
    """

    label_shares: tuple[LabelShares, ...]
    verdict: tuple[str, ...]
    warnings: tuple[str, ...]
    data: Data
    floor: Floor
    shortcuts: tuple[Shortcut, ...]
    references: tuple[Reference, ...]
    model: str
    duplicates: Duplicates
    overlaps: tuple[Overlap, ...]
    parameters: tuple[Parameter, ...]
    versions: tuple[Version, ...]

    @property
    def flagged(self) -> tuple[str, ...]:
        """The names of the columns and pairs that are called shortcuts."""
        return tuple(shortcut.name for shortcut in self.shortcuts if shortcut.flagged)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain dicts, lists, strings and numbers."""
        from espress.shortcut_audit.report.render import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """Return the result as JSON."""
        return self._render("json")

    def to_markdown(self) -> str:
        """Return the result as a Markdown page: label shares by group, then the verdict."""
        return self._render("md")

    def to_html(self) -> str:
        """Return the result as one HTML file with its plots; it loads nothing from the network."""
        return self._render("html")

    def __str__(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return self.to_html()

    def _render(self, form: str) -> str:
        from espress.shortcut_audit.report.render import render

        return render(self, form)
