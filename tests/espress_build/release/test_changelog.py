"""The changelog counts changes by table and column and names the command that lists them."""

from __future__ import annotations

from espress_build.release.changelog import summarise
from espress_build.release.diff import Cell, TableDiff


def test_thousands_of_changes_are_a_few_lines() -> None:
    keys = [f"unit-{number}" for number in range(5000)]
    found = [
        TableDiff(
            "sentences",
            [
                "column start was removed",
                "column mood (string) is new",
                "column event_ids (list<element: string>) is new",
                "column masks: list<element: struct<a: int32>> became list<element: struct<b: int32>>",
                "the order of the columns changed",
            ],
            added=keys,
            changed=[Cell(key, column, "x", "y") for key in keys for column in ("role", "text")],
        ),
        TableDiff("articles", added=["a-undated-0"], removed=["b-undated-0"]),
        TableDiff("stance", ["the table was removed"]),
    ]
    assert summarise(found, [(key, None) for key in keys], "espress-build diff 0.1.0 0.2.0").splitlines() == [
        "sentences: rows 5,000 added, 5,000 changed",
        "  cells changed: role 5,000, text 5,000",
        "  the order of the columns changed",
        "  columns added: mood, event_ids",
        "  columns removed: start",
        "  columns of another type: masks",
        "articles: rows 1 added, 1 removed",
        "  + a-undated-0",
        "  - b-undated-0",
        "stance:",
        "  the table was removed",
        "5,000 units with a new id or text: espress-build diff 0.1.0 0.2.0 --moves",
        "each row and cell: espress-build diff 0.1.0 0.2.0",
    ]


def test_a_release_that_changes_no_table_says_so() -> None:
    assert summarise([], [], "espress-build diff 0.1.0 0.1.1") == "no table changed"
