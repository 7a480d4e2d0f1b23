"""The stage `segment`: split passages into sentences, the units of coding, with offsets in article and source."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from espress_build.pipeline.passages import Passage, Piece
from espress_build.pipeline.sentences import boundaries
from espress_build.tables import Step, Tables, make_table, rejects_table, set_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Params

    Row = dict[str, Any]

_LETTER = {"title": "t", "standfirst": "s", "sub-heading": "h", "body": "p"}


def _name_stem(role: str, paragraphs: Counter[str]) -> str:
    """Return the part of a unit's id that names its passage; headings and paragraphs are counted separately."""
    letter = _LETTER[role]
    if letter not in "hp":
        return letter
    paragraphs[letter] += 1
    return f"{letter}{paragraphs[letter]:02d}"


def cut_units(article: Row, passages: list[Row]) -> Iterator[tuple[Row, int, int, int]]:
    """Yield each unit of an article as a row of `sentences`, the number of its passage, and its range there.

    A headline or sub-heading is one unit. A passage without events reports all of the article's.
    """
    article_id = article["article_id"]
    paragraphs, units, unit_no = Counter[str](), Counter[str](), 0
    for number, row in enumerate(passages):
        stem = _name_stem(row["role"], paragraphs)
        events = row["events"] or article["event_ids"]
        whole = row["role"] in ("title", "sub-heading")
        for start, end in [(0, len(row["text"]))] if whole else boundaries(row["text"], article["language"]):
            unit_no += 1
            units[stem] += 1
            unit = {
                "sentence_id": f"{article_id}.{stem}.{units[stem]:02d}",
                "article_id": article_id,
                "event_id": events[0],
                "event_ids": events,
                "unit_no": unit_no,
                "role": row["role"],
                "field": row["field"],
                "paragraph": row["paragraph"] if row["field"] == "text" else None,
                "text": row["text"][start:end],
                "text_start": row["start"] + start,
                "text_end": row["start"] + end,
            }
            yield unit, number, start, end


def _units(article: Row, rows: list[Row]) -> Iterator[Row]:
    """Yield the rows of `sentences` of one article, with their place in the source."""
    passages = [Passage(row["raw"], tuple(Piece(**piece) for piece in row["pieces"])) for row in rows]
    for unit, number, start, end in cut_units(article, rows):
        source_start, source_end = passages[number].source_range(start, end)
        yield unit | {"source_byte_start": source_start, "source_byte_end": source_end}


def segment(tables: Tables, _params: Params) -> Step:
    """Turn `passages` into `sentences`, and fill `articles.n_sentences`."""
    facts = tables["articles"].select(["article_id", "event_ids", "language"]).to_pylist()
    articles = {row["article_id"]: row for row in facts}
    units: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for article_id, passages in groupby(tables["passages"].to_pylist(), key=lambda row: str(row["article_id"])):
        found = list(_units(articles[article_id], list(passages)))
        counts[article_id] = len(found)
        units += found
    numbered = set_column(tables["articles"], "n_sentences", [counts[article] for article in articles])
    return Step({"articles": numbered, "sentences": make_table("sentences", units)}, rejects_table())
