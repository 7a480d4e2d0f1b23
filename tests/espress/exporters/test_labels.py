"""Statistics programs show what the schema says: labels of variables and of values, dates as dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress.exporters.read_back import read, write

import espress
from espress.data.content_hash import content_hash
from espress.exporters.stata_spss import make_label, spss_names, stata_names
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

STANCES = list(schema().vocabularies["stance"])


@pytest.mark.parametrize("to", ["dta", "sav"])
def test_labels_and_truth_values_are_integers_with_the_schemas_labels(to: str, tmp_path: Path) -> None:
    import pyreadstat

    path = espress.export(to, tmp_path / f"article_stance.{to}", ["article_stance"])
    found, meta = getattr(pyreadstat, f"read_{to}")(path)
    assert meta.variable_value_labels["stance"] == dict(enumerate(STANCES))
    rows = espress.load("article_stance", as_="arrow").to_pylist()
    assert [STANCES[int(code)] for code in found["stance"]] == [row["stance"] for row in rows]
    votes, about = getattr(pyreadstat, f"read_{to}")(espress.export(to, tmp_path / f"votes.{to}", ["votes"]))
    assert about.variable_value_labels["is_unclear"] == {0: "false", 1: "true"}
    assert len(votes) > 0
    labels = dict(zip(meta.column_names, meta.column_labels, strict=True))
    assert labels["event_id"] == schema().table("article_stance").column("event_id").description
    assert schema().table("article_stance").description.startswith(meta.file_label.rstrip("…"))


@pytest.mark.parametrize(("to", "shown"), [("dta", "%td"), ("sav", "SDATE10")])
def test_days_are_dates(to: str, shown: str, tmp_path: Path) -> None:
    import pyreadstat

    path = espress.export(to, tmp_path / f"articles.{to}", ["articles"])
    found, meta = getattr(pyreadstat, f"read_{to}")(path)
    assert meta.original_variable_types["published_date"] == shown
    days = [row["published_date"] for row in espress.load("articles", as_="arrow").to_pylist()]
    assert [None if day != day else day for day in found["published_date"]] == days  # noqa: PLR0124  NaN


@pytest.mark.parametrize("to", ["dta", "sav"])
def test_a_class_that_the_schema_no_longer_has_is_kept_behind_the_others(to: str, tmp_path: Path) -> None:
    rows = pa.table({"article_id": ["a", "b", "c"], "stance": ["neither", "mixed", None]})
    path = write(rows, to, tmp_path, config="articles")
    assert content_hash(read(path, to, rows, "articles")) == content_hash(rows)


def test_duckdb_has_descriptions_of_columns(tmp_path: Path) -> None:
    import duckdb

    path = espress.export("duckdb", tmp_path / "espress.duckdb", ["articles"])
    with duckdb.connect(str(path), read_only=True) as database:
        asked = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'articles'"
        comments = dict(database.execute(asked).fetchall())
        (kind,) = database.execute("SELECT typeof(published_at) FROM articles LIMIT 1").fetchone() or ("",)
    assert comments["published_at"] == "Time of publication in UTC."
    assert kind == "TIMESTAMP WITH TIME ZONE"


def test_texts_in_a_workbook_never_become_formulas_or_dates(tmp_path: Path) -> None:
    import openpyxl  # type: ignore[import-untyped]

    rows = pa.table({"text": ["=1+1", "http://example.org", "0012", "2019-07", "TRUE", "_x0041_"]})
    book = openpyxl.load_workbook(write(rows, "xlsx", tmp_path))
    cells = [cell for (cell,) in book["invented"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == rows["text"].to_pylist()
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


NAMES = st.lists(st.text(max_size=70) | st.sampled_from(["end", "End", "with", "str8", "_n", "1st", "é"]), unique=True)


@given(names=NAMES)
def test_names_are_legal_differ_and_stay_where_they_are_legal_already(names: list[str]) -> None:
    for given_names, longest in ((stata_names(names), 32), (spss_names(names), 64)):
        assert len({name.lower() for name in given_names}) == len(names)
        assert all(name.isascii() and name.isidentifier() and len(name) <= longest for name in given_names)
    assert stata_names(["article_id", "end", "end_"]) == ["article_id", "v_end", "end_"]
    assert spss_names(["a.b", "to", "A_B"]) == ["a_b", "v_to", "A_B_2"]


@given(text=st.text(max_size=200))
def test_a_label_is_cut_between_characters_and_keeps_the_old_name(text: str) -> None:
    assert len(make_label("a", "a", text, 80).encode(errors="replace")) <= 80
    assert make_label("end", "v_end", "Last.", 80) == "end: Last."
