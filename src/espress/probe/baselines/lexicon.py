"""The codebook as patterns: its list of attributing words, and those of its rules that can be said as patterns.

The cues are read from `schema/labels.toml`; the other patterns stand, each with the rule that it comes from, in
`lexicon.toml`. Nothing is learned; yet the codebook was settled on these articles, so the score is not blind to them.
Where no model does better than this, the task is string matching.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from espress.paths import schema_folder
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from espress.probe.tasks import Task

NAME = "lexicon"
TRAINED = False
READS_TEXT = True

Row = dict[str, Any]
_SCARE_QUOTES = re.compile(r"[“\"‘]\w+(?: \w+){0,2}[”\"’]")  # "scare quotes round the content": a word to three
_QUOTED = re.compile('[“”"]')
_CLOSING = (",", "”", '"')  # what stands before a trailing clause of attribution
_NEAR = 60  # characters around a cue in which its source is looked for, and in which a trailing clause ends


class Cue(NamedTuple):
    """An attributing word of the unit: its class in the codebook and where it stands."""

    strength: str
    start: int
    end: int


def _words(patterns: Iterable[str], *, case: bool = False) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", 0 if case else re.IGNORECASE)


@cache
def _rule(name: str) -> re.Pattern[str]:
    rules = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))
    return _words(rules[name], case=name == "name")


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    classes = schema().codebook["cue_strength"]["classes"]
    return {strength: _words(map(re.escape, _listed(rules))) for strength, rules in classes.items()}


def _listed(rules: dict[str, Any]) -> list[str]:
    """Return the words of a class of `cue_strength`: those that it includes, and that of its worked example.

    "scare quotes …" describes a cue and is none. The longest come first, so that "spoke of" is found before "spoke".
    """
    words = [*rules["includes"], *re.findall(r"'([^']+)'", rules["answer"])]
    return sorted({word for word in words if not word.startswith("scare quotes")}, key=lambda word: (-len(word), word))


@cache
def _propositions() -> dict[str, str]:
    registry = tomllib.loads((schema_folder() / "registries" / "propositions.toml").read_text(encoding="utf-8"))
    return {entry["statement"]: name for name, entry in registry.items()}


def _says(name: str, *texts: str | None) -> bool:
    return any(_rule(name).search(text) for text in texts if text)


def cues(text: str) -> list[Cue]:
    """Return the cues of a unit in the order of the text; scare quotes are one only where no word is."""
    found = [Cue(strength, *match.span()) for strength, rule in _cues().items() for match in rule.finditer(text)]
    if not found:
        found = [Cue("distancing", *match.span()) for match in _SCARE_QUOTES.finditer(text)]
    return sorted(found, key=lambda cue: cue.start)


def governing(row: Row) -> Cue | None:
    """Return the cue that governs the entry; None where the unit has none.

    For its n-th source that is the n-th cue. For the first source it is the last cue of a clause that ends the unit
    after a comma or a quotation mark ("a trailing 'X said' governs the sentence"), else the first cue.
    """
    text, number = row["text"], int(row.get("entry") or 1)
    found = cues(text)
    if not found:
        return None
    if number > 1:
        return found[min(number, len(found)) - 1]
    clause = max(text.rfind(mark) for mark in _CLOSING)
    trailing = [cue for cue in found if len(text) - _NEAR - 1 <= cue.end and 0 <= clause < cue.start]
    return trailing[-1] if trailing else found[0]


def relevance(row: Row) -> str:
    """Answer by words for covert acts and for measures, and by words for who acts against whom."""
    text, before = row["text"], row.get("context")
    wanted = _propositions().get(row["proposition"])
    if wanted == "countermeasures_warranted":
        return "yes" if _says("measures", text) and _says("covert", text, before) else "no"
    against = _says("against_china", text) or (_says("against_china", before) and not _says("china", text))
    told = _says("covert", text) and _says("china", text, before)
    return "yes" if told and against == (wanted == "covert_activity_against_cn") else "no"


def position(row: Row) -> str:
    """Answer not_support to words of denial and doubt, and to a measure that the article says was taken."""
    text, wanted = row["text"], _propositions().get(row["proposition"])
    if _says("deny", text) or _says("question", text):
        return "not_support"
    mentioned = wanted == "countermeasures_warranted" and not row.get("source") and not cues(text)
    return "not_support" if mentioned and _says("taken", text) and not _says("argued", text) else "support"


def attribution(row: Row) -> str:
    """Answer by the words around the governing cue; without a cue or a quotation the outlet speaks itself."""
    cue = governing(row)
    if cue is None:
        return _class_of(row.get("context") or "") if _QUOTED.search(row["text"]) else "outlet"
    return _class_of(row["text"][max(0, cue.start - _NEAR) : cue.end + _NEAR])


def _class_of(words: str) -> str:
    if _says("official", words):
        return "official"
    return "other_named" if _says("name", words) and not _says("unnamed", words) else "unnamed"


def cue_strength(row: Row) -> str:
    """Answer the class of the governing cue; neutral, the codebook's default, where there is none."""
    cue = governing(row)
    return cue.strength if cue else "neutral"


ANSWERS = {
    "relevance": relevance,
    "position": position,
    "attribution": attribution,
    "cue-strength": cue_strength,
}
TASKS = tuple(ANSWERS)


def make(task: Task) -> Callable[[list[Row]], list[str]]:
    """Return the predicting function."""
    answer = ANSWERS[task.name]
    return lambda rows: [answer(row) for row in rows]
