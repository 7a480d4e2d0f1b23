"""Score every predictor on the same rows, folds and resamples: the floor, the look-ups, and the references."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.shortcut_audit.criteria import (
    GAIN,
    GAIN_THRESHOLD,
    MACRO_F1,
    NOT_APPLICABLE,
    P_SUGGESTIVE,
    P_THRESHOLD,
    SKILL_THRESHOLD,
)
from espress.shortcut_audit.features import join_codes
from espress.shortcut_audit.groups import flag_columns, score_within_groups, singleton_share
from espress.shortcut_audit.lookup import (
    answer_majority,
    look_up,
    score,
    score_in_sample,
    share_gained,
    sum_gains,
    tally_answers,
    tally_drawing,
)
from espress.shortcut_audit.permutation import (
    count_arrangements,
    make_candidate,
    permutation_units,
    permuted_scores,
    summarise_nulls,
)
from espress.shortcut_audit.references import answer_by_text, sample_rows, score_references
from espress.shortcut_audit.result import UNDEFINED, Estimate, Floor, Reference, Scores, Shortcut
from espress.stats import accuracy, balanced_accuracy, macro_f1, percentile_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.features import Column, EncodedCorpus
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.lookup import Answers
    from espress.shortcut_audit.permutation import Candidate, PermutationUnits
    from espress.shortcut_audit.result import Null

    Score = Callable[[NDArray[Any]], NDArray[np.float64]]

RESAMPLES = 2_000
CELLS = 2**21  # number of weights in memory at the same time
REFUSED = 5  # with fewer clusters, no interval is given
WARNED = 10  # with fewer clusters, a bootstrap interval is known to be too short
DISTINGUISHABLE = 0.05  # a share of gain needs a lower bound of the model's lead over the prior above this


@dataclass(frozen=True)
class Measured:
    """The measurements for the result; `model` names the reference that shares of gain refer to."""

    floor: Floor
    shortcuts: tuple[Shortcut, ...]
    references: tuple[Reference, ...]
    model: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _LookUp:
    """The look-up of a column or pair: its result before the null is computed, and the data for null and intervals.

    `tallies` count all tested rows, `sampled_tallies` the rows whose texts are read, and `matched` the answers at the
    prior-matched threshold; `gains` comes from `lookup.sum_gains`.
    """

    result: Shortcut
    codes: list[NDArray[np.intp]]
    tallies: NDArray[np.int64]
    sampled_tallies: NDArray[np.int64]
    matched: NDArray[np.int64]
    gains: NDArray[np.float64]


def measure(design: Design, corpus: EncodedCorpus, *, permutations: int, seed: int) -> Measured:
    """Score every predictor, permute the columns, and resample all predictors together."""
    rows, units = sample_rows(design, seed), permutation_units(design)
    sampled, texts = design.select(rows), corpus.texts.filter(rows)
    text_answers = answer_by_text(sampled, texts)
    models = score_references(design, sampled, corpus, texts, text_answers)
    sets = [(column,) for column in corpus.groups] + list(combinations(corpus.groups, 2))
    look_ups = [_look_up_columns(design, corpus, columns, rows, text_answers, units) for columns in sets]
    nulls = _nulls(design, look_ups, units, permutations, seed)

    rules = [
        rule for each in (design, sampled) for rule in (tally_answers(each, answer_majority(each)), tally_drawing(each))
    ]
    systems: list[tuple[NDArray[Any], Score]] = [(rule, macro_f1) for rule in rules]
    systems += [(each.tallies, macro_f1) for each in look_ups] + [(each.sampled_tallies, macro_f1) for each in look_ups]
    systems += [(each.gains, share_gained) for each in look_ups]
    systems += [(each.matched, balanced_accuracy) for each in look_ups]
    scores = iter(resample([*systems, *((model.tallies, macro_f1) for model in models)], seed))
    always, drawn, always_sampled, drawn_sampled = (next(scores) for _ in rules)
    # S_0 is the better rule, chosen again in each resample; the key True is for the sampled rows.
    floors = {False: np.maximum(always, drawn), True: np.maximum(always_sampled, drawn_sampled)}
    whole, part, gains, balanced = ([next(scores) for _ in look_ups] for _ in range(4))
    model_scores, model, clusters = list(scores), models[-1], design.n_tested_clusters

    shortcuts = []
    for at, (each, null) in enumerate(zip(look_ups, nulls, strict=True)):
        if null is None:
            shortcuts.append(each.result)
            continue
        skill, gain_share = _estimate(_skill(whole[at], floors[False]), clusters), _estimate(gains[at], clusters)
        same_rows = part[at] if model.sampled else whole[at]
        share = _share_of_gain(same_rows, floors[model.sampled], model_scores[-1], clusters)
        found_by = _find_shortcut(skill, gain_share, null)
        shortcuts.append(
            replace(
                each.result,
                status=_status(found_by, null),
                found_by=found_by,
                interval=_estimate(whole[at], clusters),
                null=null,
                skill=skill,
                gain_share=gain_share,
                balanced_accuracy=_estimate(balanced[at], clusters),
                share_of_gain=share,
            )
        )
    return Measured(
        floor=Floor(
            macro_f1=float(floors[False][0]),
            rule="majority" if always[0] >= drawn[0] else "drawing from the prior",
            majority_macro_f1=float(always[0]),
            drawing_macro_f1=float(drawn[0]),
            majority_accuracy=float(accuracy(rules[0].sum(axis=0))),
        ),
        shortcuts=tuple(shortcuts),
        references=tuple(
            Reference(
                each.name,
                each.how,
                each.scores,
                interval=_estimate(own, clusters),
                above_prior=_estimate(own - floors[each.sampled], clusters),
            )
            for each, own in zip(models, model_scores, strict=True)
        ),
        model=model.name,
        warnings=(*_few_arrangements(look_ups, units), *(() if rows.all() else (_sampling_warning(rows),))),
    )


def _few_arrangements(look_ups: Sequence[_LookUp], units: PermutationUnits) -> list[str]:
    """Return a warning for each column or pair with too few permutations for an adjusted p below P_THRESHOLD."""
    warnings = []
    for each in look_ups:
        ways = count_arrangements(each.codes, units)
        if each.result.coverage and 1 < ways <= 1 / P_THRESHOLD:
            name = each.result.name
            warnings.append(
                f"The {len(units.sides)} clusters can be divided among the values of {name} in only {ways:.0f} "
                f"different ways, so the p of {name} cannot be clearly below {1 / ways:.2g}: this audit cannot call "
                f"{name} a shortcut, however strong the dependence."
            )
    return warnings


def _sampling_warning(rows: NDArray[np.bool_]) -> str:
    return (
        f"The length and text models read {rows.sum():,} of {len(rows):,} rows, drawn at random; for shares of "
        "the text model's gain, look-ups are scored on these rows."
    )


def _look_up_columns(  # noqa: PLR0913, PLR0917 - a column, its corpus, and what the text model knows
    design: Design,
    corpus: EncodedCorpus,
    columns: tuple[Column, ...],
    rows: NDArray[np.bool_],
    text_answers: Answers,
    units: PermutationUnits,
) -> _LookUp:
    """Score the look-up of a column or pair; `rows` (n,) are the rows that the text model answers."""
    parts = [column.codes for column in columns]
    codes = join_codes(parts)
    answers = look_up(design, codes)
    tallies = tally_answers(design, answers.predicted)
    coverage = float(answers.seen[:, design.tested].mean())
    matched = tally_answers(design, answers.matched)
    scores = score(tallies, design, answers.gain, matched)
    if not coverage:  # otherwise the prior's score under the column's name would look like a finding
        scores = Scores(scores.n, None, None)
    unknown = Estimate(None, reason=NOT_APPLICABLE)
    result = Shortcut(
        columns=tuple(column.name for column in columns),
        status=NOT_APPLICABLE,
        found_by=(),
        groups=int(codes.max()) + 1,
        singleton_share=singleton_share(codes),
        coverage=coverage,
        scores=scores,
        covered=score(tally_answers(design, answers.predicted, answers.seen), design),
        in_sample_macro_f1=score_in_sample(design, codes),
        interval=unknown,
        null=None,
        skill=unknown,
        gain_share=unknown,
        balanced_accuracy=unknown,
        share_of_gain=unknown,
        flags=flag_columns(columns, codes, corpus, units.of_row),
        within=score_within_groups(design, columns[0], rows, text_answers, answers) if len(columns) == 1 else None,
    )
    sampled_tallies = tally_answers(design, answers.predicted, rows)
    return _LookUp(result, parts, tallies, sampled_tallies, matched, sum_gains(design, answers.gain))


def _nulls(
    design: Design, look_ups: Sequence[_LookUp], units: PermutationUnits, permutations: int, seed: int
) -> list[Null | None]:
    """Return the null of each look-up, all permuted together; None if no tested row has a group with training rows."""
    candidates = [make_candidate(each.codes, units) for each in look_ups if each.result.coverage]
    if not candidates:
        return [None] * len(look_ups)
    drawn = permuted_scores(design, candidates, units, permutations=permutations, seed=seed)
    sides = ", on each side of the split" if design.given else ""
    each_row = len(units.sides) == len(units.of_row)
    schemes = ["rows" if each_row else _scheme(candidate) for candidate in candidates]
    nulls = iter(summarise_nulls(drawn, [scheme + sides for scheme in schemes]))
    return [next(nulls) if each.result.coverage else None for each in look_ups]


def _scheme(candidate: Candidate) -> str:
    names = {True: "between clusters", False: "rows within clusters"}
    return " and ".join(dict.fromkeys(names[between] for between in candidate.between))


def _find_shortcut(skill: Estimate, gain_share: Estimate, null: Null) -> tuple[str, ...]:
    """Return the statistics by which the column is a shortcut: macro-F1, gain, both or none."""
    limits = (
        (MACRO_F1, skill.low, SKILL_THRESHOLD, null.p_adjusted),
        (GAIN, gain_share.low, GAIN_THRESHOLD, null.gain_p_adjusted),
    )
    return tuple(name for name, low, least, p in limits if low is not None and low > least and p < P_THRESHOLD)


def _status(found_by: tuple[str, ...], null: Null) -> str:
    if found_by:
        return "shortcut"
    return "some evidence" if min(null.p_adjusted, null.gain_p_adjusted) < P_SUGGESTIVE else "no evidence"


def resample(systems: Sequence[tuple[NDArray[Any], Score]], seed: int) -> NDArray[np.float64]:
    """Return scores (S, 1 + RESAMPLES) of each system's counts, summed first over all units, then over each resample.

    Each system comes with its score. All are scored on the same resamples, whose sums are one matrix product.
    `espress.stats.cluster_bootstrap` takes only counts, but tallies of the drawing rule are expectations.
    """
    n_units = len(systems[0][0])
    columns = np.concatenate([each.reshape(n_units, -1) for each, _ in systems], axis=1).astype(np.float64)
    ends = np.cumsum([each[0].size for each, _ in systems])[:-1]
    scores = [np.array([[score(each.sum(axis=0)) for each, score in systems]])]
    rng, chunk = np.random.default_rng(seed), max(1, CELLS // n_units)
    for first in range(0, RESAMPLES, chunk):
        n_rows = min(chunk, RESAMPLES - first)
        picks = rng.integers(n_units, size=(n_rows, n_units)) + np.arange(n_rows)[:, None] * n_units
        weights = np.bincount(picks.ravel(), minlength=picks.size).reshape(n_rows, n_units).astype(np.float64)
        sums = np.split(weights @ columns, ends, axis=1)
        parts = [score(own.reshape(n_rows, *each.shape[1:])) for own, (each, score) in zip(sums, systems, strict=True)]
        scores.append(np.stack(parts, axis=1))
    return np.concatenate(scores).T


def _estimate(scores: NDArray[np.float64], clusters: int) -> Estimate:
    """Return the first score with the percentile interval of the others.

    The interval has a warning below 10 clusters, and is not given below 5.
    """
    value = float(scores[0])
    if clusters < REFUSED:
        few = f"no interval: {clusters} clusters are tested, and at least {REFUSED} are needed"
        return Estimate(value, reason=few)
    low, high = percentile_interval(scores[1:])
    few = f"{clusters} clusters are tested: with fewer than {WARNED}, such an interval is too short"
    return Estimate(value, low, high, few if clusters < WARNED else None)


def _skill(scores: NDArray[np.float64], floor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (S_g - S_0) / (1 - S_0): 0 if the group says nothing about the label, 1 if it decides the label."""
    below_one: NDArray[np.float64] = np.maximum(1 - floor, np.finfo(float).tiny)  # S_0 = 1 if a resample has one class
    return (scores - floor) / below_one


def _share_of_gain(
    scores: NDArray[np.float64], floor: NDArray[np.float64], model: NDArray[np.float64], clusters: int
) -> Estimate:
    """Return (S_g - S_0) / (S_m - S_0), only if the lower bound of S_m - S_0 exceeds 0.05."""
    if (_estimate(model - floor, clusters).low or 0) <= DISTINGUISHABLE:
        return Estimate(None, reason=UNDEFINED)
    return _estimate((scores - floor) / (model - floor), clusters)
