"""The audit from call to result: read, number, cut, measure, and say what was found."""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.shortcut_audit import folds, group_columns, group_traits, intervals, lookup, reference_models, tallies
from espress.shortcut_audit.codes import code
from espress.shortcut_audit.duplicates import find_duplicates
from espress.shortcut_audit.measure import measure
from espress.shortcut_audit.read.corpus import Wanted, read
from espress.shortcut_audit.report.verdict import verdict
from espress.shortcut_audit.result import Audit, Data, LabelCount, Parameter, Version
from espress.shortcut_audit.tallies import entropy, frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.codes import Coded
    from espress.shortcut_audit.folds import Design
    from espress.shortcut_audit.result import Overlap
    from espress.shortcut_audit.tallies import Frame

PERMUTATIONS = 1_000
FEWEST = 100  # permutations: with fewer, no p can be below 0.01
RARE = 10  # tested rows of a label, below which one row more or less moves macro-F1 by percents
LIBRARIES = ("espress", "numpy", "pyarrow", "rensa", "scikit-learn", "scipy")


def audit(  # noqa: PLR0913 - the columns of a corpus, each named
    data: object,
    *,
    text: str,
    label: str,
    groups: Sequence[str],
    split: str | None = None,
    cluster: str | None = None,
    model: str | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Audit:
    """Find out how well labels are predicted without reading: from each group column, and from each pair of them.

    `data` is a path (CSV, JSON Lines, Parquet, Excel), a pandas or polars DataFrame, an Arrow table, a
    `datasets.Dataset` or `DatasetDict`, or a list of dicts. `text`, `label` and `groups` name its columns; `split` the
    one that says which rows are tested (else: repeated stratified folds), `cluster` the one whose values belong
    together, such as an article's id (never cut, resampled whole), and `model` one that holds a model's predicted
    labels (else the audit's own text model is what shares of gain refer to). The same data and seed give the same
    result.

    Raises:
        EspressError: data that cannot be read or audited; the message names rows and columns.
    """
    named = (groups,) if isinstance(groups, str) else tuple(groups or ())
    wanted = Wanted(text, label, named, split, cluster, model)
    _refuse(wanted, permutations, seed)
    return _audited(code(read(data, wanted), wanted), permutations, seed)


def _audited(coded: Coded, permutations: int, seed: int) -> Audit:
    cut = folds.design(coded, seed)
    rows = frame(coded.label.codes, coded.n_classes, cut, seed)
    measured = measure(rows, coded, permutations=permutations, seed=seed)
    repeated = find_duplicates(coded, cut)
    described = _data(coded, cut, rows)
    return Audit(
        verdict=verdict(coded.label.name, described, measured.floor, measured.shortcuts),
        warnings=(*coded.warnings, *_warnings(coded, cut, rows, permutations), *measured.warnings),
        data=described,
        floor=measured.floor,
        shortcuts=measured.shortcuts,
        references=measured.references,
        model=measured.model,
        duplicates=repeated,
        overlaps=_overlaps(coded, cut),
        parameters=_parameters(cut, permutations, seed),
        versions=_versions(),
    )


def _refuse(wanted: Wanted, permutations: int, seed: int) -> None:
    """Refuse a call whose columns contradict each other, or whose numbers are none."""
    problems = _unusable(wanted, permutations, seed)
    if not wanted.groups:
        problems.append("`groups` is empty. Name at least one column that might give the label away.")
    repeated = sorted({name for name in wanted.groups if wanted.groups.count(name) > 1})
    if repeated:
        problems.append(f"`groups` names {', '.join(map(repr, repeated))} twice. Name each column once.")
    if wanted.label in (*wanted.groups, wanted.text, wanted.split, wanted.cluster, wanted.model):
        problems.append(f"The label column {wanted.label!r} has a second role. It can only be the label.")
    if wanted.split and wanted.split in wanted.groups:
        problems.append(f"The split column {wanted.split!r} is among the groups. It can only be one of these.")
    if problems:
        raise InputError(problems)


def _unusable(wanted: Wanted, permutations: int, seed: int) -> list[str]:
    """Return what is wrong with each argument by itself."""
    problems = [
        f"{name!r} is no column name: names are strings. Rename the column, as in data.columns.map(str)."
        for name in wanted.columns
        if not isinstance(name, str)
    ]
    if not isinstance(permutations, Integral) or permutations < FEWEST:
        said = f"{permutations!r} permutations cannot give a p below 0.01."
        problems.append(f"{said} Ask for {FEWEST} at least, as a whole number.")
    if not isinstance(seed, Integral) or seed < 0:
        problems.append(f"The seed {seed!r} cannot start the draws. Give a whole number from 0.")
    return problems


def _data(coded: Coded, cut: Design, rows: Frame) -> Data:
    tested = coded.label.codes[cut.tested]
    counts = zip(coded.label.sizes.tolist(), np.bincount(tested, minlength=coded.n_classes).tolist(), strict=True)
    labels = tuple(LabelCount(name, n, some) for name, (n, some) in zip(coded.label.values, counts, strict=True))
    own = "none given: each row is taken for a cluster of its own"
    cluster = coded.cluster.name if coded.cluster else own
    trained = coded.n - int(cut.tested.sum()) if cut.given else coded.n
    return Data(
        source=coded.reading.source,
        n=coded.n,
        tested=len(tested),
        trained=trained,
        labels=labels,
        design=cut.how,
        cluster=cluster,
        clusters=rows.n_clusters,
        entropy=entropy(tested),
        given=cut.given,
    )


def _overlaps(coded: Coded, cut: Design) -> tuple[Overlap, ...]:
    if not cut.given:
        return ()
    columns = [*coded.groups, *([coded.cluster] if coded.cluster else [])]
    return tuple(group_traits.overlap(column, cut) for column in {column.name: column for column in columns}.values())


def _warnings(coded: Coded, cut: Design, rows: Frame, permutations: int) -> list[str]:
    """Return what limits the numbers: clusters, rare labels, a cut through clusters, few permutations."""
    found = [*_cluster_warnings(coded, cut, rows.n_clusters), *_label_warnings(coded, cut)]
    if permutations < PERMUTATIONS:
        found.append(f"{permutations} permutations: p is coarse; {PERMUTATIONS} are the audit's own number.")
    return found


def _cluster_warnings(coded: Coded, cut: Design, tested: int) -> list[str]:
    if coded.cluster is None:
        said = "No cluster was named, so each row counts as drawn on its own. If rows come from the same article, "
        return [said + "event or author, intervals are too short and p too small: name that column as `cluster`."]
    found = []
    if tested < intervals.WARNED:
        few = "refused" if tested < intervals.REFUSED else "too short, and to be read with caution"
        found.append(f"Only {tested} clusters ({coded.cluster.name}) are tested: intervals are {few}.")
    shared = group_traits.overlap(coded.cluster, cut).shared_groups if cut.given else 0
    if shared:
        found.append(f"{shared} clusters ({coded.cluster.name}) stand on both sides of the given split, which leaks.")
    return found


def _label_warnings(coded: Coded, cut: Design) -> list[str]:
    names, found = coded.label.values, []
    counts = np.bincount(coded.label.codes[cut.tested], minlength=coded.n_classes)
    trained = np.bincount(coded.label.codes[~cut.tested], minlength=coded.n_classes) if cut.given else counts
    sets = {
        "No row tested is labelled {}; the class scores 0 for every predictor.": counts == 0,
        "No row trained on is labelled {}; the class scores 0 for every predictor.": trained == 0,
        f"Fewer than {RARE} tested rows are labelled {{}}: macro-F1 weighs such a class like any other, so score and "
        "interval are unsteady.": (counts > 0) & (counts < RARE),
    }
    for said, rare in sets.items():
        listed = [repr(names[at]) for at in np.flatnonzero(rare)]
        if listed:
            found.append(said.format(", ".join(listed[:5]) + (" …" if len(listed) > 5 else "")))
    return found


def _parameters(cut: Design, permutations: int, seed: int) -> tuple[Parameter, ...]:
    rows = [
        ("m", lookup.M, "the prior weighs as one row: it settles ties and unseen groups, and nothing else"),
        ("folds", "as given" if cut.given else cut.n_folds, "the given split, or fewer folds with fewer clusters"),
        ("repeats", len(cut.folds), f"above {folds.LARGE} rows, another cut hardly moves a score"),
        ("permutations", permutations, "the smallest p is 1 / (1 + permutations)"),
        ("resamples", intervals.RESAMPLES, "of tested clusters, for percentile intervals at 95 %"),
        ("blocks", tallies.BLOCKS, "more clusters than this are put together at random before they are resampled"),
        ("text rows", reference_models.ROWS, "read by length and text models, drawn at random where there are more"),
        (
            "shortcut",
            f"skill > {group_columns.SKILFUL}, p < {group_columns.SURE}",
            "lower bound of the skill, adjusted p",
        ),
        ("share of gain", f"> {intervals.DISTINGUISHABLE}", "lower bound of S_m - S_0 below which it is undefined"),
        ("seed", seed, "of folds, permutations, resamples and drawn rows"),
    ]
    return tuple(Parameter(name, str(value), why) for name, value, why in rows)


def _versions() -> tuple[Version, ...]:
    from importlib.metadata import version

    return tuple(Version(library, version(library)) for library in LIBRARIES)
