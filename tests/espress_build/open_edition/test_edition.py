"""The open edition holds no word of an article, passes its checks, and says of itself what it is."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.release.small_project import change
from tests.helpers import copy_tables, describe

from espress.data.integrity import compare_with_sums
from espress.errors import DamagedDataError, InputError
from espress.schema import schema
from espress_build.build import ChecksFailedError
from espress_build.checks.dataset_files import edition_of
from espress_build.checks.sql_checks import connect, run_queries
from espress_build.checks.validate import Outcome, all_checks, validate
from espress_build.inputs.params import read_params
from espress_build.open_edition.edition import open_edition, write_open
from espress_build.open_edition.leak_check import find_leaks
from espress_build.tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Table

LIMITS = read_params().editions


def _table(folder: Path, name: str) -> Any:
    return read_table(folder, name)


def _list_long_texts(folder: Path, table: Table) -> set[tuple[str, str]]:
    """Return (column, text) of the withheld texts of a table that are too long to be anybody's name."""
    rows = _table(folder, table.name).to_pylist()
    names = [column.name for column in table.columns if column.withheld]
    texts = {(name, row[name]) for name in names for row in rows if isinstance(row[name], str)}
    return {(name, text) for name, text in texts if len(re.findall(r"[A-Za-z]+", text)) >= 2 * LIMITS.named_words}


def test_it_quotes_nothing_and_every_withheld_text_of_the_full_edition_would_be_found(
    full: Path, opened: Path, tmp_path: Path
) -> None:
    """The proof sees what it must: put back into the open edition, each table's withheld texts are all found."""
    assert find_leaks(opened, full, LIMITS) is None
    withheld = {table.name: texts for table in schema().tables if (texts := _list_long_texts(full, table))}
    assert {"articles", "sentences", "relevance", "entries"} <= withheld.keys()
    for name, texts in withheld.items():
        folder = shutil.copytree(opened, tmp_path / name)
        shutil.copy(full / "data" / f"{name}.parquet", folder / "data")
        found = find_leaks(folder, full, LIMITS)
        assert found is not None
        assert found.check == "open-quotes-nothing"
        assert found.detail.startswith(f"{name}.")
        assert found.count >= len(texts), name


@pytest.mark.parametrize(
    ("table", "column"),
    [("sources", "name"), ("claim_matrix", "claim"), ("annotations", "reason"), ("events", "named")],
)
def test_words_in_any_cell_are_found(full: Path, opened: Path, tmp_path: Path, table: str, column: str) -> None:
    shutil.copytree(opened, tmp_path / "open")
    texts = {row["article_id"]: row["text"] for row in _table(full, "articles").to_pylist()}

    def quote(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        text = texts[rows[0].get("article_id") or min(texts)]
        words = text.split()[10 : 10 + LIMITS.named_words + 3]
        return [rows[0] | {column: "So: " + " ".join(words).upper()}, *rows[1:]]

    change(tmp_path / "open", table, quote)
    found = find_leaks(tmp_path / "open", full, LIMITS)
    assert found is not None
    assert found.count == 1
    assert found.detail.startswith(f"{table}.{column} shares ")


def test_withheld_columns_are_null_and_all_else_stays(full: Path, opened: Path) -> None:
    for table in schema().tables:
        before, after = _table(full, table.name), _table(opened, table.name)
        assert before.schema.names == after.schema.names
        for column in table.columns:
            if column.withheld:
                assert after[column.name].null_count == after.num_rows
            elif not column.quotes and not any(member.quotes for member in column.members):
                assert after[column.name].equals(before[column.name]), f"{table.name}.{column.name}"
                assert after.schema.field(column.name).nullable == column.nullable


def test_constructed_texts_are_whole(full: Path, opened: Path) -> None:
    for name in ("check", "stance_articles", "practice"):
        assert _table(opened, name).equals(_table(full, name))


def test_votes_keep_their_values_and_labels(full: Path, opened: Path) -> None:
    """Only the words of spans are places; what was voted for stays to be counted."""
    rows = zip(*(_table(folder, "votes").to_pylist() for folder in (full, opened)), strict=True)
    for before, after in rows:
        span = before["field"].endswith("_span")
        assert (before["value"] == after["value"]) == (before["value"] is None or not span)
        for one, other in zip(before["votes"], after["votes"], strict=True):
            assert (one["n"], one["annotator_kind"]) == (other["n"], other["annotator_kind"])
            assert (one["value"] == other["value"]) == (one["value"] is None or not span)


def test_it_says_what_it_is(opened: Path) -> None:
    package = json.loads((opened / "datapackage.json").read_bytes())
    assert package["edition"] == edition_of(opened) == "open"
    card = (opened / "README.md").read_text(encoding="utf-8")
    assert "Open edition" in card
    assert "espress rejoin" in card


def test_the_same_edition_gives_the_same_bytes(full: Path, opened: Path, tmp_path: Path) -> None:
    write_open(full, tmp_path / "again", read_params())
    for path in (tmp_path / "again").rglob("*.*"):
        assert path.read_bytes() == (opened / path.relative_to(tmp_path / "again")).read_bytes(), path.name


def test_a_full_edition_that_calls_itself_open_holds_texts_and_fails(full: Path, tmp_path: Path) -> None:
    """An open edition skips checks that read texts, so it must have none."""
    folder = describe(copy_tables(tmp_path / "claimed"), "1.0.0", edition="open")
    assert edition_of(folder) == "open"
    with connect(folder) as connection:
        found = run_queries(connection, [check for check in all_checks("open") if check.id.endswith(".withheld")])
    assert "articles.text.withheld" in {one.check for one in found}


def test_it_passes_all_checks_but_those_that_read_words(full: Path, tmp_path: Path) -> None:
    """Through Great Expectations as well: slow, hence the one test of it."""
    outcome = open_edition(full, tmp_path / "open")
    assert outcome.incidents == ()
    ran = {check.id for check in outcome.ran}
    left_out = {check.id for check in all_checks() if check.level < 5} - ran
    assert {"text-hash", "unit-offsets", "articles.text.not-null"} <= left_out
    assert "open-quotes-nothing" in ran
    assert all(
        re.search(
            "text|quote|span|line|offsets|cover|masks|trimmed|gold-entries|gold-votes|title|computed|constructed-apart",
            one,
        )
        for one in left_out
    )
    assert compare_with_sums(tmp_path / "open") == ()
    record = json.loads((tmp_path / "open" / "incidents.json").read_bytes())
    assert {check["id"] for check in record["checks"]} == ran
    assert outcome.skipped[4].endswith("because this edition withholds texts")


def test_it_may_follow_a_release_of_the_full_edition(full: Path, opened: Path) -> None:
    """What a release compares with the one before: of the open edition all but the words."""
    outcome = validate(opened, range(5, 6), full)
    assert outcome.incidents == ()
    assert "folds-remain" in {check.id for check in outcome.ran}


def test_it_is_made_of_a_sound_full_edition_into_an_empty_folder(full: Path, opened: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is an open edition already"):
        open_edition(opened, tmp_path / "open")
    with pytest.raises(InputError, match="is not empty"):
        open_edition(full, opened)
    shutil.copytree(full, tmp_path / "changed")
    (tmp_path / "changed" / "LICENSE-DATA").write_text("other")
    with pytest.raises(DamagedDataError, match="LICENSE-DATA"):
        open_edition(tmp_path / "changed", tmp_path / "open")
    assert not (tmp_path / "open").exists()


def test_a_word_too_many_stops_it(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that quotes is named; the other checks, which are slow, are left out here."""
    monkeypatch.setattr("espress_build.open_edition.edition.validate", lambda *_arguments: Outcome((), (), {}))
    shutil.copytree(full, tmp_path / "full")
    words = " ".join(_table(full, "articles")["text"][0].as_py().split()[:12])
    change(tmp_path / "full", "events", lambda rows: [rows[0] | {"description": words}, *rows[1:]])
    with pytest.raises(ChecksFailedError, match=r"events\.description shares") as raised:
        open_edition(tmp_path / "full", tmp_path / "open")
    assert "open-quotes-nothing" in str(raised.value)
