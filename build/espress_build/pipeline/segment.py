"""The stage `segment`: passages become sentences, the units of coding, with offsets in article and source."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.pipeline.passages import Passage, Piece
from espress_build.pipeline.sentences import boundaries
from espress_build.tables import Step, Tables, rejects_table, set_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Params


class _Numbers:
    """Numbers of paragraphs and units for their ids; headings and paragraphs are numbered separately."""

    def __init__(self) -> None:
        self._paragraphs: dict[str, int] = {}
        self._units: dict[str, int] = {}

    def stem(self, role: str) -> str:
        """Return the part of an id for the next paragraph of that role: t, s, h01, p01."""
        letter = {"title": "t", "standfirst": "s", "sub-heading": "h", "body": "p"}[role]
        if letter in "ts":
            return letter
        number = self._paragraphs[letter] = self._paragraphs.get(letter, 0) + 1
        return f"{letter}{number:02d}"

    def unit(self, stem: str) -> str:
        """Return the number of the next unit of that paragraph."""
        number = self._units[stem] = self._units.get(stem, 0) + 1
        return f"{number:02d}"


def _cut(row: dict[str, Any], language: str | None) -> list[tuple[int, int]]:
    """Return the spans of the units of a passage; a headline or sub-heading is always one unit."""
    whole = row["role"] in ("title", "sub-heading")
    return [(0, len(row["text"]))] if whole else boundaries(row["text"], language)


def _units(article_id: str, passages: list[dict[str, Any]], language: str | None) -> Iterator[dict[str, Any]]:
    numbers, unit_no = _Numbers(), 0
    for row in passages:
        passage = Passage(row["raw"], tuple(Piece(**piece) for piece in row["pieces"]))
        stem = numbers.stem(row["role"])
        for start, end in _cut(row, language):
            unit_no += 1
            source_start, source_end = passage.source_range(start, end)
            yield {
                "sentence_id": f"{article_id}.{stem}.{numbers.unit(stem)}",
                "article_id": article_id,
                "unit_no": unit_no,
                "role": row["role"],
                "field": row["field"],
                "paragraph": row["paragraph"] if row["field"] == "text" else None,
                "text": row["text"][start:end],
                "start": row["start"] + start,
                "end": row["start"] + end,
                "source_start": source_start,
                "source_end": source_end,
            }


def segment(tables: Tables, _params: Params) -> Step:
    """Turn `passages` into `sentences`, and fill `articles.n_sentences`."""
    languages = dict(zip(*(tables["articles"][name].to_pylist() for name in ("article_id", "language")), strict=True))
    units: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for article_id, passages in groupby(tables["passages"].to_pylist(), key=lambda row: str(row["article_id"])):
        found = list(_units(article_id, list(passages), languages[article_id]))
        counts[article_id] = len(found)
        units += found
    articles = set_column(tables["articles"], "n_sentences", [counts[article] for article in languages])
    sentences = pa.Table.from_pylist(units, schema=arrow_schema(schema().table("sentences")))
    return Step({"articles": articles, "sentences": sentences}, rejects_table())
