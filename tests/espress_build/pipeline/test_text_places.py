"""Fields, paragraphs, units and their places, worked out by hand on one small article."""

from __future__ import annotations

from typing import Any

import pytest
from tests.espress_build.pipeline.helpers import Corpus, run_up_to, span

LINES = [
    ("A long headline", "title"),
    ("of two lines.", "title"),
    ("", None),
    ("First teaser. It goes on.", "standfirst"),
    ("Second teaser.", "standfirst"),
    ("By A. Person", None),
    ("Body one. It has two\u00a0units.", "body"),
    ("A sub. Heading", "sub-heading"),
    ("Body two, caf\u00e9.", "body"),
    ("Another heading", "sub-heading"),
    ("Body three.", "body"),
]  # fmt: skip


@pytest.fixture
def tables(corpus: Corpus) -> dict[str, Any]:
    text = "\n".join(line for line, _ in LINES)
    spans = [span(number, 0, len(line), role or "byline") for number, (line, role) in enumerate(LINES, 1) if line]
    corpus.add(text, spans, event_ids=["trial-2021", "case-2020"])
    made = run_up_to("segment", corpus.tables())
    assert made["rejects"].num_rows == 0
    return {name: made[name].to_pylist() for name in ("articles", "sentences")}


def test_fields_are_joined_by_their_separators(tables: dict[str, Any]) -> None:
    (article,) = tables["articles"]
    assert article["title"] == "A long headline of two lines."
    assert article["standfirst"] == "First teaser. It goes on.\n\nSecond teaser."
    body = "Body one. It has two units.\n\nA sub. Heading\n\nBody two, caf\u00e9.\n\nAnother heading\n\nBody three."
    assert article["text"].replace("\u00a0", " ") == body
    assert (article["n_paragraphs"], article["n_sentences"]) == (5, 11)
    assert article["n_words"] == 16  # a no-break space parts words as a space does
    source = "\n".join(line for line, _ in LINES)
    assert article["source_bytes"] == len(source.encode())
    assert article["kept_bytes"] == sum(len(line.encode()) for line, role in LINES if role)


def test_the_pieces_of_the_source_name_the_space_before_each(tables: dict[str, Any]) -> None:
    (article,) = tables["articles"]
    pieces = article["source_pieces"]
    assert [(one["field"], one["before"]) for one in pieces] == [
        ("title", ""), ("title", " "), ("standfirst", ""), ("standfirst", "\n\n"),
        ("text", ""), ("text", "\n\n"), ("text", "\n\n"), ("text", "\n\n"), ("text", "\n\n"),
    ]  # fmt: skip
    source = "\n".join(line for line, _ in LINES).encode()
    texts = [source[one["source_byte_start"] : one["source_byte_end"]].decode() for one in pieces]
    assert texts == [line for line, role in LINES if role]


def test_units_are_named_by_passage_and_numbered_in_order(tables: dict[str, Any]) -> None:
    units = tables["sentences"]
    (article,) = tables["articles"]
    stems = ["t.01", "t.02", "s.01", "s.02", "s.03", "p01.01", "p01.02", "h01.01", "p02.01", "h02.01", "p03.01"]
    assert [unit["sentence_id"] for unit in units] == [f"{article['article_id']}.{stem}" for stem in stems]
    assert [unit["unit_no"] for unit in units] == list(range(1, 12))
    assert [unit["role"] for unit in units] == (
        ["title"] * 2 + ["standfirst"] * 3 + ["body", "body", "sub-heading", "body", "sub-heading", "body"]
    )
    assert [unit["field"] for unit in units] == ["title"] * 2 + ["standfirst"] * 3 + ["text"] * 6
    assert [unit["paragraph"] for unit in units] == [None] * 5 + [1, 1, 2, 3, 4, 5]
    assert {unit["article_id"] for unit in units} == {article["article_id"]}
    assert {unit["event_id"] for unit in units} == {"trial-2021"}
    assert [unit["event_ids"] for unit in units] == [["trial-2021", "case-2020"]] * 11


def test_a_units_places_are_those_of_its_text_in_field_and_source(tables: dict[str, Any]) -> None:
    (article,) = tables["articles"]
    source = "\n".join(line for line, _ in LINES).encode()
    for unit in tables["sentences"]:
        assert article[unit["field"]][unit["text_start"] : unit["text_end"]] == unit["text"]
        assert source[unit["source_byte_start"] : unit["source_byte_end"]].decode() == unit["text"].replace(
            "two units", "two\u00a0units"
        )


def test_each_article_has_its_own_units_numbers_and_events(corpus: Corpus) -> None:
    corpus.add("One.\n\nIt begins. It ends.\n", event_ids=["case-2020"], day="2020-01-02")
    corpus.add("Two.\n\nIt begins.\n", event_ids=["trial-2021"], day="2020-01-03")
    made = run_up_to("segment", corpus.tables())
    assert [row["n_sentences"] for row in made["articles"].to_pylist()] == [3, 2]
    assert [(unit["unit_no"], unit["event_id"]) for unit in made["sentences"].to_pylist()] == [
        (1, "case-2020"), (2, "case-2020"), (3, "case-2020"), (1, "trial-2021"), (2, "trial-2021"),
    ]  # fmt: skip
