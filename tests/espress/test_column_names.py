"""Names of columns and classes that would surprise a user or break a program."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING

import pytest

from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.schema import Column

_RESERVED = {"class", "end", "start", *keyword.kwlist}


def _columns() -> Iterator[tuple[str, Column]]:
    for table in schema().tables:
        for column in table.columns:
            yield f"{table.name}.{column.name}", column
            yield from ((f"{table.name}.{column.name}[].{member.name}", member) for member in column.members)


def test_no_column_and_no_member_has_a_reserved_name_or_an_offset_without_its_noun() -> None:
    assert [name for name, column in _columns() if column.name in _RESERVED] == []


def test_each_offset_has_both_ends_and_a_unit() -> None:
    names = {name for name, _ in _columns()}
    for name, column in _columns():
        if name.endswith("_start"):
            assert name.removesuffix("_start") + "_end" in names
        if name.endswith(("_start", "_end")):
            assert column.unit in ("bytes", "Unicode code points"), name
            assert (column.unit == "bytes") == ("_byte_" in name)


@pytest.mark.parametrize(
    ("label", "order"),
    [
        ("bears_on", ["no", "yes"]),
        ("attributed", ["no", "yes"]),
        ("lapsed", ["no", "yes"]),
        ("hedged", ["no", "yes"]),
        ("stance", ["against", "neither", "favor"]),
        ("lead_voice", ["denies", "distances", "reports", "endorses", "asserts"]),
        ("cue_strength", ["distancing", "neutral", "endorsing"]),
    ],
)
def test_classes_have_the_order_that_readers_expect(label: str, order: list[str]) -> None:
    assert list(schema().vocabularies[label]) == order


def test_masked_text_comes_before_the_text_and_every_second_reading_has_one_ending() -> None:
    for table in ("sentences", "relevance", "entries"):
        names = [column.name for column in schema().table(table).columns]
        assert names.index("text_masked") < names.index("text")
    for name, _ in _columns():
        assert not name.split(".")[1].startswith("carried_") or name == "entries.carried_in_context"
