"""Write configurations for Label Studio from codebook and registries, and read the results that it exports."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress_build.annotate.questions import KINDS, NO_PROPOSITION, SLOTS, SPANS, get_control_type, parse_label

if TYPE_CHECKING:
    from espress_build.annotate.material import Material

_NUMBERED = re.compile(r"(_p\d+)?(_(\d+|\{\{\w\}\}))?$")
_SPANS = re.compile(rf"{SPANS}(_p\d+)?")


def make_configurations(material: Material) -> dict[str, str]:
    """Return the configuration of each project by kind of task; `templates/` has their layout."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[#", comment_end_string="#]",  # Label Studio reads {{e}} as a variable
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["unnumbered"] = lambda control: _NUMBERED.sub("", control)
    codebook = schema().codebook
    classes = {f: {v: _make_hint(c) for v, c in entry["classes"].items()} for f, entry in codebook.items()}
    rules = {field: f"{entry['question']} {entry['rule']}" for field, entry in codebook.items()}
    content = {
        "rules": rules | {one["name"]: one["rule"] for one in schema().guidance["open_field"]},
        "classes": classes,
        "claim_status": classes.get("claim", schema().vocabularies["claim_status"]),
        "sources": {name: f"{row['name']} ({row['source_class']})" for name, row in material.sources.items()},
        "asked": material.propositions,
        "propositions": {name: row["statement"] for name, row in material.propositions.items()}
        | {NO_PROPOSITION: "None of them is what this article is about."},
        "slots": SLOTS,
    }
    rendered = {kind: environment.get_template(f"{kind}.xml").render(content) for kind in KINDS}
    return {kind: re.sub(r"\n\s*\n+", "\n", text).strip() + "\n" for kind, text in rendered.items()}


def _make_hint(rules: dict[str, Any]) -> str:
    """Return the codebook's description of one class, on one line."""
    parts = [rules["definition"]]
    parts += [f"Includes: {'; '.join(rules['includes'])}."] if rules["includes"] else []
    parts += [f"Excludes: {'; '.join(rules['excludes'])}."] if rules["excludes"] else []
    return " ".join([*parts, f"Example: {rules['example']} → {rules['answer']}.", f"In doubt: {rules['tie_break']}"])


@dataclass(frozen=True)
class Answer:
    """A choice, typed words or a marked span; `start` and `end` count code points of the unit, end exclusive."""

    value: str
    start: int | None = None
    end: int | None = None


def _read_span(value: dict[str, Any], text: str) -> Answer:
    """Return a span in code points; its offsets may count UTF-16 units, as browsers do.

    Raises:
        ValueError: the offsets are not valid, or the words are not at them.
    """
    start, end, words = value["start"], value["end"], value["text"]
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start {start!r} and end {end!r} must be whole numbers")
    if not isinstance(words, str) or not words:
        raise ValueError("the span has no text")
    if not 0 <= start < end:
        raise ValueError(f"{start} to {end} is not a span")
    if end <= len(text) and text[start:end] == words:
        return Answer(words, start, end)
    wide = text.encode("utf-16-le")
    if 2 * end > len(wide):
        raise ValueError(f"{start} to {end} lies outside the text, which has {len(text)} characters")
    with suppress(UnicodeDecodeError):  # an offset may be inside a surrogate pair
        first, last = (len(wide[: 2 * at].decode("utf-16-le")) for at in (start, end))
        if text[first:last] == words:
            return Answer(words, first, last)
    raise ValueError(f"the words {words!r} are not at {start} to {end}, where the text has {text[start:end]!r}")


def _get_only_value(values: Any) -> str:
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise ValueError(f"needs exactly one value, has {values!r}")
    return values[0]


def read_result(result: Any, text: str) -> tuple[str, Answer]:
    """Return the control that a result answers, and the answer.

    Raises:
        ValueError: the result does not belong to one of our forms, or a span's words are not at its offsets.
    """
    try:
        name, kind, value = result["from_name"], result["type"], result["value"]
        if kind == "labels" and _SPANS.fullmatch(name):
            control = parse_label(name, _get_only_value(value["labels"]))
            return control, _read_span(value, text)
        if kind == "choices" and get_control_type(name) == "choices":
            return name, Answer(_get_only_value(value["choices"]))
        if kind == "textarea" and get_control_type(name) == "textarea":
            return name, Answer(_get_only_value(value["text"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the result cannot be read: {type(error).__name__} {error}") from error
    raise ValueError(f"a {kind!r} named {name!r} is not a control of this form")


def read_results(results: Any, text: str, problems: list[str]) -> dict[str, Answer]:
    """Return the answers of one annotation by control; append problems to `problems`, each with its control first."""
    answers: dict[str, Answer] = {}
    for result in results if isinstance(results, list) else [results]:
        name = result.get("from_name") if isinstance(result, dict) else result
        try:
            control, answer = read_result(result, text)
        except ValueError as error:
            problems.append(f"{_find_span_control(result) or name or 'a result'}: {error}")
            continue
        if control in answers:
            problems.append(f"{control}: a second judgement; one annotation answers each question once")
        answers[control] = answer
    return answers


def _find_span_control(result: Any) -> str | None:
    """Return the control of a marked span, to name it in a problem."""
    try:
        return parse_label(result["from_name"], result["value"]["labels"][0])
    except (KeyError, TypeError, IndexError, AttributeError):
        return None
