"""Which questions a task asks, by which control each is answered, and which judgement each answer is.

Export, import and the way back from judgements to answers all read this one description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from espress_build.inputs.judgements import ENTRY_FIELDS, ENTRY_SOURCES, ENTRY_SPANS, closed_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.annotate.items import Material

KINDS = ("units", "pairs", "articles")
SLOTS = (1, 2, 3)
NO_PROPOSITION = "no_proposition"  # a choice that says what leaving open does not: none of them is focal
_NUMBERED = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Group:
    """Fields of one item that are judged together for one reason."""

    item_id: str
    proposition_id: str
    source_no: int
    fields: tuple[str, ...]
    reason: str  # control that holds the reason
    suffix: str = ""  # of the controls' names
    shown_on: str = "text"  # what the controls are attached to

    def control(self, field: str) -> str:
        """Return the name of the control that answers a field."""
        return f"{field}{self.suffix}"

    @property
    def controls(self) -> tuple[str, ...]:
        """Every control of the group, the reason last."""
        confidence = ("confidence",) if "outlet_guess" in self.fields else ()
        return (*map(self.control, self.fields), *confidence, self.reason)


def field_of(control: str) -> str:
    """Return the field that a control answers."""
    return _NUMBERED.sub("", control)


def type_of(control: str) -> str:
    """Return how a control is answered: by a choice, by words typed in, or by a span that is marked."""
    field = field_of(control)
    if field in ENTRY_SPANS:
        return "labels"
    chosen = closed_values(field) is not None or field in (*ENTRY_SOURCES, "focal_proposition")
    return "choices" if chosen else "textarea"


def label_of(control: str) -> str:
    """Return the label by which a span is marked: slot and what it names."""
    stem, number = control.rsplit("_span_", 1)
    return f"{number} {stem}"


def control_of(label: str) -> str:
    """Return the control that a label of a span answers."""
    number, _, stem = label.partition(" ")
    return f"{stem}_span_{number}"


def tasks(material: Material, articles: set[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the data of all tasks by kind, in reading order; of these articles (A1) alone where they are given."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for article in material.key.articles:
        if articles is not None and article not in articles:
            continue
        found["articles"].append(_article(material, article))
        before = "(the article begins here)"
        for line in material.of(article):
            shown = {"unit": line["unit"], "role": line["role"], "before": before, "text": line["text"]}
            found["units"].append({"kind": "units", "codebook": material.codebook} | shown)
            for name, row in material.propositions.items():
                about = {"proposition": name, "statement": row["statement"], "scope": row["scope"]}
                found["pairs"].append({"kind": "pairs", "codebook": material.codebook} | shown | about)
            before = line["text"]
    return found


def _article(material: Material, article: str) -> dict[str, Any]:
    paragraphs: dict[Any, list[str]] = {}
    for line in material.of(article):
        paragraphs.setdefault((line["role"], line["paragraph"]), []).append(f"[{line['unit']}] {line['text']}")
    events = material.key.events[article]
    return {
        "kind": "articles",
        "codebook": material.codebook,
        "article": article,
        "text": "\n\n".join(" ".join(units) for units in paragraphs.values()),
        "events": [{"about": f"E{number}: {material.events[event]}"} for number, event in enumerate(events, 1)],
        "claims": [
            {"about": f"E{number}, claim {claim_no}: {claim}"} for number, claim_no, claim in _claims(material, article)
        ],
    }


def _claims(material: Material, article: str) -> Iterator[tuple[int, int, str]]:
    for number, event in enumerate(material.key.events[article], 1):
        for claim_no, claim in enumerate(material.claims.get(event, []), 1):
            yield number, claim_no, claim


def groups(material: Material, data: dict[str, Any]) -> list[Group]:
    """Return what a task asks, in order; raises KeyError for a unit, proposition or article that there is not."""
    if data["kind"] == "articles":
        return _article_groups(material, data["article"])
    item = material.key.units[data["unit"]].item_id
    if data["kind"] == "units":
        return [Group(item, "", 0, ("aspect",), "aspect_reason")]
    if data["kind"] != "pairs":
        raise KeyError(data["kind"])
    if (proposition := data["proposition"]) not in material.propositions:
        raise KeyError(proposition)
    entries = [Group(item, proposition, slot, ENTRY_FIELDS, f"reason_{slot}", f"_{slot}") for slot in SLOTS]
    return [Group(item, proposition, 0, ("bears_on",), "bears_on_reason"), *entries]


def _article_groups(material: Material, name: str) -> list[Group]:
    article = material.key.articles[name]
    found = [Group(article, "", 0, ("outlet_guess", "country_guess"), "guess_reason")]
    for at, event in enumerate(material.key.events[name]):
        for field, reason in (("focal_proposition", "focal_reason"), ("stance", "stance_reason")):
            found.append(Group(f"{article}/{event}", "", 0, (field,), f"{reason}_{at}", f"_{at}", f"event_{at}"))
    for at, (number, claim_no, _) in enumerate(_claims(material, name)):
        item = f"{article}/{material.key.events[name][number - 1]}/{claim_no:02d}"
        found.append(Group(item, "", 0, ("claim", "claim_units"), f"claim_reason_{at}", f"_{at}", f"claim_text_{at}"))
    return found


@cache
def reading_order(material: Material) -> dict[tuple[str, str, int, str], int]:
    """Return the place of each possible judgement, by item, proposition, source number and field.

    Articles by their number; in each the article's own, then unit by unit: aspect, bears_on, entries.
    """
    rank: list[tuple[str, str, int, str]] = []
    every = tasks(material)
    for data in every["articles"]:
        own = groups(material, data)
        for line in material.of(data["article"]):
            own += groups(material, {"kind": "units", "unit": line["unit"]})
            asked = [
                groups(material, {"kind": "pairs", "unit": line["unit"], "proposition": p})
                for p in material.propositions
            ]
            own += [each[0] for each in asked] + [entry for each in asked for entry in each[1:]]
        rank += [(one.item_id, one.proposition_id, one.source_no, field) for one in own for field in one.fields]
    return {key: place for place, key in enumerate(rank)}
