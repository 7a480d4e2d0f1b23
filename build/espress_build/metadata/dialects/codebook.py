"""Make the codebook, a document for coders, from schema/labels.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.tables import format_markdown

if TYPE_CHECKING:
    from espress.schema import Schema


_OPENING = (
    "The unit of judgement is the entry: (unit, proposition, source). Quoting is not endorsing. No label states "
    "what an outlet or an author in fact believes; `stance` states what a reader would infer from the text. The focal "
    "proposition of an event is the proposition that the event's allegation is about."
)


def _list_items(name: str, items: list[str]) -> list[str]:
    return [f"- {name}: {'; '.join(items)}"] if items else []


def _describe_class(name: str, entry: dict[str, Any]) -> list[str]:
    return [
        f"### {name}",
        "",
        entry["definition"],
        "",
        *_list_items("includes", entry["includes"]),
        *_list_items("excludes", entry["excludes"]),
        f"- example: {entry['example']} → **{entry['answer']}**",
        f"- tie-break: {entry['tie_break']}",
        "",
    ]


def _describe_field(name: str, rules: dict[str, Any]) -> list[str]:
    lines = [f"## `{name}` ({rules['item']})", "", f"**{rules['question']}** {rules['rule']}", ""]
    for term, entry in rules["classes"].items():
        lines += _describe_class(term, entry)
    return lines


def _describe_cues(cues: list[dict[str, Any]]) -> list[str]:
    """Return the table of cue lemmas, in the order of the codebook."""
    if not cues:
        return []
    head = list(dict.fromkeys(name for cue in cues for name in cue))
    rows = [[_format_cell(cue.get(name)) for name in head] for cue in cues]
    return ["## Cues", "", format_markdown(rows, head), ""]


def _format_cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _describe_claims(claims: dict[str, Any]) -> list[str]:
    """Return the rubric for claims."""
    if not claims:
        return []
    lines = ["## Claims (claim x article)", ""]
    for name, rule in claims.items():
        if isinstance(rule, str):
            lines += [rule, ""] if name == "rule" else [f"- {name.replace('_', ' ')}: {rule}"]
        elif isinstance(rule, dict):
            lines += [f"### {name.replace('_', ' ')}", "", *(f"- {key}: {value}" for key, value in rule.items()), ""]
        else:
            lines += [f"- {name.replace('_', ' ')}: {'; '.join(map(str, rule))}"]
    return [*lines, ""]


def make_codebook(schema: Schema, propositions: list[dict[str, Any]]) -> str:
    """Return the codebook: propositions, fields with their classes, open fields, settled cases."""
    guidance = schema.guidance
    lines = [
        "<!-- made by `espress-build generate` from schema/labels.toml; not for editing -->",
        "",
        f"# Codebook, version {guidance['version']}",
        "",
        _OPENING,
        "",
        "## Propositions",
        "",
        *(f"- `{row['proposition_id']}`: {row['statement']} {row['scope']}" for row in propositions),
        "",
    ]
    for name, rules in schema.codebook.items():
        lines += _describe_field(name, rules)
    lines += ["## Open fields of an entry", "", *(f"- `{f['name']}`: {f['rule']}" for f in guidance["open_field"]), ""]
    lines += [*_describe_cues(guidance["cue"]), *_describe_claims(guidance["claims"])]
    lines += ["## Settled cases", "", *(f"- *{case['about']}*: {case['ruling']}" for case in guidance["settled"]), ""]
    return "\n".join(lines)
