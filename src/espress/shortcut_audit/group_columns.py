"""Every group column, and every pair of them, as a predictor that reads no text: scored, permuted and resampled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from espress.shortcut_audit import group_traits, intervals
from espress.shortcut_audit.permutation import Candidate, constant_within, joined, null, permuted_scores, units
from espress.shortcut_audit.result import NOT_APPLICABLE, Shortcut
from espress.shortcut_audit.tallies import entropy, in_sample, look_up, scores, tallies

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from espress.shortcut_audit.codes import Coded, Column
    from espress.shortcut_audit.intervals import Scored
    from espress.shortcut_audit.permutation import Units
    from espress.shortcut_audit.result import Estimate, Flag, Null, Scores, WithinGroups
    from espress.shortcut_audit.tallies import Answers, Frame

SKILFUL = 0.10  # a lower bound of the skill above this, and
SURE = 0.01  # an adjusted p below this, make a shortcut
SUGGESTIVE = 0.05


@dataclass(frozen=True)
class Looked:
    """A column or pair after its look-up was scored; `whole` are tallies on all tested rows, `part` on those read."""

    columns: tuple[Column, ...]
    codes: NDArray[np.intp]
    coverage: float
    scores: Scores
    covered: Scores
    whole: NDArray[Any]
    part: NDArray[Any]
    within: WithinGroups | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def looked_up(frame: Frame, coded: Coded, read: NDArray[np.bool_], text: Answers) -> list[Looked]:
    """Score the look-up of each group column, then of each pair.

    `read` (n,) are the rows that the text model saw and `text` its answers there.
    """
    sets = [(column,) for column in coded.groups] + list(combinations(coded.groups, 2))
    return [_looked(frame, columns, read, text) for columns in sets]


def _looked(frame: Frame, columns: tuple[Column, ...], read: NDArray[np.bool_], text: Answers) -> Looked:
    codes, tested = joined([column.codes for column in columns]), frame.design.tested
    answers, repeats = look_up(frame, codes), len(frame.design.folds)
    whole = tallies(frame, answers.predicted)
    coverage = float(answers.seen[:, tested].mean())
    saved = None if answers.bits is None else float(answers.bits[tested].mean())
    known = scores(whole, repeats, saved, entropy(frame.labels[tested]))
    return Looked(
        columns=columns,
        codes=codes,
        coverage=coverage,
        # The prior's score under the column's name would pass for a finding.
        scores=known if coverage else replace(known, macro_f1=None, accuracy=None, gain=None, gain_share=None),
        covered=scores(tallies(frame, answers.predicted, answers.seen), repeats),
        whole=whole,
        part=tallies(frame, answers.predicted, read),
        within=group_traits.within(frame, columns[0], read, text, answers) if len(columns) == 1 else None,
    )


def nulls(frame: Frame, looked: Sequence[Looked], permutations: int, seed: int) -> list[Null | None]:
    """Return the null of each, all permuted together; None where no tested row's group was trained on."""
    found = units(frame)
    asked = [each for each in looked if each.coverage]
    candidates = [_candidate(each, found) for each in asked]
    if not candidates:
        return [None] * len(looked)
    drawn = permuted_scores(frame, candidates, found, permutations=permutations, seed=seed)
    each_row = found.n == len(found.of)
    end = ", on each side of the split" if frame.design.given else ""
    schemes = ["rows" if each_row else _scheme(candidate) for candidate in candidates]
    made = iter([null(drawn, at, scheme + end) for at, scheme in enumerate(schemes)])
    return [next(made) if each.coverage else None for each in looked]


def _candidate(looked: Looked, found: Units) -> Candidate:
    parts = tuple(column.codes for column in looked.columns)
    return Candidate(parts, tuple(constant_within(codes, found) for codes in parts))


def _scheme(candidate: Candidate) -> str:
    named = {True: "between clusters", False: "rows within clusters"}
    return " and ".join(dict.fromkeys(named[part] for part in candidate.between))


@dataclass(frozen=True)
class Compared:
    """One look-up beside S_0 on all tested rows, and beside S_0 and the named model on the rows of that model."""

    whole: Scored
    floor: Scored
    same_rows: Scored
    same_floor: Scored
    model: Scored


def shortcut(frame: Frame, coded: Coded, looked: Looked, chance: Null | None, compared: Compared) -> Shortcut:
    """Put together what was found on one column or pair, and its status."""
    applicable = chance is not None
    skill = intervals.skill(compared.whole, compared.floor) if applicable else intervals.not_applicable()
    return Shortcut(
        columns=looked.names,
        status=_status(skill, chance),
        groups=int(looked.codes.max()) + 1,
        singleton_share=group_traits.singleton_share(looked.codes),
        coverage=looked.coverage,
        scores=looked.scores,
        covered=looked.covered,
        in_sample_macro_f1=in_sample(frame, looked.codes),
        interval=intervals.of_score(compared.whole) if applicable else intervals.not_applicable(),
        null=chance,
        skill=skill,
        share_of_gain=_share(compared) if applicable else intervals.not_applicable(),
        flags=_flags(frame, coded, looked),
        within=looked.within,
    )


def _status(skill: Estimate, chance: Null | None) -> str:
    if chance is None:
        return NOT_APPLICABLE
    if skill.low is not None and skill.low > SKILFUL and chance.p_adjusted < SURE:
        return "shortcut"
    return "some evidence" if chance.p_adjusted < SUGGESTIVE else "no evidence"


def _share(compared: Compared) -> Estimate:
    return intervals.share_of_gain(compared.same_rows, compared.same_floor, compared.model)


def _flags(frame: Frame, coded: Coded, looked: Looked) -> tuple[Flag, ...]:
    """Return the flags of a column, which may repeat one before it, the cluster or the label, or of a pair."""
    alone = len(looked.columns) == 1
    before = coded.groups[: coded.groups.index(looked.columns[0])] if alone else coded.groups
    others = {each.name: each for each in (*before, coded.cluster, coded.label) if each is not None}
    if alone:
        others.pop(looked.names[0], None)
    found = group_traits.flags(looked.names, looked.codes, coded, list(others.values()))
    return found + (group_traits.mostly_constant(looked.columns[0], units(frame)) if alone and coded.cluster else ())
