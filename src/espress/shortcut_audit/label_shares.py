"""The distribution of labels in the groups of a column: the largest groups, those that deviate most, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from espress.shortcut_audit.features import join_codes
from espress.shortcut_audit.result import GroupLabels, LabelShares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.features import Column, EncodedCorpus
    from espress.shortcut_audit.result import Shortcut

LARGEST = 8  # groups shown because of their size
DEVIATING = 8  # further groups shown because their labels differ from those of all rows
LABELS = 5  # columns for labels; if there are more labels, the last column counts the others
OTHER_LABELS = "other labels"


def share_labels(corpus: EncodedCorpus, shortcuts: Sequence[Shortcut]) -> tuple[LabelShares, ...]:
    """Count labels by group for every column, and for each pair that is a shortcut if neither of its columns is one."""
    columns = {column.name: column for column in corpus.groups}
    alone = {each.name for each in shortcuts if len(each.columns) == 1 and each.flagged}
    sets: list[tuple[str, ...]] = [(name,) for name in columns]
    sets += [
        each.columns for each in shortcuts if each.flagged and len(each.columns) > 1 and not alone & {*each.columns}
    ]
    return tuple(count_by_group([columns[name] for name in names], corpus.label) for names in sets)


def count_by_group(columns: Sequence[Column], label: Column) -> LabelShares:
    """Count the labels in each group of a column or pair."""
    codes = join_codes([column.codes for column in columns])
    _, first_row = np.unique(codes, return_index=True)
    order = np.argsort(-np.bincount(label.codes, minlength=len(label.values)), kind="stable")
    names = [label.values[at] for at in order]
    if len(names) > LABELS:
        names = [*names[: LABELS - 1], OTHER_LABELS]
    places = np.minimum(np.argsort(order), len(names) - 1)[label.codes]
    counts = np.bincount(codes * len(names) + places, minlength=len(first_row) * len(names)).reshape(-1, len(names))
    shown = _choose_groups(counts)
    rest = np.delete(counts, shown, axis=0)
    return LabelShares(
        columns=tuple(column.name for column in columns),
        labels=tuple(names),
        groups=len(counts),
        total=_group("all rows", counts.sum(axis=0)),
        shown=tuple(
            _group(" × ".join(column.values[column.codes[first_row[at]]] for column in columns), counts[at])
            for at in shown
        ),
        n_rest=len(rest),
        rest=_group(f"{len(rest):,} other groups", rest.sum(axis=0)) if len(rest) else None,
    )


def _choose_groups(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the places of the largest groups and of the other groups that deviate most, all sorted by size.

    The deviation is n * KL(shares of the group || shares of all rows), so that a group of a few rows, whose shares are
    extreme by chance, does not displace larger groups.
    """
    sizes = counts.sum(axis=1)
    by_size = np.lexsort((np.arange(len(sizes)), -sizes))
    others = by_size[LARGEST:]
    shares, total = counts[others] / sizes[others, None], counts.sum(axis=0) / counts.sum()
    ratio = np.divide(shares, total, out=np.ones_like(shares), where=shares > 0)
    deviation = sizes[others] * (shares * np.log2(ratio)).sum(axis=1)
    deviating = others[np.argsort(-deviation, kind="stable")[:DEVIATING]]
    chosen = np.concatenate([by_size[:LARGEST], deviating])
    in_order: NDArray[np.intp] = chosen[np.lexsort((chosen, -sizes[chosen]))]
    return in_order


def _group(name: str, counts: NDArray[np.intp]) -> GroupLabels:
    return GroupLabels(name, int(counts.sum()), tuple(counts.tolist()))
