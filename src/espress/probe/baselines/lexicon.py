"""The codebook as patterns: its list of attributing words, and its other rules as far as patterns can express them.

The cues are read from the table in `schema/labels.toml`, lemma by lemma; `lexicon.toml` holds the forms of lemmas that
are not regular, and the other patterns, each with the rule that it comes from. Nothing is learned, but the codebook was
written with these articles, so the score is not independent of them. If no model does better than these patterns,
string matching solves the task as well as any model.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from espress.paths import schema_folder
from espress.probe.items import THE_OUTLET, units_before
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from espress.probe.items import Row
    from espress.probe.tasks import Task

NAME = "lexicon"
TRAINED = False
READS_TEXT = True

_SCARE_QUOTES = re.compile(r"[“\"‘]\w+(?: \w+){0,2}[”\"’]")  # "scare quotes round the content": one to three words
_QUOTED = re.compile('[“”"]')
_CLOSING = (",", "”", '"')  # marks after which a trailing clause of attribution may begin
_NEAR = 60  # in characters: the largest distance of a source from its cue, and of a trailing cue from the end


class Cue(NamedTuple):
    """An attributing word of the unit: its class in the codebook, and its start and end in the text."""

    strength: str
    start: int
    end: int


def _compile_words(patterns: Iterable[str], *, case: bool = False) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", 0 if case else re.IGNORECASE)


@cache
def _read_rules() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))


@cache
def _compile_rule(name: str) -> re.Pattern[str]:
    return _compile_words(_read_rules()[name], case=name == "name")


@cache
def _compile_cues() -> dict[str, re.Pattern[str]]:
    """Return the pattern of each strength, from the table of cues in the codebook; longer cues are found first."""
    found: dict[str, list[str]] = {}
    for row in schema().guidance["cue"]:
        forms = [form for lemma in row["lemmas"] if not lemma.startswith("scare quotes") for form in _inflect(lemma)]
        found.setdefault(row["strength"], []).extend(forms)
    return {strength: _compile_words(sorted(forms, key=lambda form: -len(form))) for strength, forms in found.items()}


def _inflect(lemma: str) -> list[str]:
    """Return patterns for the forms of a lemma, whose first word is the verb; see `forms` in lexicon.toml."""
    rules = _read_rules()
    if lemma in rules["forms"]:
        return list(rules["forms"][lemma])
    verb, *rest = lemma.split(" ")
    tail = "".join(rf"\s+{re.escape(word)}" for word in rest)
    return [re.escape(form) + tail for form in (verb, *rules["irregular"].get(verb, _inflect_regular(verb)))]


def _inflect_regular(verb: str) -> list[str]:
    if verb.endswith(("ed", "ly", "ing")) or "-" in verb:  # an adjective, an adverb or a preposition
        return []
    if verb.endswith("e"):
        return [f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return [f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"]
    return [f"{verb}{'es' if verb.endswith(('s', 'x', 'z', 'ch', 'sh')) else 's'}", f"{verb}ed", f"{verb}ing"]


@cache
def _read_propositions() -> dict[str, str]:
    registry = tomllib.loads((schema_folder() / "registries" / "propositions.toml").read_text(encoding="utf-8"))
    return {entry["statement"]: name for name, entry in registry.items()}


def _matches(name: str, *texts: str | None) -> bool:
    return any(_compile_rule(name).search(text) for text in texts if text)


def find_cues(text: str) -> list[Cue]:
    """Return the cues of a unit in the order of the text; scare quotes count only if there are no cue words."""
    found = [
        Cue(strength, *match.span()) for strength, rule in _compile_cues().items() for match in rule.finditer(text)
    ]
    if not found:
        found = [Cue("distancing", *match.span()) for match in _SCARE_QUOTES.finditer(text)]
    return sorted(found, key=lambda cue: cue.start)


def find_governing(row: Row) -> Cue | None:
    """Return the cue that governs the entry; None if the unit has no cue.

    For the second and later sources this is the cue of the same number, or the last cue if there are fewer. For the
    first source it is the last cue of a clause that ends the unit after a comma or a quotation mark ("a trailing
    'X said' governs the sentence"), or else the first cue.
    """
    text, number = row["text"], int(row.get("entry") or 1)
    found = find_cues(text)
    if not found:
        return None
    if number > 1:
        return found[min(number, len(found)) - 1]
    clause = max(text.rfind(mark) for mark in _CLOSING)
    trailing = [cue for cue in found if len(text) - _NEAR - 1 <= cue.end and 0 <= clause < cue.start]
    return trailing[-1] if trailing else found[0]


def find_preceding(row: Row) -> str | None:
    """Return the unit before the item's; None at the start of an article or if the row has no context."""
    before = units_before(row["context"]) if row.get("context") else []
    return before[-1] if before else None


def answer_relevance(row: Row) -> str:
    """Answer by words for covert acts and for measures, and by actor and target."""
    text, before = row["text"], find_preceding(row)
    wanted = _read_propositions().get(row["proposition"])
    if wanted == "countermeasures_warranted":
        return "yes" if _matches("measures", text) and _matches("covert", text, before) else "no"
    against = _matches("against_china", text) or (_matches("against_china", before) and not _matches("china", text))
    mentioned = _matches("covert", text) and _matches("china", text, before)
    return "yes" if mentioned and against == (wanted == "covert_activity_against_cn") else "no"


def answer_position(row: Row) -> str:
    """Answer not_support for words of denial and doubt, and for a measure that the article reports as taken."""
    text, wanted = row["text"], _read_propositions().get(row["proposition"])
    if _matches("deny", text) or _matches("question", text):
        return "not_support"
    mentioned = wanted == "countermeasures_warranted" and row.get("source") == THE_OUTLET and not find_cues(text)
    return "not_support" if mentioned and _matches("taken", text) and not _matches("argued", text) else "support"


def answer_position_in_full(row: Row) -> str:
    """Answer with one of the codebook's four classes: deny before question, and mention for a measure taken."""
    for answer in ("deny", "question"):
        if _matches(answer, row["text"]):
            return answer
    return "mention" if answer_position(row) == "not_support" else "support"


def answer_stance(row: Row) -> str:
    """Answer by whether more attributing words of title and body are endorsing or distancing."""
    strengths = [cue.strength for cue in find_cues(f"{row['title']}\n{row['text']}")]
    tendency = strengths.count("endorsing") - strengths.count("distancing")
    return "favor" if tendency > 0 else "against" if tendency < 0 else "neither"


def answer_attribution(row: Row) -> str:
    """Answer by the words around the governing cue; without a cue or a quotation, the source is the outlet."""
    cue = find_governing(row)
    if cue is None:
        return _classify_source(find_preceding(row) or "") if _QUOTED.search(row["text"]) else "outlet"
    return _classify_source(row["text"][max(0, cue.start - _NEAR) : cue.end + _NEAR])


def _find_last(row: Row) -> Row:
    """Return the item itself if its unit has a cue, otherwise the nearest unit before it that has one."""
    if find_cues(row["text"]) or not row.get("context"):
        return row
    nearest = next((unit for unit in reversed(units_before(row["context"])) if find_cues(unit)), None)
    return row if nearest is None else {**row, "text": nearest, "context": None, "entry": None}


def answer_attribution_carried(row: Row) -> str:
    """Answer as for attribution, by the nearest unit with a cue if this one has none."""
    return answer_attribution(_find_last(row))


def answer_cue_strength_carried(row: Row) -> str:
    """Answer as for cue strength, by the nearest unit with a cue if this one has none."""
    return answer_cue_strength(_find_last(row))


def _classify_source(words: str) -> str:
    if _matches("official", words):
        return "official"
    return "other_named" if _matches("name", words) and not _matches("unnamed", words) else "unnamed"


def answer_cue_strength(row: Row) -> str:
    """Answer with the class of the governing cue; without a cue, with neutral, the codebook's default."""
    cue = find_governing(row)
    return cue.strength if cue else "neutral"


def _mark(strength: str) -> str:
    """Return the tasks' label of a strength: the tasks ask only whether a cue is neutral."""
    return "neutral" if strength == "neutral" else "not_neutral"


ANSWERS: dict[str, Callable[[Row], str]] = {
    "relevance": answer_relevance,
    "position": answer_position,
    "attribution": answer_attribution,
    "attribution-carried": answer_attribution_carried,
    "cue-strength": lambda row: _mark(answer_cue_strength(row)),
    "cue-strength-carried": lambda row: _mark(answer_cue_strength_carried(row)),
    "check-relevance": answer_relevance,
    "check-position": answer_position_in_full,
    "check-attribution": answer_attribution,
    "check-cue-strength": answer_cue_strength,
    "stance": answer_stance,
}
TASKS = tuple(ANSWERS)


def make(task: Task) -> Callable[[list[Row]], list[str]]:
    """Return the predicting function."""
    answer = ANSWERS[task.name]
    return lambda rows: [answer(row) for row in rows]
