"""What a format cannot hold is refused with its row named; what cannot be written leaves nothing behind."""

from __future__ import annotations

import datetime as dt
import errno
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.espress.exporters.read_back import FORMATS, write

import espress
from espress.cli.main import main
from espress.data.resolve import find
from espress.exporters import export, formats

if TYPE_CHECKING:
    from pathlib import Path

CASES: list[tuple[str, Any, str]] = [
    ("xlsx", "x" * 32_768, "32,767 characters"),
    ("xlsx", "😀" * 16_384, "32,767 characters"),  # Excel counts each as two
    ("xlsx", "\n" * 254, "253 line feeds"),
    ("xlsx", "a\rb", "control character"),
    ("xlsx", "\x00", "control character"),
    ("xlsx", dt.date(1899, 12, 31), "date before 1900"),
    ("xlsx", 2**53, "rounded"),
    ("xlsx", float("inf"), "NaN or infinity"),
    ("jsonl", float("nan"), "NaN or infinity"),
    ("sqlite", "a\0b", "NUL"),
    ("dta", "a\0b", "NUL"),
    ("dta", -(2**53), "rounded"),
    ("dta", 9e307, "missing values"),
    ("dta", dt.date(99, 1, 1), "year 100"),
    ("sav", "é" * 16_384, "32,767 bytes"),
    ("sav", "a ", "space at the end"),
    ("sav", "a\0b", "NUL"),
    ("sav", dt.date(1582, 10, 14), "1582-10-15"),
]


@pytest.mark.parametrize(("to", "value", "what"), CASES, ids=lambda part: str(part)[:20])
def test_a_value_that_the_format_cannot_hold_is_refused_by_row(to: str, value: Any, what: str, tmp_path: Path) -> None:
    rows = pa.table({"article_id": ["a-1", "b-2", "c-3"], "value": [None, value, None]})
    with pytest.raises(espress.InputError, match=what) as caught:
        write(rows, to, tmp_path, config="articles")
    assert "articles.value: 1 cell with " in str(caught.value)
    assert "article_id b-2" in str(caught.value)
    assert "--config" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", ["xlsx", "dta", "sav"])
def test_a_value_at_the_limit_is_written(to: str, tmp_path: Path) -> None:
    assert write(pa.table({"text": ["x" * 32_767]}), to, tmp_path).stat().st_size > 100


@pytest.mark.parametrize("to", ["dta", "sav"])
def test_an_empty_string_beside_a_null_is_refused_where_they_would_be_the_same(to: str, tmp_path: Path) -> None:
    with pytest.raises(espress.InputError, match=r"cannot tell from a null: row 2"):
        write(pa.table({"text": [None, "", "x"]}), to, tmp_path)
    write(pa.table({"text": ["", "x"]}), to, tmp_path)


def test_many_faults_are_counted_and_five_named(tmp_path: Path) -> None:
    with pytest.raises(espress.InputError, match=r"7 cells .*: row 1, row 2, row 3, row 4, row 5 and 2 more"):
        write(pa.table({"text": ["x " for _ in range(7)]}), "sav", tmp_path)


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    rows = pa.table({"n": pa.array([1] * 1_048_576, pa.int32())})
    with pytest.raises(espress.InputError, match="1,048,576 rows and 1 columns; a table may have 1,048,575"):
        write(rows, "xlsx", tmp_path)


@pytest.fixture
def too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The corpus with one text that no cell of a workbook holds."""
    from espress.data import load as loading

    load = loading.load

    def one_too_long(config: str, **options: Any) -> Any:
        table = load(config, **options)
        if config != "articles":
            return table
        texts = ["x" * 40_000, *table["text"].to_pylist()[1:]]
        return table.set_column(table.column_names.index("text"), "text", pa.array(texts))

    monkeypatch.setattr(loading, "load", one_too_long)


def test_the_command_names_table_row_and_column_exits_2_and_leaves_nothing(
    too_long: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = espress.load("articles", as_="arrow")["article_id"][0].as_py()
    assert main(["export", "--to", "xlsx", "--out", str(tmp_path / "all.xlsx")]) == 2
    assert "articles.text: 1 cell with more than 32,767 characters" in (err := capsys.readouterr().err)
    assert f"article_id {first}" in err
    assert not list(tmp_path.iterdir())
    assert main(["export", "--to", "dta", "--config", "articles", "--out", str(tmp_path / "articles.dta")]) == 0


@pytest.mark.parametrize("to", FORMATS)
def test_a_full_disk_is_said_and_leaves_what_was_there(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / f"out.{to}"
    espress.export(to, place, ["events"], overwrite=True)
    before = place.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole = formats.FORMATS[to]
    monkeypatch.setitem(formats.FORMATS, to, replace(whole, write=full))
    with pytest.raises(espress.InputError, match=r"No space left on device\. Nothing was left there"):
        espress.export(to, place, ["events"], overwrite=True)
    assert place.read_bytes() == before
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("to", ["sqlite", "duckdb", "xlsx", "csv", "jsonl", "dta", "sav"])
def test_each_writer_reports_a_disk_that_is_really_full(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path as AnyPath

    if not AnyPath("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    form = formats.choose_format(to, excel_safe=False)
    (item,) = export._read_tables(["events"], find())
    ready = form.prepare(item)
    with pytest.raises(OSError, match=r"(?i)space|full|disk|write|open|i/o"):
        form.write([ready] if form.together else ready, AnyPath("/dev/full"))


def test_what_is_there_stays_unless_overwriting_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("coded by hand", encoding="utf-8")
    with pytest.raises(espress.InputError, match=r"events\.csv exists.*--overwrite"):
        espress.export("csv", tmp_path, ["events"])
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]
    espress.export("csv", tmp_path, ["events"], overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["about.csv", "dictionary.csv", "events.csv"]
    assert (tmp_path / "events.csv").read_text(encoding="utf-8").startswith('"event_id"')


def test_a_folder_in_the_way_and_a_missing_one_are_said(tmp_path: Path) -> None:
    with pytest.raises(espress.InputError, match=r"exists already; nothing was written"):
        espress.export("sqlite", tmp_path, overwrite=True)
    with pytest.raises(espress.InputError, match=r"there is no folder"):
        espress.export("csv", tmp_path / "no" / "such", ["events"])
    with pytest.raises(espress.InputError, match=r"holds one table"):
        espress.export("csv", tmp_path / "all.csv")
    with pytest.raises(espress.InputError, match=r"nothing can be exported"):
        espress.export("csv", tmp_path, [])


def test_a_wrong_format_table_or_version_is_answered_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(espress.UnknownNameError, match="xlsx"):
        espress.export("excel", tmp_path)
    with pytest.raises(espress.UnknownNameError, match="articles"):
        espress.export("csv", tmp_path / "new", ["article"])
    with pytest.raises(espress.UnknownNameError, match="version"):
        espress.export("csv", tmp_path / "new", version="99.0.0")
    with pytest.raises(espress.InputError, match="Only csv"):
        espress.export("xlsx", tmp_path / "x.xlsx", excel_safe=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("to", "library"), [("duckdb", "duckdb"), ("xlsx", "xlsxwriter"), ("dta", "pandas"), ("sav", "pyreadstat")]
)
def test_a_missing_library_is_named_with_what_to_type(
    to: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(espress.MissingLibraryError, match=rf"{library}.*espress\[export\]"):
        espress.export(to, tmp_path / f"events.{to}", ["events"])
    assert not list(tmp_path.iterdir())


def test_what_excel_takes_for_a_formula_it_gets_as_text_and_is_told_apart_by_nothing_else(tmp_path: Path) -> None:
    import csv

    texts = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "a\r\nb", "plain", "", None, 'say "x", y']
    rows = pa.table({"text": texts, "n": list(range(-5, 6)), "known": [True, False, None] * 3 + [True, None]})
    path = write(rows, "csv", tmp_path, excel_safe=True)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbftext,n,known\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))[1:]
    expected = ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", "'\nx", "a\nb", "plain", "", "", 'say "x", y']
    assert [row[0] for row in found] == expected
    assert [row[1] for row in found] == [str(n) for n in range(-5, 6)]  # a number may be negative
    assert {row[2] for row in found} == {"TRUE", "FALSE", ""}
    assert b"\r" not in data.replace(b"\r\n", b"")
    with pytest.raises(espress.InputError, match="32,767 characters"):
        write(pa.table({"text": ["x" * 32_768]}), "csv", tmp_path, excel_safe=True)
