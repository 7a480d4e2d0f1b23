"""What was read, as numbers: labels, groups and clusters become codes, and rows that cannot be used are named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espress.shortcut_audit.read.corpus import Reading, Wanted

MISSING = "(missing)"
MOST_CLASSES = 1_000  # tables of counts are as wide as there are classes


@dataclass(frozen=True)
class Column:
    """A column of the user as codes (n,) from 0; `values[code]` is what stood there, in sorted order, missing last."""

    name: str
    codes: NDArray[np.intp]
    values: tuple[str, ...]
    missing: NDArray[np.intp]

    @property
    def sizes(self) -> NDArray[np.intp]:
        """Rows of each value."""
        return np.bincount(self.codes, minlength=len(self.values))


@dataclass(frozen=True)
class Coded:
    """The rows of the corpus: label codes, group columns, and what else the user named; None where nothing was named.

    `predicted` (n,) are the codes of the user's own model, -1 where it gives none of the labels.
    """

    reading: Reading
    label: Column
    groups: tuple[Column, ...]
    cluster: Column | None
    split: Column | None
    texts: Any
    model: str | None
    predicted: NDArray[np.intp] | None
    warnings: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.label.codes)

    @property
    def n_classes(self) -> int:
        """Number of labels."""
        return len(self.label.values)


def column(name: str, values: Any) -> Column:
    """Number the values of an Arrow column of strings in sorted order; nulls get a number of their own, the last."""
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(values, null_encoding="mask").combine_chunks()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names) + 1, dtype=np.intp)
    rank[order] = np.arange(len(names))
    rank[-1] = len(names)
    codes = rank[pc.fill_null(encoded.indices, len(names)).to_numpy(zero_copy_only=False)]
    missing = np.flatnonzero(codes == len(names))
    sorted_names = tuple(names[at] for at in order)
    return Column(name, codes, (*sorted_names, MISSING) if missing.size else sorted_names, missing)


def code(reading: Reading, wanted: Wanted) -> Coded:
    """Number every column that the user named.

    Raises:
        InputError: a label, split or cluster is missing, or the label is no class; every fault is listed.
    """
    table = reading.table
    label = column(wanted.label, table[wanted.label])
    groups = tuple(column(name, table[name]) for name in wanted.groups)
    cluster = column(wanted.cluster, table[wanted.cluster]) if wanted.cluster else None
    split = column(reading.split, table[reading.split]) if reading.split else None
    problems = [*_label_problems(label, reading), *_missing("split", split, reading)]
    problems += _missing("cluster", cluster, reading)
    if problems:
        raise InputError(problems)
    import pyarrow.compute as pc

    texts, predicted = pc.fill_null(table[wanted.text], ""), None
    warnings = _empty_texts(wanted.text, np.flatnonzero(table[wanted.text].is_null().to_numpy()), reading)
    if wanted.model:
        predicted, said = _predictions(column(wanted.model, table[wanted.model]), label, reading)
        warnings += said
    return Coded(reading, label, groups, cluster, split, texts, wanted.model, predicted, tuple(warnings))


def _missing(role: str, values: Column | None, reading: Reading) -> list[str]:
    if values is None or not values.missing.size:
        return []
    rows = reading.name_rows(values.missing.tolist())
    where = f"{reading.source}: {role} column {values.name!r}"
    return [f"{where} has no value in {rows}. Fill it in or leave these rows out."]


def _label_problems(label: Column, reading: Reading) -> list[str]:
    if problems := _missing("label", label, reading):
        return problems
    where, rows = f"{reading.source}: label column {label.name!r}", len(label.codes)
    if len(label.values) < 2:
        said = f"holds {label.values[0]!r} in all {rows} rows" if rows else "has no rows"
        return [f"{where} {said}; there is nothing to predict with one class. Name another label column."]
    if len(label.values) > min(rows / 2, MOST_CLASSES):
        said = f"has {len(label.values)} different values in {rows} rows (such as {label.values[0]!r}); there may be"
        most = f"{MOST_CLASSES} at most, and two rows to each on average"
        return [f"{where} {said} {most}. If it is a number, put it into classes first."]
    return []


def _empty_texts(name: str, empty: NDArray[np.intp], reading: Reading) -> list[str]:
    if not empty.size:
        return []
    rows = reading.name_rows(empty.tolist())
    return [f"Text column {name!r} is empty in {rows}: read as texts of length nought by the length and text models."]


def _predictions(answers: Column, label: Column, reading: Reading) -> tuple[NDArray[np.intp], list[str]]:
    """Return the model's answers as label codes, -1 where they are none, and say where."""
    known = {name: at for at, name in enumerate(label.values)}
    places = np.array([known.get(name, -1) for name in answers.values], dtype=np.intp)
    predicted = places[answers.codes]
    wrong = np.flatnonzero(predicted < 0)
    if not wrong.size:
        return predicted, []
    odd = sorted({answers.values[at] for at in answers.codes[wrong]})
    if wrong.size == len(predicted):
        problem = f"{reading.source}: model column {answers.name!r} holds none of the labels {list(label.values[:5])}; "
        raise InputError([problem + f"it holds {odd[:5]}. Name the column of predicted labels."])
    listed = ", ".join(repr(name) for name in odd[:5])
    rows = reading.name_rows(wrong.tolist())
    return predicted, [f"Model column {answers.name!r} gives no label ({listed}) in {rows}: counted as wrong."]
