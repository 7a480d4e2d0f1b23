"""`espress.audit`: read and encode a corpus, cut it into folds, score the predictors, and report."""

from __future__ import annotations

from importlib.metadata import version
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from espress.errors import InputError
from espress.shortcut_audit import folds, lookup, measure, references
from espress.shortcut_audit.criteria import GAIN_THRESHOLD, P_THRESHOLD, SKILL_THRESHOLD
from espress.shortcut_audit.duplicates import find_duplicates
from espress.shortcut_audit.features import encode
from espress.shortcut_audit.groups import measure_overlap
from espress.shortcut_audit.label_shares import share_labels
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
FEWEST_PERMUTATIONS = 100  # with fewer permutations, no p can be below 0.01
# If only one statistic finds a column, its adjusted p after R permutations is usually at least 2 / (1 + R).
FOR_ONE_STATISTIC = 200
RARE = 10  # if a label has fewer tested rows, a single row changes macro-F1 by percentage points
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
    encoding: str | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Audit:
    """Measure how well group columns, alone and in pairs, predict the labels without reading the text.

    `data` is a path (CSV, JSON Lines, Parquet, Excel), a pandas or polars DataFrame, an Arrow table, a
    `datasets.Dataset` or `DatasetDict`, or a list of dicts. `text`, `label` and `groups` name its columns; `split`
    names the column that says which rows are tested (without it, repeated stratified folds are used). `cluster` names
    the column of rows that belong together, such as an article's id; clusters are never divided between folds, and are
    resampled as wholes. `model` names a column with a model's predicted labels (without it, shares of gain refer to the
    audit's own text model). `encoding` is that of a CSV or JSON Lines file that is not UTF-8. The same data and seed
    give the same result.

    Raises:
        EspressError: the data cannot be read or audited; the message names rows and columns.
    """
    names = (groups,) if isinstance(groups, str) else tuple(groups or ())
    wanted = Wanted(text, label, names, split, cluster, model)
    if problems := _find_problems(wanted, permutations, seed):
        raise InputError(problems)
    corpus = encode(read(data, wanted, encoding), wanted)
    design = folds.make_design(corpus, seed)
    measured = measure.measure(design, corpus, permutations=permutations, seed=seed)
    described = _describe_data(corpus, design)
    overlapping = {column.name: column for column in (*corpus.groups, corpus.cluster) if column and design.given}
    label_shares = share_labels(corpus, measured.shortcuts)
    return Audit(
        label_shares=label_shares,
        verdict=state_verdict(label, described, measured.floor, measured.shortcuts, label_shares),
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
    """Return the faults of the arguments."""
    problems = [
        f"{name!r} is not a column name: names are strings. Rename the column, for example with data.columns.map(str)."
        for name in wanted.columns
        if not isinstance(name, str)
    ]
    if not isinstance(permutations, Integral) or permutations < FEWEST_PERMUTATIONS:
        problem = f"{permutations!r} permutations cannot give a p below 0.01."
        problems.append(f"{problem} Give a whole number of at least {FEWEST_PERMUTATIONS}.")
    if not isinstance(seed, Integral) or seed < 0:
        problems.append(f"The seed {seed!r} cannot be used. Give a whole number from 0.")
    if not wanted.groups:
        problems.append("`groups` is empty. Name at least one column that might predict the label.")
    repeated = sorted({name for name in wanted.groups if wanted.groups.count(name) > 1})
    if repeated:
        problems.append(f"`groups` names {', '.join(map(repr, repeated))} twice. Name each column once.")
    if wanted.label in (*wanted.groups, wanted.text, wanted.split, wanted.cluster, wanted.model):
        problems.append(f"The label column {wanted.label!r} is also named for another role. It can only be the label.")
    if wanted.split and wanted.split in wanted.groups:
        problems.append(
            f"The split column {wanted.split!r} is among the groups. A column can be the split or a group, not both."
        )
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
    """Return warnings about the numbers: clusters, rare labels, a split that divides clusters, few permutations."""
    warnings = [*_cluster_warnings(corpus, design), *_label_warnings(corpus, design)]
    if permutations < PERMUTATIONS:
        few = f"{permutations} permutations: p has few possible values; the default is {PERMUTATIONS}."
        if permutations < FOR_ONE_STATISTIC:
            few += f" Below {FOR_ONE_STATISTIC}, p may be too coarse for a finding by one statistic alone."
        warnings.append(few)
    return warnings


def _cluster_warnings(corpus: EncodedCorpus, design: Design) -> list[str]:
    if corpus.cluster is None:
        alone = "No cluster was named, so rows count as independent. If rows come from the same article, "
        return [alone + "event or author, intervals are too short and p too small: name that column as `cluster`."]
    name, n_clusters, warnings = corpus.cluster.name, design.n_tested_clusters, []
    if n_clusters < measure.WARNED:
        few = "refused" if n_clusters < measure.REFUSED else "too short; read them with caution"
        warnings.append(f"Only {n_clusters} clusters ({name}) are tested: intervals are {few}.")
    shared = measure_overlap(corpus.cluster, design).shared_groups if design.given else 0
    if shared:
        warnings.append(f"{shared} clusters ({name}) are on both sides of the given split, which leaks information.")
    return warnings


def _label_warnings(corpus: EncodedCorpus, design: Design) -> list[str]:
    tested = np.bincount(design.labels[design.tested], minlength=corpus.n_classes)
    trained = np.bincount(design.labels[~design.tested], minlength=corpus.n_classes) if design.given else tested
    concerned = {
        "No tested row is labelled {}; the class scores 0 for every predictor.": tested == 0,
        "No training row is labelled {}; the class scores 0 for every predictor.": trained == 0,
        f"Fewer than {RARE} tested rows are labelled {{}}: macro-F1 gives such a class the same weight as any other, "
        "so score and interval are unstable.": (tested > 0) & (tested < RARE),
    }
    warnings = []
    for sentence, labels in concerned.items():
        names = [repr(corpus.label.values[at]) for at in np.flatnonzero(labels)]
        if names:
            warnings.append(sentence.format(join_few(names)))
    return warnings


def _parameters(design: Design, permutations: int, seed: int) -> tuple[Parameter, ...]:
    rows = (
        ("m", lookup.M, "the prior has the weight of one row: it decides only ties and unseen groups"),
        (
            "folds",
            "as given" if design.given else design.n_folds,
            "the given split, or fewer folds with fewer clusters",
        ),
        ("repeats", len(design.folds), f"above {folds.LARGE} rows, another division into folds hardly changes a score"),
        ("permutations", permutations, "the smallest p is 1 / (1 + permutations)"),
        ("resamples", measure.RESAMPLES, "of tested clusters, for percentile intervals at 95 %"),
        ("resampling units", folds.RESAMPLING_UNITS, "if there are more clusters, they are joined at random"),
        ("text rows", references.ROWS, "read by the length and text models; drawn at random if there are more"),
        (
            "shortcut",
            f"skill > {SKILL_THRESHOLD} or share of uncertainty > {GAIN_THRESHOLD}, with p < {P_THRESHOLD}",
            "lower bound of the effect, and adjusted p of the same statistic",
        ),
        (
            "share of the model's gain",
            f"> {measure.DISTINGUISHABLE}",
            "lower bound of the model's lead over the best blind rule; if it is lower, the share is undefined",
        ),
        ("seed", seed, "of folds, permutations, resamples and drawn rows"),
    )
    return tuple(Parameter(name, str(value), why) for name, value, why in rows)
