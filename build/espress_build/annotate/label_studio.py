"""Label Studio's configurations, generated from codebook and registries: every class with its definition as hint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from espress.schema import schema
from espress_build.annotate.forms import NO_PROPOSITION, SLOTS, label_of
from espress_build.inputs.judgements import ENTRY_SPANS, ENTRY_STATES

if TYPE_CHECKING:
    from espress_build.annotate.items import Material

_NUMBERED = re.compile(r"_(\d+|\{\{\w\}\})$")
_SPAN_COLOURS = {"source": "#1f77b4", "cue": "#d62728"}


def rule_of(field: str) -> str:
    """Return the codebook's rule for a field, whether its values are closed or open."""
    if field in schema().codebook:
        entry = schema().codebook[field]
        return f"{entry['question']} {entry['rule']}"
    return next(str(one["rule"]) for one in schema().guidance["open_field"] if one["name"] == field)


def hint_of(rules: dict[str, Any]) -> str:
    """Return what the codebook says of one class, on one line."""
    parts = [rules["definition"]]
    parts += [f"Includes: {'; '.join(rules['includes'])}."] if rules["includes"] else []
    parts += [f"Excludes: {'; '.join(rules['excludes'])}."] if rules["excludes"] else []
    return " ".join([*parts, f"Example: {rules['example']} → {rules['answer']}.", f"In doubt: {rules['tie_break']}"])


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _text(parent: ET.Element, name: str, value: str, title: str) -> None:
    _add(parent, "Header", value=title, size="5")
    _add(parent, "Text", name=name, value=value)


def _rule(parent: ET.Element, title: str, rule: str) -> None:
    """Add a rule that opens on a click."""
    panel = _add(_add(parent, "Collapse", bordered="true"), "Panel", value=title)
    _add(_add(panel, "View"), "Header", value=rule, size="6")


def _choices(parent: ET.Element, name: str, hints: dict[str, str], to: str = "text", **more: str) -> None:
    control = _add(parent, "Choices", name=name, toName=to, choice="single", **more)
    for value, hint in hints.items():
        _add(control, "Choice", value=value, hint=hint)


def _typed(parent: ET.Element, name: str, asks: str, to: str = "text", *, needed: str = "") -> None:
    """Add a field to type in; its name stays in sight when it is filled."""
    _add(parent, "Header", value=_NUMBERED.sub("", name), size="6")
    rows = "2" if "reason" in name else "1"
    control = _add(parent, "TextArea", name=name, toName=to, placeholder=asks, rows=rows)
    control.attrib.update({"maxSubmissions": "1", "editable": "true"} | (_needed(needed) if needed else {}))


def _needed(what: str) -> dict[str, str]:
    return {"required": "true", "requiredMessage": f"{what} is missing"}


def _classes(field: str) -> dict[str, str]:
    name = "cue_strength" if field == "carried_cue_strength" else field
    return {value: hint_of(rules) for value, rules in schema().codebook[name]["classes"].items()}


def _sources(material: Material) -> dict[str, str]:
    return {name: f"{row['name']} ({row['class']})" for name, row in material.sources.items()}


def _propositions(material: Material) -> dict[str, str]:
    return {name: str(row["statement"]) for name, row in material.propositions.items()}


def _shown_unit(root: ET.Element) -> None:
    _text(root, "before", "$before", "The unit before, as context only")
    _text(root, "text", "$text", "The unit")


def _units(_material: Material) -> ET.Element:
    root = ET.Element("View")
    _shown_unit(root)
    _rule(root, "aspect: the rule", rule_of("aspect"))
    _choices(root, "aspect", _classes("aspect"), **_needed("aspect"))
    _typed(root, "aspect_reason", "Why? One line", needed="The reason")
    return root


def _slot(parent: ET.Element, number: int, sources: dict[str, str]) -> None:
    """Add the thirteen fields of one entry and its reason."""
    title = f"Source {number}" + (": of the main clause" if number == 1 else ", if one more takes a position")
    view = _add(_add(_add(parent, "Collapse", bordered="true"), "Panel", value=title), "View")
    for field in ("source_id", "position", "attributed", "cue_strength", "via_source_id", "lapsed", "carried_source_id",
                  "carried_cue_strength"):  # fmt: skip
        _add(view, "Header", value=field, size="6")
        if field.endswith("source_id"):
            _choices(view, f"{field}_{number}", sources, layout="select")
        else:
            _choices(view, f"{field}_{number}", _classes(field), showInline="true")
    for field in ENTRY_STATES:
        _typed(view, f"{field}_{number}", "Two capital letters (ISO 3166-1), or nothing")
    _typed(view, f"reason_{number}", "Why? One line, quoting the words that decide")


def _pairs(material: Material) -> ET.Element:
    root = ET.Element("View")
    _shown_unit(root)
    _text(root, "statement", "$statement", "The proposition")
    _add(root, "Text", name="scope", value="$scope")
    _rule(root, "bears_on: the rule", rule_of("bears_on"))
    _choices(root, "bears_on", _classes("bears_on"), showInline="true", **_needed("bears_on"))
    _typed(root, "bears_on_reason", "Why? One line", needed="The reason")
    entry = _add(root, "View", visibleWhen="choice-selected", whenTagName="bears_on", whenChoiceValue="yes")
    marks = _add(entry, "Labels", name="spans", toName="text")
    for number in SLOTS:
        for field in ENTRY_SPANS:
            label = label_of(f"{field}_{number}")
            _add(marks, "Label", value=label, background=_SPAN_COLOURS[label.split()[1]])
    fields = [*schema().codebook, *(one["name"] for one in schema().guidance["open_field"])]
    asked = [field for field in fields if field not in ("bears_on", "aspect", "stance")]
    rules = _add(_add(_add(entry, "Collapse", bordered="true"), "Panel", value="The rules of the fields below"), "View")
    for field in asked:
        _add(rules, "Header", value=f"{field}: {rule_of(field)}", size="6")
    for number in SLOTS:
        _slot(entry, number, _sources(material))
    return root


def _articles(material: Material) -> ET.Element:
    root = ET.Element("View")
    _text(root, "text", "$text", "The article")
    _add(root, "Header", value="Which outlet, of which country, do you think wrote this?", size="4")
    _typed(root, "outlet_guess", "An outlet, or 'unknown'", needed="The outlet")
    _typed(root, "country_guess", "Two capital letters (ISO 3166-1)", needed="The country")
    _typed(root, "confidence", "How sure? 0 to 1, such as 0.6", needed="The confidence")
    _typed(root, "guess_reason", "What gives it away?", needed="The reason")
    _rule(root, "stance: the rule", rule_of("stance"))
    event = _add(root, "Repeater", on="$events", indexFlag="{{e}}")
    _text(event, "event_{{e}}", "$events[{{e}}].about", "An event that the article tells")
    focal = _propositions(material) | {NO_PROPOSITION: "None of them is what this article is about."}
    _add(event, "Header", value="focal_proposition", size="6")
    _choices(event, "focal_proposition_{{e}}", focal, "event_{{e}}", **_needed("focal_proposition"))
    _typed(event, "focal_reason_{{e}}", "Why this proposition?", "event_{{e}}", needed="The reason")
    _add(event, "Header", value="stance", size="6")
    _choices(event, "stance_{{e}}", _classes("stance"), "event_{{e}}", showInline="true", **_needed("stance"))
    _typed(event, "stance_reason_{{e}}", "Why? With the words that decide", "event_{{e}}", needed="The reason")
    claim = _add(root, "Repeater", on="$claims", indexFlag="{{c}}")
    _text(claim, "claim_text_{{c}}", "$claims[{{c}}].about", "Does the article say this?")
    _choices(
        claim,
        "claim_{{c}}",
        schema().vocabularies["claim_status"],
        "claim_text_{{c}}",
        showInline="true",
        **_needed("The status"),
    )
    _typed(claim, "claim_units_{{c}}", "In which units? Such as: A1.03 A1.07", "claim_text_{{c}}")
    _typed(claim, "claim_reason_{{c}}", "Why? With the words", "claim_text_{{c}}", needed="The reason")
    return root


def configurations(material: Material) -> dict[str, str]:
    """Return the configuration of each project by kind of task."""
    roots = {"units": _units(material), "pairs": _pairs(material), "articles": _articles(material)}
    for root in roots.values():
        ET.indent(root)
    return {kind: ET.tostring(root, encoding="unicode") + "\n" for kind, root in roots.items()}
