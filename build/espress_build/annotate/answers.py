"""Answers as Label Studio holds them: a list of results, one a control, and one a marked span."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from espress_build.annotate.forms import control_of, label_of, type_of


@dataclass(frozen=True)
class Answer:
    """What was chosen, typed or marked; a span has its characters [start, end) of the unit."""

    value: str
    start: int | None = None
    end: int | None = None


def to_result(control: str, answer: Answer, shown_on: str) -> dict[str, Any]:
    """Return one answer as Label Studio's result."""
    kind = type_of(control)
    if kind == "labels":
        value: dict[str, Any] = {
            "start": answer.start, "end": answer.end, "text": answer.value, "labels": [label_of(control)]
        }  # fmt: skip
    else:
        value = {"choices" if kind == "choices" else "text": [answer.value]}
    name = "spans" if kind == "labels" else control
    return {"id": control, "from_name": name, "to_name": shown_on, "type": kind, "value": value}


def _units16(text: str) -> list[int]:
    """Return the place in the text for each place counted in UTF-16, as browsers count; within a pair, none: -1."""
    places: list[int] = []
    for at, character in enumerate(text):
        places += [at] if ord(character) < 0x10000 else [at, -1]
    return [*places, len(text)]


def _span(value: dict[str, Any], text: str) -> Answer:
    """Return a span in code points; raises ValueError where the words do not stand there."""
    start, end, words = value["start"], value["end"], value["text"]
    if not (isinstance(start, int) and isinstance(end, int)) or isinstance(start, bool) or isinstance(end, bool):
        raise ValueError(f"start {start!r} and end {end!r} are no whole numbers")  # noqa: TRY004 - of data, not of a call
    if not isinstance(words, str) or not words:
        raise ValueError("the span names no words")
    if not 0 <= start < end:
        raise ValueError(f"{start} to {end} is no span")
    if end <= len(text) and text[start:end] == words:
        return Answer(words, start, end)
    wide = _units16(text)
    if end < len(wide):
        if (first := wide[start]) >= 0 and (last := wide[end]) >= 0 and text[first:last] == words:
            return Answer(words, first, last)
        raise ValueError(
            f"the words {words!r} do not stand at {start} to {end}, where the text has {text[start:end]!r}"
        )
    raise ValueError(f"{start} to {end} lies outside the text, which has {len(text)} characters")


def _one(values: Any) -> str:
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise ValueError(f"needs exactly one value, has {values!r}")
    return values[0]


def from_result(result: Any, text: str) -> tuple[str, Answer]:
    """Return the control that a result answers, and the answer.

    Raises:
        ValueError: it is no result of our forms, or a span's words do not stand where it says.
    """
    try:
        name, kind, value = result["from_name"], result["type"], result["value"]
        if name == "spans" and kind == "labels":
            control = control_of(_one(value["labels"]))
            return control, _span(value, text)
        if kind == "choices" and type_of(name) == "choices":
            return name, Answer(_one(value["choices"]))
        if kind == "textarea" and type_of(name) == "textarea":
            return name, Answer(_one(value["text"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the result cannot be read: {type(error).__name__} {error}") from error
    raise ValueError(f"a {kind!r} named {name!r} is none of this form's")


def from_results(results: Any, text: str, problems: list[str]) -> dict[str, Answer]:
    """Return the answers of one annotation by control; adds to `problems`, each starting with the control."""
    answers: dict[str, Answer] = {}
    for result in results if isinstance(results, list) else [results]:
        name = result.get("from_name") if isinstance(result, dict) else result
        try:
            control, answer = from_result(result, text)
        except ValueError as error:
            problems.append(f"{_marked(result) or name or 'a result'}: {error}")
            continue
        if control in answers:
            problems.append(f"{control}: a second judgement; one annotation answers each question once")
        answers[control] = answer
    return answers


def _marked(result: Any) -> str | None:
    """Return the control of a marked span, to name it in a problem."""
    try:
        return control_of(result["value"]["labels"][0])
    except (KeyError, TypeError, IndexError, AttributeError):
        return None
