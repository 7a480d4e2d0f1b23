"""Divide rows into training and test rows: into folds that keep clusters whole, or by the user's split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.tables import join_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.features import Column, EncodedCorpus

FOLDS = 5
REPEATS = 5
REPEATS_LARGE = 2  # above LARGE rows, where other folds change a score by at most a few thousandths
LARGE = 20_000
RESAMPLING_UNITS = 10_000  # more clusters are joined at random; sums over joined clusters have the same variance
TEST = ("test", "eval")
VALIDATION = ("val", "dev")


@dataclass(frozen=True)
class Design:
    """The labels and the division into training and test rows, the same for every predictor.

    `folds` (R, n): in repeat r, row i is tested in fold `folds[r, i]` by what was learned in the other folds; rows with
    -1 are never tested. `sides` (n,): 1 for the test side of a given split, else 0. `clusters` (n,): codes; each row is
    its own cluster if the user named none. `units` (n,): the resampling unit of each tested row, else -1.
    """

    labels: NDArray[np.intp]
    n_classes: int
    folds: NDArray[np.intp]
    sides: NDArray[np.intp]
    clusters: NDArray[np.intp]
    given: bool
    description: str
    units: NDArray[np.intp]
    n_units: int
    n_tested_clusters: int

    @property
    def n_folds(self) -> int:
        """Folds that are tested in each repeat."""
        return int(self.folds.max()) + 1

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Rows that are tested: all in cross-validation, the test side of a given split."""
        mask: NDArray[np.bool_] = self.folds[0] >= 0
        return mask

    def select(self, rows: NDArray[np.bool_]) -> Design:
        """Return the design of some rows (n,), with the same folds and resampling units."""
        return replace(
            self,
            labels=self.labels[rows],
            folds=self.folds[:, rows],
            sides=self.sides[rows],
            clusters=self.clusters[rows],
            units=self.units[rows],
        )


def make_design(corpus: EncodedCorpus, seed: int) -> Design:
    """Divide the rows by the split column if there is one, else into repeated stratified folds.

    Raises:
        InputError: the split has only one side, a side has only one label, or all rows are in one cluster.
    """
    clusters = np.arange(corpus.n) if corpus.cluster is None else corpus.cluster.codes
    if corpus.split:
        sides, description = _split_sides(corpus, corpus.split)
        folds = sides[None] - 1
    else:
        sides = np.zeros(corpus.n, dtype=np.intp)
        folds, description = _cross_validation(corpus, clusters, seed)
    units, n_units, n_tested = _resampling_units(clusters, folds[0] >= 0, seed)
    labels, n_classes = corpus.label.codes, corpus.n_classes
    given = corpus.split is not None
    return Design(labels, n_classes, folds, sides, clusters, given, description, units, n_units, n_tested)


def _cross_validation(corpus: EncodedCorpus, clusters: NDArray[np.intp], seed: int) -> tuple[NDArray[np.intp], str]:
    """Return the folds (R, n) and their description in words."""
    n_clusters = int(clusters.max()) + 1
    if n_clusters < 2:
        problem = f"{corpus.corpus.source}: all {corpus.n} rows are of one cluster, and a cluster is never divided,"
        raise InputError([f"{problem} so there is nothing to train on. Leave `cluster` out, or name a split column."])
    n_folds, repeats = min(FOLDS, n_clusters), REPEATS if corpus.n <= LARGE else REPEATS_LARGE
    rng = np.random.default_rng(seed)
    folds = [stratify(corpus.label.codes, clusters, n_folds, rng) for _ in range(repeats)]
    whole = f", clusters ({corpus.cluster.name}) kept whole" if corpus.cluster else ""
    return np.stack(folds), f"{n_folds}-fold cross-validation stratified by label, {repeats} times{whole}"


def stratify(
    labels: NDArray[np.intp], clusters: NDArray[np.intp], n_folds: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return a fold (n,) for each row: no cluster in two folds, and labels spread as evenly as whole clusters allow.

    Rows that are their own clusters are distributed label by label, so that folds differ by at most one row per label.
    Clusters are placed one by one, the largest first (ties at random), each into the fold that has the fewest rows of
    the cluster's labels: argmin_f of sum_k c_k * T_fk / N_k**2, where all rows together count as one more label.
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


def _resampling_units(
    clusters: NDArray[np.intp], tested: NDArray[np.bool_], seed: int
) -> tuple[NDArray[np.intp], int, int]:
    """Return the resampling unit (n,) of each tested row, the number of units, and the number of tested clusters."""
    found, where = np.unique(clusters[tested], return_inverse=True)
    places = np.arange(len(found))
    if len(found) > RESAMPLING_UNITS:
        places = np.random.default_rng(seed).permutation(len(found)) % RESAMPLING_UNITS
    units = np.full(len(clusters), -1, dtype=np.intp)
    units[tested] = places[where]
    return units, min(len(found), RESAMPLING_UNITS), len(found)


def _split_sides(corpus: EncodedCorpus, split: Column) -> tuple[NDArray[np.intp], str]:
    """Return 1 for test rows and 0 for training rows, and the values of the split column for each.

    Values that begin with "test" or "eval" are tested; where there are none, those that begin with "val" or "dev". All
    other rows are training rows, also a validation part beside a test part, because the audit tunes nothing.
    """
    source = corpus.corpus.source
    for beginnings in (TEST, VALIDATION):
        is_test = np.array([value.strip().casefold().startswith(beginnings) for value in split.values])
        if is_test.any():
            break
    names = [[value for value, test in zip(split.values, is_test, strict=True) if test == side] for side in (0, 1)]
    if not all(names):
        held = join_few(list(map(repr, split.values)))
        problem = f"{source}: split column {split.name!r} holds {held}; there must be test rows, whose value begins "
        problem += "with 'test' (or 'eval', or else 'val' or 'dev'), and rows to train on."
        raise InputError([f"{problem} Rename the values."])
    trained, tested = (join_few(list(map(repr, side))) for side in names)
    sides = is_test[split.codes].astype(np.intp)
    for side, what in enumerate(("trained on", "tested")):
        labels = np.unique(corpus.label.codes[sides == side])
        if len(labels) == 1:
            problem = f"{source}: all rows {what} in the split {split.name!r} are labelled "
            problem += f"{corpus.label.values[labels[0]]!r}; both sides need two labels."
            raise InputError([f"{problem} Change the split."])
    return sides, f"the split given in {split.name!r}: {trained} -> {tested}"
