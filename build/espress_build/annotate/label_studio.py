"""Write configurations for Label Studio from codebook and registries, and read the results that it exports."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from espress.schema import schema
from espress_build.annotate.questions import NO_PROPOSITION, SLOTS, get_control_type, make_label, parse_label
from espress_build.inputs.judgements import ENTRY_SPANS, ENTRY_STATES

if TYPE_CHECKING:
    from espress_build.annotate.material import Material

_NUMBERED = re.compile(r"_(\d+|\{\{\w\}\})$")
_SPAN_COLOURS = {"source": "#1f77b4", "cue": "#d62728"}


def _get_rule(field: str) -> str:
    """Return the codebook's rule for a field, whether its values are closed or open."""
    if field in schema().codebook:
        entry = schema().codebook[field]
        return f"{entry['question']} {entry['rule']}"
    return next(str(one["rule"]) for one in schema().guidance["open_field"] if one["name"] == field)


def _make_hint(rules: dict[str, Any]) -> str:
    """Return what the codebook says of one class, on one line."""
    parts = [rules["definition"]]
    parts += [f"Includes: {'; '.join(rules['includes'])}."] if rules["includes"] else []
    parts += [f"Excludes: {'; '.join(rules['excludes'])}."] if rules["excludes"] else []
    return " ".join([*parts, f"Example: {rules['example']} → {rules['answer']}.", f"In doubt: {rules['tie_break']}"])


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _add_text(parent: ET.Element, name: str, value: str, title: str) -> None:
    _add(parent, "Header", value=title, size="5")
    _add(parent, "Text", name=name, value=value)


def _add_rule(parent: ET.Element, title: str, rule: str) -> None:
    """Add a rule that is shown on a click."""
    panel = _add(_add(parent, "Collapse", bordered="true"), "Panel", value=title)
    _add(_add(panel, "View"), "Header", value=rule, size="6")


def _add_choices(parent: ET.Element, name: str, hints: dict[str, str], to: str = "text", **more: str) -> None:
    control = _add(parent, "Choices", name=name, toName=to, choice="single", **more)
    for value, hint in hints.items():
        _add(control, "Choice", value=value, hint=hint)


def _add_text_field(parent: ET.Element, name: str, asks: str, to: str = "text", *, needed: str = "") -> None:
    """Add a field to type in, with its name above it, which stays visible when the field is filled."""
    _add(parent, "Header", value=_NUMBERED.sub("", name), size="6")
    rows = "2" if "reason" in name else "1"
    control = _add(parent, "TextArea", name=name, toName=to, placeholder=asks, rows=rows)
    control.attrib.update({"maxSubmissions": "1", "editable": "true"} | (_require(needed) if needed else {}))


def _require(what: str) -> dict[str, str]:
    return {"required": "true", "requiredMessage": f"{what} is missing"}


def _describe_classes(field: str) -> dict[str, str]:
    name = "cue_strength" if field == "carried_cue_strength" else field
    return {value: _make_hint(rules) for value, rules in schema().codebook[name]["classes"].items()}


def _describe_sources(material: Material) -> dict[str, str]:
    return {name: f"{row['name']} ({row['class']})" for name, row in material.sources.items()}


def _describe_propositions(material: Material) -> dict[str, str]:
    return {name: str(row["statement"]) for name, row in material.propositions.items()}


def _add_unit(root: ET.Element) -> None:
    _add_text(root, "before", "$before", "The unit before, as context only")
    _add_text(root, "text", "$text", "The unit")


def _configure_units() -> ET.Element:
    root = ET.Element("View")
    _add_unit(root)
    _add_rule(root, "aspect: the rule", _get_rule("aspect"))
    _add_choices(root, "aspect", _describe_classes("aspect"), **_require("aspect"))
    _add_text_field(root, "aspect_reason", "Why? One line", needed="The reason")
    return root


def _add_slot(parent: ET.Element, number: int, sources: dict[str, str]) -> None:
    """Add the thirteen fields of one entry and its reason."""
    title = f"Source {number}" + (": of the main clause" if number == 1 else ", if one more takes a position")
    view = _add(_add(_add(parent, "Collapse", bordered="true"), "Panel", value=title), "View")
    for field in ("source_id", "position", "attributed", "cue_strength", "via_source_id", "lapsed", "carried_source_id",
                  "carried_cue_strength"):  # fmt: skip
        _add(view, "Header", value=field, size="6")
        if field.endswith("source_id"):
            _add_choices(view, f"{field}_{number}", sources, layout="select")
        else:
            _add_choices(view, f"{field}_{number}", _describe_classes(field), showInline="true")
    for field in ENTRY_STATES:
        _add_text_field(view, f"{field}_{number}", "Two capital letters (ISO 3166-1), or nothing")
    _add_text_field(view, f"reason_{number}", "Why? One line, quoting the words that decide")


def _configure_pairs(material: Material) -> ET.Element:
    root = ET.Element("View")
    _add_unit(root)
    _add_text(root, "statement", "$statement", "The proposition")
    _add(root, "Text", name="scope", value="$scope")
    _add_rule(root, "bears_on: the rule", _get_rule("bears_on"))
    _add_choices(root, "bears_on", _describe_classes("bears_on"), showInline="true", **_require("bears_on"))
    _add_text_field(root, "bears_on_reason", "Why? One line", needed="The reason")
    entry = _add(root, "View", visibleWhen="choice-selected", whenTagName="bears_on", whenChoiceValue="yes")
    marks = _add(entry, "Labels", name="spans", toName="text")
    for number in SLOTS:
        for field in ENTRY_SPANS:
            label = make_label(f"{field}_{number}")
            _add(marks, "Label", value=label, background=_SPAN_COLOURS[label.split()[1]])
    fields = [*schema().codebook, *(one["name"] for one in schema().guidance["open_field"])]
    asked = [field for field in fields if field not in ("bears_on", "aspect", "stance")]
    rules = _add(_add(_add(entry, "Collapse", bordered="true"), "Panel", value="The rules of the fields below"), "View")
    for field in asked:
        _add(rules, "Header", value=f"{field}: {_get_rule(field)}", size="6")
    for number in SLOTS:
        _add_slot(entry, number, _describe_sources(material))
    return root


def _configure_articles(material: Material) -> ET.Element:
    root = ET.Element("View")
    _add_text(root, "text", "$text", "The article")
    _add(root, "Header", value="Which outlet, of which country, do you think wrote this?", size="4")
    _add_text_field(root, "outlet_guess", "An outlet, or 'unknown'", needed="The outlet")
    _add_text_field(root, "country_guess", "Two capital letters (ISO 3166-1)", needed="The country")
    _add_text_field(root, "confidence", "How sure? 0 to 1, such as 0.6", needed="The confidence")
    _add_text_field(root, "guess_reason", "What gives it away?", needed="The reason")
    _add_rule(root, "stance: the rule", _get_rule("stance"))
    event = _add(root, "Repeater", on="$events", indexFlag="{{e}}")
    _add_text(event, "event_{{e}}", "$events[{{e}}].about", "An event that the article tells")
    focal = _describe_propositions(material) | {NO_PROPOSITION: "None of them is what this article is about."}
    _add(event, "Header", value="focal_proposition", size="6")
    _add_choices(event, "focal_proposition_{{e}}", focal, "event_{{e}}", **_require("focal_proposition"))
    _add_text_field(event, "focal_reason_{{e}}", "Why this proposition?", "event_{{e}}", needed="The reason")
    _add(event, "Header", value="stance", size="6")
    _add_choices(
        event, "stance_{{e}}", _describe_classes("stance"), "event_{{e}}", showInline="true", **_require("stance")
    )
    _add_text_field(event, "stance_reason_{{e}}", "Why? With the words that decide", "event_{{e}}", needed="The reason")
    claim = _add(root, "Repeater", on="$claims", indexFlag="{{c}}")
    _add_text(claim, "claim_text_{{c}}", "$claims[{{c}}].about", "Does the article say this?")
    _add_choices(
        claim,
        "claim_{{c}}",
        schema().vocabularies["claim_status"],
        "claim_text_{{c}}",
        showInline="true",
        **_require("The status"),
    )
    _add_text_field(claim, "claim_units_{{c}}", "In which units? Such as: A1.03 A1.07", "claim_text_{{c}}")
    _add_text_field(claim, "claim_reason_{{c}}", "Why? With the words", "claim_text_{{c}}", needed="The reason")
    return root


def make_configurations(material: Material) -> dict[str, str]:
    """Return the configuration of each project by kind of task."""
    roots = {
        "units": _configure_units(),
        "pairs": _configure_pairs(material),
        "articles": _configure_articles(material),
    }
    for root in roots.values():
        ET.indent(root)
    return {kind: ET.tostring(root, encoding="unicode") + "\n" for kind, root in roots.items()}


@dataclass(frozen=True)
class Answer:
    """A choice, typed words or a marked span; `start` and `end` count code points of the unit, end exclusive."""

    value: str
    start: int | None = None
    end: int | None = None


def _read_span(value: dict[str, Any], text: str) -> Answer:
    """Return a span in code points; its offsets may count UTF-16 units, as browsers do.

    Raises:
        ValueError: the offsets are no offsets, or the words are not at them.
    """
    start, end, words = value["start"], value["end"], value["text"]
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start {start!r} and end {end!r} must be whole numbers")
    if not isinstance(words, str) or not words:
        raise ValueError("the span names no words")
    if not 0 <= start < end:
        raise ValueError(f"{start} to {end} is no span")
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
        ValueError: the result is none of our forms', or a span's words are not at its offsets.
    """
    try:
        name, kind, value = result["from_name"], result["type"], result["value"]
        if name == "spans" and kind == "labels":
            control = parse_label(_get_only_value(value["labels"]))
            return control, _read_span(value, text)
        if kind == "choices" and get_control_type(name) == "choices":
            return name, Answer(_get_only_value(value["choices"]))
        if kind == "textarea" and get_control_type(name) == "textarea":
            return name, Answer(_get_only_value(value["text"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the result cannot be read: {type(error).__name__} {error}") from error
    raise ValueError(f"a {kind!r} named {name!r} is none of this form's")


def read_results(results: Any, text: str, problems: list[str]) -> dict[str, Answer]:
    """Return the answers of one annotation by control; append each problem to `problems`, control first."""
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
        return parse_label(result["value"]["labels"][0])
    except (KeyError, TypeError, IndexError, AttributeError):
        return None
