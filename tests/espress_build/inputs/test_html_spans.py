"""Spans of an HTML source: what a reader sees of them, and the bytes that each character comes from."""

from __future__ import annotations

from typing import Any

import pytest

from espress_build.inputs.html_spans import cut_spans


def cut(text: str, spans: list[tuple[int, int]], charset: str = "utf-8") -> list[dict[str, Any]]:
    """Return the rows of the spans of one paragraph."""
    source = text.encode(charset)
    stated = [{"line": 1, "start": start, "end": end, "role": "body"} for start, end in spans]
    row = {"article_id": "a", "source": source, "source_bytes": len(source), "charset": charset, "spans": stated}
    return [one for one in cut_spans(row, text) if one["raw"] is not None]


def list_bytes(row: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Return each character of a row with the first of its bytes and their number, by its pieces."""
    found = []
    for at, character in enumerate(row["raw"]):
        piece = [one for one in row["pieces"] if one["at"] <= at][-1]
        found.append((character, piece["source_start"] + (at - piece["at"]) * piece["width"], piece["width"]))
    return found


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "gb18030"])
def test_plain_characters_come_from_their_own_bytes(charset: str) -> None:
    text = "<p>An engineer, 中国  spy</p>"
    (row,) = cut(text, [(3, len(text) - 4)], charset)
    assert row["raw"] == "An engineer, 中国 spy"
    for character, start, width in list_bytes(row):
        own = text.encode(charset)[start : start + width].decode(charset)
        assert own == character or (character == " " and own.isspace())


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a&amp;b", [("a", 0, 1), ("&", 1, 5), ("b", 6, 1)]),
        ("a&nbsp; b", [("a", 0, 1), (" ", 1, 6), ("b", 8, 1)]),
        ("a&unknown;b", [("a", 0, 1), ("&", 1, 9), *((one, 10, 0) for one in "unknown;"), ("b", 10, 1)]),
        ("AT&T &#8217", [("A", 0, 1), ("T", 1, 1), ("&", 2, 1), ("T", 3, 1), (" ", 4, 1), ("’", 5, 6)]),
    ],
)
def test_a_reference_stands_for_all_of_its_bytes(text: str, seen: list[tuple[str, int, int]]) -> None:
    (row,) = cut(text, [(0, len(text))])
    assert list_bytes(row) == seen


def test_a_gap_with_a_line_break_reads_as_a_space() -> None:
    text = "One <b>two</b><br>three "
    rows = cut(text, [(0, 4), (7, 10), (18, 24)])
    assert [(row["role"], row["raw"]) for row in rows] == [
        ("body", "One "),
        ("body", "two"),
        ("gap", " "),
        ("body", "three"),
    ]
