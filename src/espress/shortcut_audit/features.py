"""The corpus as numbers: labels, groups and clusters as codes, and the words and lengths of texts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.errors import InputError
from espress.tables import join_few
from espress.text import TOKEN, fold_for_comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.read.corpus import Corpus, Wanted

MISSING = "(missing)"
MOST_CLASSES = 1_000  # tables of counts have a column for each class
LENGTH_BINS = 10
SETS_NAMED = 5  # number of sets of look-alike values that a message lists
_BATCH = 1 << 14  # number of texts in memory at the same time


@dataclass(frozen=True)
class Column:
    """A column as codes (n,) from 0; `values[code]` is the value, in sorted order, with the missing value last.

    `missing` lists the rows without a value.
    """

    name: str
    codes: NDArray[np.intp]
    values: tuple[str, ...]
    missing: NDArray[np.intp]


@dataclass(frozen=True)
class EncodedCorpus:
    """The columns of the corpus as codes; None if the user named no such column.

    `texts` is an Arrow column of strings. `predicted` (n,) holds the label codes that the column `model` predicts; -1
    if its value is not a label.
    """

    corpus: Corpus
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


def encode_column(name: str, values: Any) -> Column:
    """Number the values of an Arrow column of strings in sorted order; nulls get the last number."""
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


def encode(corpus: Corpus, wanted: Wanted) -> EncodedCorpus:
    """Number the values of every column that the user named.

    Raises:
        InputError: a label, split or cluster is missing, or the label has no classes; every fault is listed.
    """
    import pyarrow.compute as pc

    table = corpus.table
    label = encode_column(wanted.label, table[wanted.label])
    groups = tuple(encode_column(name, table[name]) for name in wanted.groups)
    cluster, split = (encode_column(name, table[name]) if name else None for name in (wanted.cluster, corpus.split))
    problems = _missing_problems("label", label, corpus) or _class_problems(label, corpus)
    problems += [
        f"{corpus.source}: {pair}. Correct them if they are one label; else give them names that differ visibly."
        for pair in find_look_alikes("label", label, corpus)
    ]
    problems += [*_missing_problems("split", split, corpus), *_missing_problems("cluster", cluster, corpus)]
    if problems:
        raise InputError(problems)
    warnings, predicted = _look_alike_warnings(label, groups, cluster, split, corpus), None
    empty = np.flatnonzero(table[wanted.text].is_null().to_numpy()).tolist()
    if empty:
        rows = corpus.name_rows(empty)
        warnings.append(
            f"Text column {wanted.text!r} is empty in {rows}: the length and text models find no words there."
        )
    if wanted.model:
        predicted, warning = _encode_predictions(encode_column(wanted.model, table[wanted.model]), label, corpus)
        warnings += warning
    texts = pc.fill_null(table[wanted.text], "")
    return EncodedCorpus(corpus, label, groups, cluster, split, texts, wanted.model, predicted, tuple(warnings))


def _missing_problems(role: str, column: Column | None, corpus: Corpus) -> list[str]:
    if column is None or not column.missing.size:
        return []
    rows = corpus.name_rows(column.missing.tolist())
    where = f"{corpus.source}: {role} column {column.name!r}"
    return [f"{where} has no value in {rows}. Fill it in or leave these rows out."]


def _class_problems(label: Column, corpus: Corpus) -> list[str]:
    where, values, rows = f"{corpus.source}: label column {label.name!r}", label.values, len(label.codes)
    if len(values) < 2:
        problem = f"{where} holds {values[0]!r} in all {rows} rows; there is nothing to predict with one class."
        return [f"{problem} Name another label column."]
    if len(values) > min(rows / 2, MOST_CLASSES):
        problem = f"{where} has {len(values)} different values in {rows} rows (such as {values[0]!r}); an audit needs"
        most = f"at most {MOST_CLASSES} classes, with two rows each on average"
        return [f"{problem} {most}. If the label is a number, put it into classes first."]
    return []


def _look_alike_warnings(
    label: Column, groups: Sequence[Column], cluster: Column | None, split: Column | None, corpus: Corpus
) -> list[str]:
    """Return warnings about labels that differ in case or width, and values of other columns that look alike."""
    found = find_look_alikes("label", label, corpus, fold_for_comparison)
    named = [*(("group", column) for column in groups), ("cluster", cluster), ("split", split)]
    for role, column in named:
        if column is not None:
            found += find_look_alikes(role, column, corpus)
    return [f"{pair}. They count as different values." for pair in dict.fromkeys(found)]


def find_look_alikes(role: str, column: Column, corpus: Corpus, alike: Callable[[str], str] | None = None) -> list[str]:
    """Return a sentence, without its stop, for each set of values that look alike.

    Values look alike if they differ only in blanks, characters that are not shown, or the Unicode form of letters; or,
    with `alike`, if this function returns the same text for them.
    """
    sets: dict[str, list[int]] = {}
    for code, value in enumerate(column.values):
        shown = _as_seen(value)
        sets.setdefault(alike(shown) if alike else shown, []).append(code)
    found = []
    for codes in (codes for codes in sets.values() if len(codes) > 1):
        names = [column.values[code] for code in codes]
        write = repr if len({_as_seen(repr(name)) for name in names}) == len(names) else ascii
        listed = [
            f"{write(name)} ({corpus.name_rows(np.flatnonzero(column.codes == code).tolist())})"
            for name, code in zip(names, codes, strict=True)
        ]
        found.append(f"{role} column {column.name!r} holds values that look alike: {join_few(listed)}")
    if len(found) > SETS_NAMED:
        more = f"{role} column {column.name!r} holds {len(found) - SETS_NAMED:,} more sets of values that look alike"
        return [*found[:SETS_NAMED], more]
    return found


def _as_seen(value: str) -> str:
    """Return a value as it looks: one blank for every run of white space, no invisible characters, NFC."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split())
    visible = "".join(character for character in value if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()))


def _encode_predictions(answers: Column, label: Column, corpus: Corpus) -> tuple[NDArray[np.intp], list[str]]:
    """Return the model's answers as label codes (-1 if not a label), and a warning that names these rows."""
    places = {name: at for at, name in enumerate(label.values)}
    predicted = np.array([places.get(name, -1) for name in answers.values], dtype=np.intp)[answers.codes]
    wrong = np.flatnonzero(predicted < 0)
    if not wrong.size:
        return predicted, []
    odd = sorted({answers.values[at] for at in answers.codes[wrong]})
    seen = {_as_seen(name): name for name in label.values}
    alike = [value for value in odd if _as_seen(value) in seen]
    if alike:
        pairs = join_few([f"{value!a} looks like the label {seen[_as_seen(value)]!a}" for value in alike])
        raise InputError([f"{corpus.source}: model column {answers.name!r}: {pairs}. Correct the predictions."])
    if wrong.size == len(predicted):
        problem = f"{corpus.source}: model column {answers.name!r} holds none of the labels {list(label.values[:5])}; "
        raise InputError([problem + f"it holds {odd[:5]}. Name the column of predicted labels."])
    rows, listed = corpus.name_rows(wrong.tolist()), join_few(list(map(repr, odd)))
    return predicted, [
        f"Model column {answers.name!r} holds values that are not labels ({listed}) in {rows}; they count as wrong."
    ]


def iterate_texts(texts: Any) -> Iterator[str]:
    """Yield the texts of an Arrow column one by one, with one batch in memory at a time."""
    for start in range(0, len(texts), _BATCH):
        yield from texts.slice(start, _BATCH).to_pylist()


def count_characters(texts: Any) -> NDArray[np.intp]:
    """Return the number of code points of each text."""
    import pyarrow.compute as pc

    lengths: NDArray[np.intp] = pc.utf8_length(texts).to_numpy().astype(np.intp)
    return lengths


def count_words(texts: Any) -> NDArray[np.intp]:
    """Return the number of words of each text."""
    return np.array([len(TOKEN.findall(text)) for text in iterate_texts(texts)], dtype=np.intp)


def bin_lengths(lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the decile of each length as codes from 0; equal lengths are in the same decile."""
    edges = np.unique(np.quantile(lengths, np.arange(1, LENGTH_BINS) / LENGTH_BINS))
    return np.unique(np.searchsorted(edges, lengths, side="right"), return_inverse=True)[1]


def join_codes(parts: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return codes from 0 for the combinations of one or two columns that occur."""
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    combined: NDArray[np.intp] = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)[1]
    return combined
