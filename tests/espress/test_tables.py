"""Tables as text and as Markdown, and long lists cut short."""

from __future__ import annotations

from espress.tables import format_markdown, format_text, join_few


def test_join_few() -> None:
    assert join_few(["a", "b"]) == "a, b"
    assert join_few(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert join_few(["a", "b", "c"], 2, total=1234) == "a, b and 1,232 more"
    assert join_few([]) == ""


def test_format_text() -> None:
    rows = [("a", 1, None), ("b c", 20, "x")]
    assert format_text(rows, ("name", "n", "note")) == "name   n  note\na      1  –\nb c   20  x"
    assert format_text([("a", "-1.5")], ("name", "value"), right=[1]) == "name  value\na      -1.5"


def test_format_markdown() -> None:
    found = format_markdown([("a|b", 1), ("中国 中国", None)], ("name", "n"), right=[1])
    assert found.split("\n") == [
        "| name      |   n |",
        "|-----------|----:|",
        "| a\\|b      |   1 |",
        "| 中国 中国 |   – |",
    ]
    assert "| a\\|b   | 1   |" in format_markdown([("a\\|b", 1)], ("name", "n"))
