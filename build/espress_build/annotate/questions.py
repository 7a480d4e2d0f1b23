"""Define which questions a task asks, which control answers each, and which judgement each answer becomes.

Export, import and the Label Studio configurations read this one description.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.masking import CONTEXT_UNITS
from espress_build.inputs.judgements import (
    ENTRY_SOURCES,
    ENTRY_SPANS,
    closed_values,
    current_major,
    entry_fields,
    known_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.annotate.material import Material

KINDS = ("units", "articles")
PAIR = "pairs"  # kind of older tasks, which asked about one proposition each; they are still imported
SLOTS = (1, 2, 3)
SPANS = "spans"  # set of labels with which words are marked; `spans_p2` is that of the second proposition
NO_PROPOSITION = "no_proposition"  # states that no proposition is focal; an empty answer would not state it
# The end of a control's name, after the field: the proposition (`_p2`) and the number of source, event or claim (`_1`).
_NUMBERED = re.compile(r"(_p\d+)?(_\d+)?$")
# The fields of an article and event that are judged together, in order, and the control of their reason. A coder writes
# down the devices before the stance.
_EVENT_GROUPS = (
    (("focal_proposition",), "focal_reason"),
    (("devices", "stance"), "stance_reason"),
    (("lead_voice",), "lead_voice_reason"),
)


@dataclass(frozen=True)
class Group:
    """Fields of one item that are judged together for one reason."""

    item_id: str
    proposition_id: str
    source_no: int
    fields: tuple[str, ...]
    reason: str  # control that holds the reason
    suffix: str = ""  # end of the controls' names

    def name_control(self, field: str) -> str:
        """Return the name of the control that answers a field."""
        return f"{field}{self.suffix}"

    @property
    def controls(self) -> tuple[str, ...]:
        """All controls of the group, the reason last."""
        confidence = ("confidence",) if "outlet_guess" in self.fields else ()
        return (*map(self.name_control, self.fields), *confidence, self.reason)


def get_control_type(control: str) -> str:
    """Return how a control is answered: by a choice, by typed words, or by a marked span."""
    field = _NUMBERED.sub("", control)
    if field in ENTRY_SPANS:
        return "labels"
    is_closed = closed_values(field) is not None or field in (*ENTRY_SOURCES, "focal_proposition")
    return "choices" if is_closed else "textarea"


def make_label(control: str) -> str:
    """Return the label that marks a span, such as `1 source` for `source_span_p2_1`."""
    stem, _, place = control.rpartition("_span")
    number = place.rpartition("_")[2]
    return f"{number} {stem}"


def parse_label(spans: str, label: str) -> str:
    """Return the control that a label answers; `spans` names the set of labels, such as `spans_p2`."""
    number, _, stem = label.partition(" ")
    return f"{stem}_span{spans.removeprefix(SPANS)}_{number}"


def make_tasks(material: Material, articles: set[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the data of all tasks by kind, in reading order; `articles` (such as A1) selects articles."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for article in material.articles:
        if articles is not None and article not in articles:
            continue
        found["articles"].append(_make_article_task(material, article))
        lines = material.select_lines(article)
        for place, line in enumerate(lines):
            shown = {"unit": line["unit"], "role": line["role"], "text": line["text"]} | _show_context(lines, place)
            asked = {"propositions": list(material.propositions)}
            found["units"].append({"kind": "units", "codebook": material.codebook} | shown | asked)
    return found


def _show_context(lines: list[dict[str, Any]], place: int) -> dict[str, str]:
    """Return the masked units before and after a unit, as many as models are shown."""
    before = [line["text"] for line in lines[max(0, place - CONTEXT_UNITS) : place]]
    after = [line["text"] for line in lines[place + 1 : place + 1 + CONTEXT_UNITS]]
    return {
        "before": "\n".join(before) or "(the article begins here)",
        "after": "\n".join(after) or "(the article ends here)",
    }


def _make_article_task(material: Material, article: str) -> dict[str, Any]:
    paragraphs: dict[Any, list[str]] = {}
    for line in material.select_lines(article):
        paragraphs.setdefault((line["role"], line["paragraph"]), []).append(f"[{line['unit']}] {line['text']}")
    events = material.article_events[article]
    return {
        "kind": "articles",
        "codebook": material.codebook,
        "article": article,
        "text": "\n\n".join(" ".join(units) for units in paragraphs.values()),
        "events": [{"about": f"E{number}: {material.events[event]}"} for number, event in enumerate(events, 1)],
        "claims": [
            {"about": f"E{number}, claim {claim_no}: {claim}"}
            for number, claim_no, claim in _list_claims(material, article)
        ],
    }


def _list_claims(material: Material, article: str) -> Iterator[tuple[int, int, str]]:
    for number, event in enumerate(material.article_events[article], 1):
        for claim_no, claim in enumerate(material.claims.get(event, []), 1):
            yield number, claim_no, claim


def make_groups(material: Material, data: dict[str, Any]) -> list[Group]:
    """Return the groups that a task asks for, in order; raises KeyError for an unknown unit, proposition or article."""
    if data["kind"] == "articles":
        return _make_article_groups(material, data["article"])
    item = material.units[data["unit"]].item_id
    if data["kind"] == PAIR:
        return _make_pair_groups(item, data["proposition"], "")
    asked = enumerate(material.propositions, 1)
    return [group for number, name in asked for group in _make_pair_groups(item, name, f"_p{number}")]


def _make_pair_groups(item: str, proposition: str, mark: str) -> list[Group]:
    """Return the groups of a unit and a proposition: one for `bears_on`, and one for each source."""
    fields = entry_fields(current_major())
    entries = [Group(item, proposition, n, fields, f"reason{mark}_{n}", f"{mark}_{n}") for n in SLOTS]
    return [Group(item, proposition, 0, ("bears_on",), f"bears_on_reason{mark}", mark), *entries]


def _make_article_groups(material: Material, name: str) -> list[Group]:
    article = material.articles[name]
    found = [Group(article, "", 0, ("outlet_guess", "country_guess"), "guess_reason")]
    for at, event in enumerate(material.article_events[name]):
        for fields, reason in _EVENT_GROUPS:
            asked = tuple(field for field in fields if field in known_fields(current_major()))
            if asked:
                found.append(Group(f"{article}/{event}", "", 0, asked, f"{reason}_{at}", f"_{at}"))
    for at, (number, claim_no, _) in enumerate(_list_claims(material, name)):
        item = f"{article}/{material.article_events[name][number - 1]}/{claim_no:02d}"
        found.append(Group(item, "", 0, ("claim", "claim_units"), f"claim_reason_{at}", f"_{at}"))
    return found


@cache
def get_reading_order(material: Material) -> dict[tuple[str, str, int, str], int]:
    """Return the position of each possible judgement, by item, proposition, source number and field.

    Articles are ordered by number. Each begins with the article's own fields; then each unit has bears_on and entries.
    """
    order: list[tuple[str, str, int, str]] = []
    for data in make_tasks(material)["articles"]:
        asked = make_groups(material, data)
        for line in material.select_lines(data["article"]):
            groups = make_groups(material, {"kind": "units", "unit": line["unit"]})
            asked += sorted(groups, key=lambda group: group.source_no > 0)
        order += [(one.item_id, one.proposition_id, one.source_no, field) for one in asked for field in one.fields]
    return {key: place for place, key in enumerate(order)}
