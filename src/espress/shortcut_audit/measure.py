"""All predictors on the same rows, folds and draws: the floor, the look-ups, and what they are set beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.shortcut_audit import intervals
from espress.shortcut_audit import reference_models as references
from espress.shortcut_audit.group_columns import Compared, looked_up, nulls, shortcut
from espress.shortcut_audit.result import Floor, Reference
from espress.shortcut_audit.tallies import drawing, entropy, majority, scores, tallies
from espress.stats import accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from espress.shortcut_audit.codes import Coded
    from espress.shortcut_audit.group_columns import Looked
    from espress.shortcut_audit.intervals import Scored
    from espress.shortcut_audit.result import Scores, Shortcut
    from espress.shortcut_audit.tallies import Answers, Frame

TEXT = "text"
HOW = {
    "characters": "look-up of the tenth that the number of characters is in",
    "words": "look-up of the tenth that the number of words is in",
    TEXT: "TF-IDF of words and logistic regression",
}


@dataclass(frozen=True)
class Measured:
    """What was measured, ready for the result; `model` names the reference that shares of gain refer to."""

    floor: Floor
    shortcuts: tuple[Shortcut, ...]
    references: tuple[Reference, ...]
    model: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Reader:
    """A predictor to compare with: its tallies, and whether it answers only the rows that the text model reads."""

    name: str
    how: str
    scores: Scores
    tallies: NDArray[Any]
    part: bool


def measure(rows: Frame, coded: Coded, *, permutations: int, seed: int) -> Measured:
    """Score every predictor, permute the columns, and resample all predictors together."""
    read = references.sample(rows, seed)
    part, texts = rows.only(read), coded.texts.filter(read)
    text = references.text_model(part, texts)
    readers = [*_readers(part, texts, text), *_users(rows, coded)]
    looked = looked_up(rows, coded, read, text)
    chances = nulls(rows, looked, permutations, seed)
    resampled = _resampled(rows, part, looked, readers, seed)
    compared = [resampled.compared(at, part=readers[-1].part) for at in range(len(looked))]
    found = [shortcut(rows, coded, *each) for each in zip(looked, chances, compared, strict=True)]
    warnings = () if read.all() else (_said(read),)
    return Measured(_floor(rows, resampled), tuple(found), resampled.references(readers), readers[-1].name, warnings)


@dataclass(frozen=True)
class _Resampled:
    """Every predictor as it stands and on the same draws: on all tested rows, and on those that the text model reads.

    `rules` are majority and drawing on all rows, then on those read; the last of `readers` is the named model.
    """

    rules: list[Scored]
    whole: list[Scored]
    part: list[Scored]
    readers: list[Scored]

    def floor(self, *, part: bool) -> Scored:
        """Return S_0, the better rule."""
        return intervals.better(*self.rules[2 * part : 2 * part + 2])

    def compared(self, at: int, *, part: bool) -> Compared:
        """Return one look-up beside S_0 on all rows, and beside S_0 and the named model on the rows of the model."""
        same = self.part[at] if part else self.whole[at]
        return Compared(self.whole[at], self.floor(part=False), same, self.floor(part=part), self.readers[-1])

    def references(self, readers: Sequence[_Reader]) -> tuple[Reference, ...]:
        """Return the predictors to compare with, each beside S_0 on its own rows."""
        return tuple(
            Reference(
                each.name,
                each.how,
                each.scores,
                intervals.of_score(score),
                intervals.above(score, self.floor(part=each.part)),
            )
            for each, score in zip(readers, self.readers, strict=True)
        )


def _resampled(rows: Frame, part: Frame, looked: Sequence[Looked], readers: Sequence[_Reader], seed: int) -> _Resampled:
    rules = [rule for each in (rows, part) for rule in (tallies(each, majority(each)), drawing(each))]
    systems = [
        rules,
        [each.whole for each in looked],
        [each.part for each in looked],
        [each.tallies for each in readers],
    ]
    every = iter(intervals.scored([system for some in systems for system in some], rows.n_clusters, seed))
    return _Resampled(*([next(every) for _ in some] for some in systems))


def _floor(rows: Frame, resampled: _Resampled) -> Floor:
    always, drawn = resampled.rules[:2]
    name = "majority" if always.value >= drawn.value else "drawing from the prior"
    right = float(accuracy(tallies(rows, majority(rows)).sum(axis=0)))
    return Floor(max(always.value, drawn.value), name, always.value, drawn.value, right)


def _said(read: NDArray[np.bool_]) -> str:
    return (
        f"The length and text models read {read.sum():,} of {len(read):,} rows, drawn at random; shares of gain "
        "of the text model compare look-ups on the same rows."
    )


def _readers(part: Frame, texts: Any, text: Answers) -> list[_Reader]:
    answers = {
        "characters": references.length_model(part, references.characters(texts)),
        "words": references.length_model(part, references.words(texts)),
        TEXT: text,
    }
    tested = part.design.tested
    bits = entropy(part.labels[tested])
    found = []
    for name, each in answers.items():
        counted = tallies(part, each.predicted)
        saved = None if each.bits is None else float(each.bits[tested].mean())
        found.append(_Reader(name, HOW[name], scores(counted, len(each.predicted), saved, bits), counted, part=True))
    return found


def _users(rows: Frame, coded: Coded) -> list[_Reader]:
    """Return the user's own model, if one was named, on all tested rows."""
    if coded.predicted is None or coded.model is None:
        return []
    answers = np.broadcast_to(coded.predicted, rows.design.folds.shape)
    counted = tallies(rows, answers)
    how = f"predictions in column {coded.model!r}"
    return [_Reader(coded.model, how, scores(counted, len(answers)), counted, part=False)]
