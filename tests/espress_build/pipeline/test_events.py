"""Units tell the events that the record gives to their paragraph, else all events of the article."""

from __future__ import annotations

from typing import Any

import pytest
from tests.espress_build.pipeline.helpers import PARAMS, basic_spans, beside, received

import espress
from espress_build.pipeline.stages import run_stages

ARTICLE = "herald-20200101-00000000"
PAGE = "A headline\n\nIt rained. It poured.\n\nIt snowed.\n"


def _units(page: bytes, spans: list[dict[str, Any]], events: list[str], **more: Any) -> list[dict[str, Any]]:
    table = received({ARTICLE: page}, {ARTICLE: spans}, event_ids=events)
    for name, value in more.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), [[value]])
    units: list[dict[str, Any]] = run_stages({"received": table, **beside()}, PARAMS, "batch")["sentences"].to_pylist()
    return units


def test_a_paragraph_tells_the_events_of_its_span_and_the_title_all() -> None:
    spans = basic_spans(PAGE)
    spans[1] |= {"events": ["case-2020"]}
    spans[2] |= {"events": ["case-2021", "case-2020"]}
    units = _units(PAGE.encode(), spans, ["case-2020", "case-2021"])
    told = [(unit["text"], unit["event_id"], unit["event_ids"]) for unit in units]
    assert told == [
        ("A headline", "case-2020", ["case-2020", "case-2021"]),
        ("It rained.", "case-2020", ["case-2020"]),
        ("It poured.", "case-2020", ["case-2020"]),
        ("It snowed.", "case-2021", ["case-2021", "case-2020"]),
    ]


def test_without_events_of_spans_every_unit_tells_all_events() -> None:
    units = _units(PAGE.encode(), basic_spans(PAGE), ["case-2021", "case-2020"])
    assert {(unit["event_id"], tuple(unit["event_ids"])) for unit in units} == {
        ("case-2021", ("case-2021", "case-2020"))
    }


def test_spans_of_a_saved_page_tell_their_events_too() -> None:
    page = "<h1>A headline</h1><p>It rained.</p><p>It snowed.</p>"
    spans = [
        {"line": number, "start": page.index(text), "end": page.index(text) + len(text), "role": role, "events": events}
        for number, (text, role, events) in enumerate(
            [("A headline", "title", None), ("It rained.", "body", ["case-2021"]), ("It snowed.", "body", None)], 1
        )
    ]
    units = _units(page.encode(), spans, ["case-2020", "case-2021"], charset="utf-8")
    assert [unit["event_id"] for unit in units] == ["case-2020", "case-2021", "case-2020"]


@pytest.mark.parametrize("table", ["relevance", "entries"])
def test_tables_of_labels_show_event_outlet_role_and_folds_of_their_unit(table: str) -> None:
    units = {row["sentence_id"]: row for row in espress.load("sentences", as_="arrow").to_pylist()}
    outlets = {row["article_id"]: row["outlet_id"] for row in espress.load("articles", as_="arrow").to_pylist()}
    splits = espress.load("splits", as_="arrow").to_pylist()
    folds = {(row["split"], row["article_id"]): row["fold"] for row in splits}
    for row in espress.load(table, as_="arrow").to_pylist():
        unit = units[row["sentence_id"]]
        assert (row["event_id"], row["event_ids"], row["role"]) == (unit["event_id"], unit["event_ids"], unit["role"])
        assert row["outlet_id"] == outlets[row["article_id"]]
        assert row["fold_article"] == folds["article", row["article_id"]]
        assert row["fold_block"] == folds["block", row["article_id"]]


def test_the_article_with_two_events_tells_one_in_its_first_paragraphs_and_the_other_in_the_rest() -> None:
    units = espress.load("sentences", as_="arrow", where={"article_id": "global-times-20241028-221d123e"}).to_pylist()
    told: dict[str, list[str]] = {}
    for unit in units:
        told.setdefault(unit["sentence_id"].split(".")[1], unit["event_ids"])
    assert told["t"] == ["wsj-mfa-2024", "mss-warning-2024"]
    assert [told[f"p0{number}"] for number in (1, 2, 3)] == [["wsj-mfa-2024"]] * 3
    assert told["p04"] == ["mss-warning-2024", "wsj-mfa-2024"]  # it tells the warning and looks back to the briefing
    assert {tuple(events) for part, events in told.items() if part > "p04" and part != "t"} == {("mss-warning-2024",)}
