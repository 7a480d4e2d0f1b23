"""`espress.audit`: read, encode, cut, measure, and say what was found."""

from __future__ import annotations

from importlib.metadata import version
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.shortcut_audit import folds, lookup, measure, references
from espress.shortcut_audit.criteria import P_THRESHOLD, SKILL_THRESHOLD
from espress.shortcut_audit.duplicates import find_duplicates
from espress.shortcut_audit.features import encode
from espress.shortcut_audit.groups import measure_overlap
from espress.shortcut_audit.read.corpus import Wanted, read
from espress.shortcut_audit.report.escape import clean
from espress.shortcut_audit.report.verdict import state_verdict
from espress.shortcut_audit.result import Audit, Data, LabelCount, Parameter, Version
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.shortcut_audit.features import EncodedCorpus
    from espress.shortcut_audit.folds import Design

PERMUTATIONS = 1_000
FEWEST_PERMUTATIONS = 100  # with fewer, no p can be below 0.01
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
    """Measure how well labels are predicted without reading: from each group column, and from each pair of them.

    `data` is a path (CSV, JSON Lines, Parquet, Excel), a pandas or polars DataFrame, an Arrow table, a
    `datasets.Dataset` or `DatasetDict`, or a list of dicts. `text`, `label` and `groups` name its columns; `split` the
    one that says which rows are tested (else: repeated stratified folds), `cluster` the one whose values belong
    together, such as an article's id (never cut, resampled whole), and `model` one that holds a model's predicted
    labels (else shares of gain refer to the audit's own text model). The same data and seed give the same result.

    Raises:
        EspressError: data that cannot be read or audited; the message names rows and columns.
    """
    names = (groups,) if isinstance(groups, str) else tuple(groups or ())
    wanted = Wanted(text, label, names, split, cluster, model)
    if problems := _find_problems(wanted, permutations, seed):
        raise InputError(problems)
    corpus = encode(read(data, wanted), wanted)
    design = folds.make_design(corpus, seed)
    measured = measure.measure(design, corpus, permutations=permutations, seed=seed)
    described = _describe_data(corpus, design)
    overlapping = {column.name: column for column in (*corpus.groups, corpus.cluster) if column and design.given}
    return Audit(
        verdict=state_verdict(label, described, measured.floor, measured.shortcuts),
        warnings=tuple(map(clean, (*corpus.warnings, *_warnings(corpus, design, permutations), *measured.warnings))),
        data=described,
        floor=measured.floor,
        shortcuts=measured.shortcuts,
        references=measured.references,
        model=measured.model,
        duplicates=find_duplicates(corpus, design),
        overlaps=tuple(measure_overlap(column, design) for column in overlapping.values()),
        parameters=_parameters(design, permutations, seed),
        versions=tuple(Version(library, version(library)) for library in LIBRARIES),
    )


def _find_problems(wanted: Wanted, permutations: int, seed: int) -> list[str]:
    """Return what is wrong with the arguments, each by itself and together."""
    problems = [
        f"{name!r} is no column name: names are strings. Rename the column, as in data.columns.map(str)."
        for name in wanted.columns
        if not isinstance(name, str)
    ]
    if not isinstance(permutations, Integral) or permutations < FEWEST_PERMUTATIONS:
        problem = f"{permutations!r} permutations cannot give a p below 0.01."
        problems.append(f"{problem} Ask for {FEWEST_PERMUTATIONS} at least, as a whole number.")
    if not isinstance(seed, Integral) or seed < 0:
        problems.append(f"The seed {seed!r} cannot start the draws. Give a whole number from 0.")
    if not wanted.groups:
        problems.append("`groups` is empty. Name at least one column that might give the label away.")
    repeated = sorted({name for name in wanted.groups if wanted.groups.count(name) > 1})
    if repeated:
        problems.append(f"`groups` names {', '.join(map(repr, repeated))} twice. Name each column once.")
    if wanted.label in (*wanted.groups, wanted.text, wanted.split, wanted.cluster, wanted.model):
        problems.append(f"The label column {wanted.label!r} has a second role. It can only be the label.")
    if wanted.split and wanted.split in wanted.groups:
        problems.append(f"The split column {wanted.split!r} is among the groups. It can only be one of these.")
    return problems


def _describe_data(corpus: EncodedCorpus, design: Design) -> Data:
    n_tested = int(design.tested.sum())
    rows, tested = (
        np.bincount(codes, minlength=corpus.n_classes).tolist()
        for codes in (design.labels, design.labels[design.tested])
    )
    return Data(
        source=corpus.corpus.source,
        n=corpus.n,
        tested=n_tested,
        trained=corpus.n - n_tested if design.given else corpus.n,
        labels=tuple(map(LabelCount, corpus.label.values, rows, tested)),
        design=design.description,
        cluster=corpus.cluster.name if corpus.cluster else "none given: each row is its own cluster",
        clusters=design.n_tested_clusters,
        entropy=lookup.entropy(design.labels[design.tested]),
        given=design.given,
    )


def _warnings(corpus: EncodedCorpus, design: Design, permutations: int) -> list[str]:
    """Return what limits the numbers: clusters, rare labels, a split that cuts clusters, few permutations."""
    warnings = [*_cluster_warnings(corpus, design), *_label_warnings(corpus, design)]
    if permutations < PERMUTATIONS:
        warnings.append(f"{permutations} permutations: p is coarse; the default is {PERMUTATIONS}.")
    return warnings


def _cluster_warnings(corpus: EncodedCorpus, design: Design) -> list[str]:
    if corpus.cluster is None:
        alone = "No cluster was named, so each row counts as drawn on its own. If rows come from the same article, "
        return [alone + "event or author, intervals are too short and p too small: name that column as `cluster`."]
    name, n_clusters, warnings = corpus.cluster.name, design.n_tested_clusters, []
    if n_clusters < measure.WARNED:
        few = "refused" if n_clusters < measure.REFUSED else "too short, and to be read with caution"
        warnings.append(f"Only {n_clusters} clusters ({name}) are tested: intervals are {few}.")
    shared = measure_overlap(corpus.cluster, design).shared_groups if design.given else 0
    if shared:
        warnings.append(f"{shared} clusters ({name}) are on both sides of the given split, which leaks.")
    return warnings


def _label_warnings(corpus: EncodedCorpus, design: Design) -> list[str]:
    tested = np.bincount(design.labels[design.tested], minlength=corpus.n_classes)
    trained = np.bincount(design.labels[~design.tested], minlength=corpus.n_classes) if design.given else tested
    concerned = {
        "No row tested is labelled {}; the class scores 0 for every predictor.": tested == 0,
        "No row trained on is labelled {}; the class scores 0 for every predictor.": trained == 0,
        f"Fewer than {RARE} tested rows are labelled {{}}: macro-F1 weighs such a class like any other, so score and "
        "interval are unsteady.": (tested > 0) & (tested < RARE),
    }
    warnings = []
    for sentence, labels in concerned.items():
        names = [repr(corpus.label.values[at]) for at in np.flatnonzero(labels)]
        if names:
            warnings.append(sentence.format(join_few(names)))
    return warnings


def _parameters(design: Design, permutations: int, seed: int) -> tuple[Parameter, ...]:
    rows = (
        ("m", lookup.M, "the prior weighs as one row: it decides ties and unseen groups only"),
        (
            "folds",
            "as given" if design.given else design.n_folds,
            "the given split, or fewer folds with fewer clusters",
        ),
        ("repeats", len(design.folds), f"above {folds.LARGE} rows, another cut hardly moves a score"),
        ("permutations", permutations, "the smallest p is 1 / (1 + permutations)"),
        ("resamples", measure.RESAMPLES, "of tested clusters, for percentile intervals at 95 %"),
        ("resampling units", folds.RESAMPLING_UNITS, "if there are more clusters, they are joined at random"),
        ("text rows", references.ROWS, "read by length and text models, drawn at random where there are more"),
        ("shortcut", f"skill > {SKILL_THRESHOLD}, p < {P_THRESHOLD}", "lower bound of the skill, adjusted p"),
        ("share of gain", f"> {measure.DISTINGUISHABLE}", "lower bound of S_m - S_0 below which it is undefined"),
        ("seed", seed, "of folds, permutations, resamples and drawn rows"),
    )
    return tuple(Parameter(name, str(value), why) for name, value, why in rows)
