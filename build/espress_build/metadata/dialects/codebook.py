"""Make the codebook, a document for coders, from schema/labels.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from espress.schema import Schema


_OPENING = (
    "The unit of judgement is the entry: (unit, proposition, source). Quoting is not endorsing, and no label states "
    "what an outlet believes. Labels are decided by reading."
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
    lines += ["## Settled cases", "", *(f"- *{case['about']}*: {case['ruling']}" for case in guidance["settled"]), ""]
    return "\n".join(lines)
