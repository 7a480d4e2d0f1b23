"""What a group column is like, where that changes what its numbers mean; and which of its values both sides hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.shortcut_audit.permutation import joined
from espress.shortcut_audit.result import Flag, GroupScore, Overlap, WithinGroups
from espress.stats import f1, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.codes import Coded, Column
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.permutation import Units
    from espress.shortcut_audit.tallies import Answers, Frame

MANY_SINGLETONS = 0.5
MOSTLY = 0.9  # of the rows have the commonest value of their cluster
SMALLEST = 10  # tested rows that a group needs for a score of its own
SHOWN = 20


def singleton_share(codes: NDArray[np.intp]) -> float:
    """Return the share of rows whose group has no other row."""
    sizes = np.bincount(codes)
    return float((sizes[codes] == 1).mean())


def same_partition(one: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
    """Whether two columns of codes from 0 put the same rows together."""
    groups = int(one.max()) + 1
    return groups == int(other.max()) + 1 == int(joined([one, other]).max()) + 1


def flags(names: Sequence[str], codes: NDArray[np.intp], coded: Coded, others: Sequence[Column]) -> tuple[Flag, ...]:
    """Return what is odd about a column or pair: constant, unique, alias of another, values missing, singletons.

    `others` are the columns that it may repeat: those before it in the list of the user, then the label.
    """
    found, what, n = [], " × ".join(names), len(codes)
    groups, alone = int(codes.max()) + 1, singleton_share(codes)
    if groups == 1:
        found.append(Flag("constant", f"{what} has one value in all rows: the look-up is the majority rule."))
    elif groups == n:
        text = "each row has a value of its own: no group is ever seen twice, so the look-up cannot know anything."
        found.append(Flag("unique", f"{what}: {text}"))
    elif alone >= MANY_SINGLETONS:
        text = f"{alone:.1%} of the rows are the only one of their group; for them the look-up gives the prior."
        found.append(Flag("singletons", f"{what}: {text} On the rows it was counted on it would look all-knowing."))
    same = [other.name for other in others if 1 < groups < n and same_partition(codes, other.codes)]
    if same:
        listed = ", ".join(same)
        found.append(Flag("alias", f"{what} puts the same rows together as {listed}: these are one finding, not two."))
    for column in (column for column in coded.groups if column.name in names and column.missing.size):
        rows = coded.reading.name_rows(column.missing.tolist())
        text = f"{column.name} has no value in {column.missing.size} of {n} rows ({rows}): they count as one group."
        found.append(Flag("missing", text + " Its score then also measures who left the value out."))
    return tuple(found)


def mostly_constant(column: Column, found: Units) -> tuple[Flag, ...]:
    """Return a flag if a column varies within clusters, but so little that permuting it there hardly changes it."""
    (unit, _), rows = np.unique(np.stack([found.of, column.codes]), axis=1, return_counts=True)
    commonest = np.zeros(found.n, dtype=np.intp)
    np.maximum.at(commonest, unit, rows)
    share = commonest.sum() / len(column.codes)
    if not MOSTLY <= share < 1:
        return ()
    text = f"{column.name} has its cluster's commonest value in {share:.1%} of the rows: permuting it within clusters "
    text += (
        "hardly changes it, and its null keeps what tells clusters apart. Make it constant within clusters to ask more."
    )
    return (Flag("mostly_constant_in_cluster", text),)


def overlap(column: Column, design: Design) -> Overlap:
    """Return how many values of a column the training and the test side of a given split share."""
    train, test = (np.unique(column.codes[design.sides == side]) for side in (0, 1))
    shared = np.intersect1d(train, test)
    tested = column.codes[design.sides == 1]
    rows = int(np.isin(tested, shared).sum())
    return Overlap(column.name, len(train), len(test), len(shared), len(tested), rows)


def within(frame: Frame, column: Column, rows: NDArray[np.bool_], text: Answers, look: Answers) -> WithinGroups | None:
    """Return how the text model and the look-up score inside the groups, over the labels that occur there.

    `text` answers `rows` (n,) of the frame, `look` all of them. Groups with fewer than 10 tested rows or with one label
    do not qualify; None if no group does.
    """
    codes, n_groups = column.codes[rows], len(column.values)
    part = frame.only(rows)
    masks = part.design.folds >= 0
    counted = [_by_group(part, each, masks, codes, n_groups) for each in (text.predicted, look.predicted[:, rows])]
    gold = counted[0][..., 2]
    sizes = gold.sum(axis=1) // len(masks)
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


def _by_group(
    part: Frame, predicted: NDArray[np.integer], masks: NDArray[np.bool_], codes: NDArray[np.intp], n_groups: int
) -> NDArray[np.int64]:
    counts = np.zeros((n_groups, part.n_classes, 3), dtype=np.int64)
    for answers, mask in zip(predicted, masks, strict=True):
        counts += tally(part.labels[mask], answers[mask], part.n_classes, codes[mask], n_groups)
    return counts
