"""The changes since the last release determine the lowest allowed number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.schema import schema
from espress_build.release.diff import Cell, TableDiff
from espress_build.release.version_rule import (
    MAJOR,
    MINOR,
    PATCH,
    NumberError,
    Version,
    check_number,
    list_changes,
    parse_version,
)

NUMBERS = st.builds(Version, *[st.integers(0, 999)] * 3)
LAST = Version(1, 4, 2)
PROPERTY = settings(derandomize=True, deadline=None, database=None)


def cell(column: str, key: str = "a") -> Cell:
    return Cell(key, column, "x", "y")


CASES = [
    ([], PATCH),
    ([TableDiff("events", changed=[cell("outcome")])], PATCH),
    ([TableDiff("articles", changed=[cell("url")])], PATCH),
    ([TableDiff("articles", changed=[cell("basis")])], PATCH),
    ([TableDiff("relevance", changed=[cell("n_annotators")])], PATCH),
    ([TableDiff("votes", changed=[cell("votes")])], PATCH),
    ([TableDiff("shortcuts", removed=["x"], changed=[cell("skill")])], PATCH),
    ([TableDiff("rejects", added=["x"])], PATCH),
    ([TableDiff("articles", added=["x"])], MINOR),
    ([TableDiff("annotations", added=["x"])], MINOR),
    ([TableDiff("articles", schema=["column mood (string) is new"])], MINOR),
    ([TableDiff("moods", schema=["the table is new"])], MINOR),
    ([TableDiff("articles", removed=["x"])], MAJOR),
    ([TableDiff("events", removed=["x"])], MAJOR),
    ([TableDiff("articles", changed=[cell("text")])], MAJOR),
    ([TableDiff("sentences", changed=[cell("text_masked")])], MAJOR),
    ([TableDiff("entries", changed=[cell("position")])], MAJOR),
    ([TableDiff("annotations", changed=[cell("reason")])], MAJOR),
    ([TableDiff("splits", changed=[cell("fold")])], MAJOR),
    ([TableDiff("propositions", changed=[cell("statement")])], MAJOR),
    ([TableDiff("articles", schema=["column url was removed"])], MAJOR),
    ([TableDiff("articles", added=["x"]), TableDiff("splits", changed=[cell("fold")])], MAJOR),
]


# After 1.4.2: the least number that each level allows, and the largest numbers that are too small for it.
LEAST = {PATCH: "1.4.3", MINOR: "1.5.0", MAJOR: "2.0.0"}
TOO_SMALL = {PATCH: ["1.4.2", "1.4.1", "0.9.9"], MINOR: ["1.4.3", "1.4.99"], MAJOR: ["1.4.3", "1.5.0", "1.99.0"]}


@pytest.mark.parametrize(("found", "level"), CASES)
def test_the_greatest_change_determines_the_lowest_number(found: list[TableDiff], level: str) -> None:
    assert check_number(parse_version(LEAST[level]), LAST, found) == level
    assert check_number(Version(3, 0, 0), LAST, found) == level
    for number in TOO_SMALL[level]:
        with pytest.raises(NumberError, match=LEAST[level].replace(".", r"\.")):
            check_number(parse_version(number), LAST, found)


@pytest.mark.parametrize(
    ("last", "level", "following"),
    [
        ("0.0.0", PATCH, "0.0.1"),
        ("1.4.2", PATCH, "1.4.3"),
        ("1.4.2", MINOR, "1.5.0"),
        ("0.9.9", MINOR, "0.10.0"),
        ("0.4.2", MAJOR, "1.0.0"),
        ("9.9.9", MAJOR, "10.0.0"),
    ],
)
def test_the_following_number_sets_the_smaller_places_to_zero(last: str, level: str, following: str) -> None:
    assert str(parse_version(last).next(level)) == following


def test_changes_are_listed_with_their_level_and_only_the_decisive_ones_are_given_as_reasons() -> None:
    found = [
        TableDiff("articles", schema=["column mood (string) is new", "column url was removed"], added=["a", "b"]),
        TableDiff("splits", removed=["c"], changed=[cell("fold", "x"), cell("fold", "y")]),
        TableDiff("moods", schema=["the table was removed"]),
        TableDiff("rejects", added=["d"], removed=["e"]),
    ]
    assert list(list_changes(found)) == [
        (MAJOR, "articles: column url was removed"),
        (MINOR, "articles: column mood (string) is new"),
        (MINOR, "articles: 2 rows were added: a, b"),
        (MAJOR, "splits: 1 rows were removed: c"),
        (MAJOR, "splits.fold changed in 2 rows: x, y"),
        (MAJOR, "moods: the table was removed"),
    ]
    with pytest.raises(NumberError) as raised:
        check_number(Version(1, 5, 0), LAST, found)
    assert str(raised.value).splitlines()[1:-1] == [
        "  articles: column url was removed",
        "  splits: 1 rows were removed: c",
        "  splits.fold changed in 2 rows: x, y",
        "  moods: the table was removed",
    ]


def test_labels_that_changed_because_a_person_judged_are_minor_while_the_data_are_0() -> None:
    unit = "herald-20200312-00000000.p01.01/spying"
    found = [TableDiff("relevance", changed=[cell("bears_on", unit)]), TableDiff("entries", removed=[f"{unit}/1"])]
    zero, judged = Version(0, 4, 2), {"herald-20200312-00000000"}
    assert check_number(Version(0, 5, 0), zero, found, judged) == MINOR
    for last, persons in [(zero, {"gazette-undated-00000000"}), (zero, set()), (LAST, judged)]:
        with pytest.raises(NumberError, match=str(last.next(MAJOR))):
            check_number(last.next(MINOR), last, found, persons)
    text = [TableDiff("sentences", changed=[cell("text", "herald-20200312-00000000.p01.01")])]
    assert check_number(Version(1, 0, 0), zero, text, judged) == MAJOR


def test_a_number_that_is_not_above_the_last_one_is_refused_as_such() -> None:
    for number in (LAST, Version(1, 4, 1)):
        with pytest.raises(NumberError, match=r"is not above 1\.4\.2, the last release\. .*at least 1\.4\.3"):
            check_number(number, LAST, [])


def test_the_first_release_may_have_any_number() -> None:
    assert check_number(Version(0, 0, 0), None, []) == MINOR


def test_ids_are_named_and_the_rest_counted() -> None:
    found = [TableDiff("articles", removed=[f"article-{number}" for number in range(8)])]
    with pytest.raises(NumberError, match=r"8 rows were removed: article-0, .*article-4 and 3 more"):
        check_number(Version(1, 5, 0), LAST, found)


def test_every_label_is_frozen() -> None:
    loose = [f"{table.name}.{column.name}" for table in schema().tables for column in table.columns
             if column.labels and not column.frozen]  # fmt: skip
    assert loose == []


def test_no_column_is_both_frozen_and_provenance() -> None:
    assert [c.name for table in schema().tables for c in table.columns if c.frozen and c.provenance] == []


@PROPERTY
@given(NUMBERS, st.sampled_from([PATCH, MINOR, MAJOR]))
def test_the_next_number_is_larger_and_reads_back(version: Version, level: str) -> None:
    assert version < version.next(level)
    assert parse_version(str(version)) == version
    assert version.next(PATCH) <= version.next(MINOR) <= version.next(MAJOR)


@PROPERTY
@given(st.text(alphabet="0123456789.v+-٣ \n", max_size=8))
def test_what_is_read_is_written_the_same(text: str) -> None:
    try:
        version = parse_version(text)
    except NumberError:
        return
    assert str(version) == text
