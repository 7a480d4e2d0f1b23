"""Which rows are trained on and which are tested: folds that keep clusters whole, or the split that the user gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.codes import Coded

FOLDS = 5
REPEATS = 5
REPEATS_LARGE = 2  # above LARGE rows, where another cut of the folds moves a score in the third decimal at most
LARGE = 20_000
TEST = ("test", "eval")
VALIDATION = ("val", "dev")


@dataclass(frozen=True)
class Design:
    """The cut into training and test rows, the same for every predictor.

    `folds` (R, n): in repeat r, row i is tested in fold `folds[r, i]` by what was learned in the other folds; -1 is
    never tested. `sides` (n,): 1 for the test side of a given split, else 0. `clusters` (n,): codes, each row its own
    where the user named none.
    """

    folds: NDArray[np.intp]
    sides: NDArray[np.intp]
    clusters: NDArray[np.intp]
    n_clusters: int
    given: bool
    how: str

    @property
    def n_folds(self) -> int:
        """Folds that are tested in each repeat."""
        return int(self.folds.max()) + 1

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Rows that are tested: all in cross-validation, the test side of a given split."""
        mask: NDArray[np.bool_] = self.folds[0] >= 0
        return mask


def design(coded: Coded, seed: int) -> Design:
    """Cut the rows by the split column if there is one, else into repeated stratified folds."""
    clusters = np.arange(coded.n) if coded.cluster is None else coded.cluster.codes
    n_clusters = coded.n if coded.cluster is None else len(coded.cluster.values)
    if coded.split is not None:
        sides, how = _sides(coded)
        return Design(sides[None] - 1, sides, clusters, n_clusters, given=True, how=how)
    if n_clusters < 2:
        problem = (
            f"{coded.reading.source}: all {coded.n} rows are of one cluster, and a cluster is never cut: there is "
        )
        raise InputError([problem + "nothing to train on. Leave `cluster` out, or name a split column."])
    n_folds, repeats = min(FOLDS, n_clusters), REPEATS if coded.n <= LARGE else REPEATS_LARGE
    rng = np.random.default_rng(seed)
    cut = [stratified(coded.label.codes, clusters, n_folds, rng) for _ in range(repeats)]
    whole = f", clusters ({coded.cluster.name}) kept whole" if coded.cluster else ""
    how = f"{n_folds}-fold cross-validation stratified by label, {repeats} times{whole}"
    return Design(np.stack(cut), np.zeros(coded.n, np.intp), clusters, n_clusters, given=False, how=how)


def stratified(
    labels: NDArray[np.intp], clusters: NDArray[np.intp], n_folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return a fold (n,) for each row: no cluster in two folds, and labels spread as evenly as that allows.

    Rows that are their own clusters are dealt out label by label, so that folds differ by one row of a label at most.
    Clusters are placed one by one, the largest first (ties at random), each into the fold that holds the least of what
    it brings: argmin_f of sum_k c_k * T_fk / N_k**2, all rows together counting as one more label.
    """
    counts = np.bincount(clusters)
    if counts.max() == 1:
        order = np.lexsort((rng.random(len(labels)), labels))
        folds = np.empty(len(labels), dtype=np.intp)
        folds[order] = np.arange(len(labels)) % n_folds
        return folds
    n_classes = int(labels.max()) + 1
    brings = np.bincount(clusters * n_classes + labels, minlength=len(counts) * n_classes).reshape(-1, n_classes)
    brings = np.column_stack([brings, counts]).astype(np.float64)
    prices = brings / np.maximum(brings.sum(axis=0), 1) ** 2
    held = np.zeros((n_folds, n_classes + 1))
    placed = np.empty(len(counts), dtype=np.intp)
    for cluster in np.lexsort((rng.random(len(counts)), -counts)):
        placed[cluster] = fold = (held @ prices[cluster]).argmin()
        held[fold] += brings[cluster]
    return placed[clusters]


def _sides(coded: Coded) -> tuple[NDArray[np.intp], str]:
    """Return 1 for test rows and 0 for training rows, and which values of the split column are which.

    Values that begin with "test" or "eval" are tested; where there are none, those that begin with "val" or "dev".
    Everything else is trained on, a validation part beside a test part too: nothing here is tuned on it.
    """
    split = coded.split
    if split is None:
        raise TypeError("no split column")
    for beginnings in (TEST, VALIDATION):
        is_test = np.array([value.strip().casefold().startswith(beginnings) for value in split.values])
        if is_test.any():
            break
    names = [[value for value, test in zip(split.values, is_test, strict=True) if test == side] for side in (0, 1)]
    if not all(names):
        problem = f"{coded.reading.source}: split column {split.name!r} holds {_listed(split.values)}; there must be "
        problem += "rows to test, whose value begins with 'test' (or 'eval', or else 'val' or 'dev'), "
        raise InputError([problem + "and others to train on. Rename the values."])
    trained, tested = map(_listed, names)
    for side, what in enumerate(("trained on", "tested")):
        held = np.unique(coded.label.codes[is_test[split.codes] == side])
        if len(held) == 1:
            problem = f"{coded.reading.source}: all rows {what} in the split {split.name!r} are labelled "
            raise InputError([problem + f"{coded.label.values[held[0]]!r}; both sides need two labels. Cut it anew."])
    return is_test[split.codes].astype(np.intp), f"the split given in {split.name!r}: {trained} -> {tested}"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(repr, values[:5])) + (" …" if len(values) > 5 else "")
