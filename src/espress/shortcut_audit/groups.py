"""Flags of group columns, their overlap between training and test, and scores of predictors inside groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.shortcut_audit.features import join_codes
from espress.shortcut_audit.result import Flag, GroupScore, Overlap, WithinGroups
from espress.stats import f1, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.features import Column, EncodedCorpus
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.lookup import Answers

MANY_SINGLETONS = 0.5
MOSTLY = 0.9  # share of rows with the commonest value of their cluster
SMALLEST = 10  # tested rows that a group needs to be scored separately
SHOWN = 20


def singleton_share(codes: NDArray[np.intp]) -> float:
    """Return the share of rows whose group has no other row."""
    return float((np.bincount(codes)[codes] == 1).mean())


def flag_columns(
    columns: Sequence[Column], codes: NDArray[np.intp], corpus: EncodedCorpus, units: NDArray[np.intp]
) -> tuple[Flag, ...]:
    """Return flags for a column or pair: constant, unique, singletons, alias of another, values missing.

    A column may be an alias of an earlier column in the user's list, a pair an alias of any column; both may be aliases
    of cluster or label. `units` (n,) numbers the clusters that are permuted as wholes.
    """
    names = [column.name for column in columns]
    found, what, n = [], " × ".join(names), len(codes)
    groups, alone = int(codes.max()) + 1, singleton_share(codes)
    if groups == 1:
        found.append(Flag("constant", f"{what} has one value in all rows: the look-up is the majority rule."))
    elif groups == n:
        text = "each row has a different value: no group occurs twice, so the look-up cannot learn anything."
        found.append(Flag("unique", f"{what}: {text}"))
    elif alone >= MANY_SINGLETONS:
        text = f"{alone:.1%} of the rows are alone in their group; for them the look-up gives the prior."
        found.append(Flag("singletons", f"{what}: {text} Its score in sample would be perfect."))
    before = corpus.groups[: corpus.groups.index(columns[0])] if len(columns) == 1 else corpus.groups
    others = {other.name: other for other in (*before, corpus.cluster, corpus.label) if other is not None}
    if len(columns) == 1:
        others.pop(names[0], None)
    same = [name for name, other in others.items() if 1 < groups < n and _same_partition(codes, other.codes)]
    if same:
        text = f"{what} groups the rows in the same way as {', '.join(same)}: together they are one finding."
        found.append(Flag("alias", text))
    for column in (column for column in columns if column.missing.size):
        rows = corpus.corpus.name_rows(column.missing.tolist())
        text = f"{column.name} has no value in {column.missing.size} of {n} rows ({rows}): they count as one group."
        found.append(Flag("missing", text + " Its score therefore also measures which rows lack the value."))
    if len(columns) == 1 and corpus.cluster is not None:
        found += _flag_mostly_constant(columns[0], units)
    return tuple(found)


def _same_partition(one: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
    """Return whether two columns of codes from 0 group the rows in the same way."""
    groups = int(one.max()) + 1
    return groups == int(other.max()) + 1 == int(join_codes([one, other]).max()) + 1


def _flag_mostly_constant(column: Column, units: NDArray[np.intp]) -> list[Flag]:
    """Return a flag if a column varies within clusters, but so little that permuting it there hardly changes it."""
    (unit, _), rows = np.unique(np.stack([units, column.codes]), axis=1, return_counts=True)
    commonest = np.zeros(int(units.max()) + 1, dtype=np.intp)
    np.maximum.at(commonest, unit, rows)
    share = commonest.sum() / len(column.codes)
    if not MOSTLY <= share < 1:
        return []
    text = (
        f"{column.name} has its cluster's commonest value in {share:.1%} of the rows: permuting it within clusters "
        "hardly changes it, so its null keeps the differences between clusters. For a stricter test, make it constant "
        "within clusters."
    )
    return [Flag("mostly_constant_in_cluster", text)]


def measure_overlap(column: Column, design: Design) -> Overlap:
    """Return how many values of a column occur on both the training and the test side of a given split."""
    train, test = (np.unique(column.codes[design.sides == side]) for side in (0, 1))
    shared = np.intersect1d(train, test)
    tested = column.codes[design.sides == 1]
    rows = int(np.isin(tested, shared).sum())
    return Overlap(column.name, len(train), len(test), len(shared), len(tested), rows)


def score_within_groups(
    design: Design, column: Column, rows: NDArray[np.bool_], text: Answers, look: Answers
) -> WithinGroups | None:
    """Return the scores of the text model and the look-up inside the groups, over the labels that occur there.

    `rows` (n,) masks rows of the design; `text` has answers for these rows, `look` for all rows. Groups with fewer than
    10 tested rows or with one label do not qualify; None if no group qualifies.
    """
    codes, n_groups = column.codes[rows], len(column.values)
    part = design.select(rows)
    counted = [_tally_by_group(part, each, codes, n_groups) for each in (text.predicted, look.predicted[:, rows])]
    gold = counted[0][..., 2]
    sizes = gold.sum(axis=1) // len(part.folds)
    good = np.flatnonzero((sizes >= SMALLEST) & ((gold > 0).sum(axis=1) > 1))
    if not good.size:
        return None
    occurs = gold[good] > 0
    by_text, by_look = ((f1(each[good]) * occurs).sum(axis=1) / occurs.sum(axis=1) for each in counted)
    text_mean, look_mean = (float(np.average(each, weights=sizes[good])) for each in (by_text, by_look))
    largest = np.lexsort((good, -sizes[good]))[:SHOWN]
    shown = tuple(
        GroupScore(column.values[good[at]], int(sizes[good[at]]), float(by_text[at]), float(by_look[at]))
        for at in largest
    )
    return WithinGroups(len(good), int(sizes[good].sum()), text_mean, look_mean, shown)


def _tally_by_group(
    part: Design, predicted: NDArray[np.integer], codes: NDArray[np.intp], n_groups: int
) -> NDArray[np.int64]:
    counts = np.zeros((n_groups, part.n_classes, 3), dtype=np.int64)
    for answers, mask in zip(predicted, part.folds >= 0, strict=True):
        counts += tally(part.labels[mask], answers[mask], part.n_classes, codes[mask], n_groups)
    return counts
