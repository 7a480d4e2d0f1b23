"""Baselines of the constructed sets: those of the probe, and those that see only a part of an item.

If a baseline that sees only a part does well, this part is a shortcut.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from espress.errors import UnknownNameError
from espress.paths import schema_folder
from espress.probe.baselines import Baseline, baselines
from espress.probe.baselines._estimator import Estimator
from espress.probe.baselines.lexicon import find_cues
from espress.probe.constructed.questions import SETS, question
from espress.text import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.probe.items import Row
    from espress.probe.tasks import Task

TOKENS = 5  # number of words at the start or the end of a sentence
_FACTS = ("register", "event_type", "state_accused", "state_accusing")
_NOTHING = "nothing"  # stands for an empty part, so that every row has a word
_CHECK, _STANCE = SETS["check"].questions, SETS["stance"].questions
# Baselines of the probe that both sets use.
_OF_PROBE = ("majority", "length", "lexicon", "tfidf", "characters", "vader", "embeddings")


def _see(part: Callable[[Row], list[str]]) -> Callable[[Task], Estimator]:
    """Return a function that makes a logistic regression on TF-IDF of the words that `part` takes from a row."""

    def make(_: Task) -> Estimator:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        model = make_pipeline(
            TfidfVectorizer(analyzer=_take_pairs, sublinear_tf=True),
            LogisticRegression(class_weight="balanced", max_iter=1000),
        )
        return Estimator(model, lambda rows: [part(row) or [_NOTHING] for row in rows])

    return make


def _take_pairs(found: list[str]) -> list[str]:
    """Return words and word pairs."""
    return [*found, *(f"{one} {other}" for one, other in pairwise(found))]


def _take_words(text: str | None) -> list[str]:
    return [word.casefold() for word in words(text or "")]


def _take_cues(row: Row) -> list[str]:
    return [row["text"][cue.start : cue.end].casefold() for cue in find_cues(row["text"])]


@cache
def _compile_states() -> re.Pattern[str]:
    raw = tomllib.loads((schema_folder() / "constructed.toml").read_text(encoding="utf-8"))
    names = {name for state in raw["states"].values() for name in state.values()}
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})\b")


def mask_states(text: str) -> str:
    """Return a text with every name, adjective and capital of a state replaced by one word."""
    return _compile_states().sub("STATE", text)


def _make(
    name: str, about: str, tasks: tuple[str, ...], part: Callable[[Row], list[str]], needs: tuple[str, ...] = ()
) -> Baseline:
    """Return a baseline that sees a part of a row; a baseline with `needs` reads no text."""
    return Baseline(name, about, trained=True, reads_text=not needs, make=_see(part), needs=needs, tasks=tasks)


PARTIAL = (
    _make(
        "cues",
        "Only the codebook's attributing words that occur in the sentence, with TF-IDF and logistic regression.",
        _CHECK,
        _take_cues,
    ),
    _make(
        "first-words",
        "Only the first five words (in Chinese, characters) of the sentence, with TF-IDF and logistic regression.",
        _CHECK,
        lambda row: _take_words(row["text"])[:TOKENS],
    ),
    _make(
        "last-words",
        "Only the last five words (in Chinese, characters) of the sentence, with TF-IDF and logistic regression.",
        _CHECK,
        lambda row: _take_words(row["text"])[-TOKENS:],
    ),
    _make(
        "source-words",
        "Only the words that name the source, with TF-IDF and logistic regression.",
        _CHECK,
        lambda row: _take_words(row["source_words"]),
        needs=("source_words",),
    ),
    _make(
        "facts",
        "Only register, event type and the two states of the article, with logistic regression.",
        _STANCE,
        lambda row: [f"{name}:{row[name]}" for name in _FACTS],
        needs=_FACTS,
    ),
    _make(
        "masked-tfidf",
        "TF-IDF of words and word pairs with the names of states masked, with logistic regression.",
        _STANCE,
        lambda row: _take_words(mask_states(f"{row['title']}\n{row['text']}")),
    ),
    _make(
        "title",
        "Only the headline, with TF-IDF and logistic regression.",
        _STANCE,
        lambda row: _take_words(row["title"]),
    ),
)


def set_baselines(name: str) -> tuple[Baseline, ...]:
    """Return the baselines of a set, sorted by name; raises UnknownNameError if there is no such set."""
    wanted = {*_OF_PROBE, *(("proposition",) if name == "check" else ())}
    own = [one for one in PARTIAL if all(one.fits(question(q)) for q in SETS[name].questions)]
    return tuple(sorted([*(one for one in baselines() if one.name in wanted), *own], key=lambda one: one.name))


def find_baseline(called: str, name: str) -> Baseline:
    """Return the baseline of a set by its name; raises UnknownNameError, which lists the known ones."""
    found = {one.name: one for one in set_baselines(name)}
    if called not in found:
        raise UnknownNameError(f"baseline of {name}", called, list(found))
    return found[called]
