"""What a format cannot hold is refused with its row named; what cannot be written leaves nothing behind."""

from __future__ import annotations

import csv
import datetime as dt
import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.espress.exporters.read_back import FORMATS, write

import espress
from espress.cli.main import main
from espress.data.resolve import find
from espress.errors import InputError, MissingLibraryError, UnknownNameError
from espress.exporters import export, formats

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
    ("dta", dt.date(99, 1, 1), "year 100|pandas before version 3"),
    ("sav", "é" * 16_384, "32,767 bytes"),
    ("sav", "a ", "space at the end"),
    ("sav", "a\0b", "NUL"),
    ("sav", dt.date(1582, 10, 14), "1582-10-15"),
]


@pytest.mark.parametrize(("to", "value", "what"), CASES, ids=lambda part: str(part)[:20])
def test_a_value_that_the_format_cannot_hold_is_refused_by_row(to: str, value: Any, what: str, tmp_path: Path) -> None:
    rows = pa.table({"article_id": ["a-1", "b-2", "c-3"], "value": [None, value, None]})
    with pytest.raises(InputError, match=what) as caught:
        write(rows, to, tmp_path, config="articles")
    assert "articles.value: 1 cell with " in str(caught.value)
    assert "article_id b-2" in str(caught.value)
    assert "--config" in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("to", ["xlsx", "dta", "sav"])
def test_a_value_at_the_limit_is_written(to: str, tmp_path: Path) -> None:
    assert write(pa.table({"text": ["x" * 32_767]}), to, tmp_path).stat().st_size > 100


EMPTY, MANY = pa.table({"text": [None, "", "x"]}), pa.table({"text": ["x " for _ in range(7)]})
LONG = pa.table({"n": pa.array([1] * 1_048_576, pa.int32())})


@pytest.mark.parametrize(
    ("rows", "to", "says"),
    [
        (EMPTY, "dta", r"cannot tell from a null: row 2"),
        (EMPTY, "sav", r"cannot tell from a null: row 2"),
        (MANY, "sav", r"7 cells .*: row 1, row 2, row 3, row 4, row 5 and 2 more"),
        (LONG, "xlsx", "1,048,576 rows and 1 columns; a table may have 1,048,575"),
    ],
)
def test_a_table_that_the_format_cannot_hold_is_refused(rows: pa.Table, to: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        write(rows, to, tmp_path)
    if rows is EMPTY:
        write(pa.table({"text": ["", "x"]}), to, tmp_path)  # without a null it is clear


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
def test_a_full_disk_leaves_the_earlier_export_unchanged(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / f"out.{to}"
    espress.export(to, place, ["events"], overwrite=True)
    before = place.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    whole = formats.FORMATS[to]
    monkeypatch.setitem(formats.FORMATS, to, replace(whole, write=full))
    with pytest.raises(InputError, match=r"No space left on device\. No partial files were left"):
        espress.export(to, place, ["events"], overwrite=True)
    assert place.read_bytes() == before
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("to", FORMATS)
def test_each_writer_reports_a_disk_that_is_really_full(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    form = formats.choose_format(to, excel_safe=False)
    (item,) = export._read_tables(["events"], find())
    ready = form.prepare(item)
    with pytest.raises(OSError, match=r"(?i)space|full|disk|write|open|i/o"):
        form.write([ready] if form.together else ready, Path("/dev/full"))


def test_existing_files_are_replaced_only_with_overwrite(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("coded by hand", encoding="utf-8")
    with pytest.raises(InputError, match=r"events\.csv exists.*--overwrite"):
        espress.export("csv", tmp_path, ["events"])
    assert [path.name for path in tmp_path.iterdir()] == ["events.csv"]
    espress.export("csv", tmp_path, ["events"], overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["about.csv", "dictionary.csv", "events.csv"]
    assert (tmp_path / "events.csv").read_text(encoding="utf-8").startswith('"event_id"')


def test_a_killed_overwrite_leaves_no_about_that_describes_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    espress.export("csv", tmp_path, ["events"], version="0.1.0")
    replace_file = Path.replace
    replaced: list[str] = []

    def kill(path: Path, target: Path) -> Path:
        if replaced:
            raise KeyboardInterrupt
        replaced.append(target.name)
        return replace_file(path, target)

    monkeypatch.setattr(Path, "replace", kill)
    with pytest.raises(KeyboardInterrupt):
        espress.export("csv", tmp_path, ["events"], overwrite=True)
    assert replaced == ["events.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dictionary.csv", "events.csv"]


def test_tables_of_another_version_do_not_stay_beside_new_ones(tmp_path: Path) -> None:
    espress.export("csv", tmp_path, ["events", "outlets"], version="0.1.0")
    with pytest.raises(InputError, match=r"another version with more tables: outlets\.csv; nothing was written"):
        espress.export("csv", tmp_path, ["events"], overwrite=True)
    assert "0.1.0" in (tmp_path / "about.csv").read_text(encoding="utf-8")
    espress.export("csv", tmp_path, ["events"], version="0.1.0", overwrite=True)


WRONG: list[tuple[str, str, dict[str, Any], type[Exception], str]] = [
    ("sqlite", "", {"overwrite": True}, InputError, r"exists already; nothing was written"),
    ("csv", "no/such", {"configs": ["events"]}, InputError, r"there is no folder"),
    ("csv", "all.csv", {}, InputError, r"holds one table"),
    ("csv", "", {"configs": []}, InputError, r"nothing can be exported"),
    ("excel", "", {}, UnknownNameError, "xlsx"),
    ("csv", "new", {"configs": ["article"]}, UnknownNameError, "articles"),
    ("csv", "new", {"version": "99.0.0"}, UnknownNameError, "version"),
    ("xlsx", "x.xlsx", {"excel_safe": True}, InputError, "Only csv"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[-1])
def test_a_wrong_place_format_table_or_version_is_refused(
    wrong: tuple[str, str, dict[str, Any], type[Exception], str], tmp_path: Path
) -> None:
    to, place, options, error, says = wrong
    with pytest.raises(error, match=says):
        espress.export(to, tmp_path / place, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("to", "library"), [("duckdb", "duckdb"), ("xlsx", "xlsxwriter"), ("dta", "pandas"), ("sav", "pyreadstat")]
)
def test_a_missing_library_is_reported_with_the_command_that_installs_it(
    to: str, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(MissingLibraryError, match=rf"{library}.*\.whl\[export\]"):
        espress.export(to, tmp_path / f"events.{to}", ["events"])
    assert not list(tmp_path.iterdir())


FORMULAS = [
    *(
        f"{blank}{sign}1+1"
        for blank in ("\n", "\r\n", " ", "\u00a0", "\u3000", "\ufeff", "\u200b", '"', " \n\t")
        for sign in "=+-@＝＋－＠"
    ),
    *("a;=1+1", "a; =1+1", 'a;"=1+1', "a\n=1+1", "a\r\n @x", "a\t=1", "a;＝1", "a|=1"),
]


@pytest.mark.parametrize("semicolons", [True, False])
def test_no_cell_of_an_excel_safe_file_begins_with_a_formula_with_any_separator(
    semicolons: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    path = write(pa.table({"n": range(len(FORMULAS)), "text": FORMULAS}), "csv", tmp_path, excel_safe=True)
    text = path.read_text(encoding="utf-8-sig")
    if semicolons:  # no cell begins with a quote, so Excel honours none
        cells = [cell for line in text.splitlines() for part in line.split("\t") for cell in part.split(";")]
    else:
        cells = [row[1] for row in csv.reader(text.splitlines(keepends=True))][1:]
        assert all(cell.startswith("'") for cell in cells)
    shown = [cell.lstrip(' \n\t\r\u00a0\u3000\ufeff\u200b"') for cell in cells]
    assert not [cell for cell in shown if cell[:1] in tuple("=+-@＝＋－＠")]


def test_formulas_in_an_excel_safe_file_get_an_apostrophe_and_other_texts_do_not(tmp_path: Path) -> None:
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
    with pytest.raises(InputError, match="32,767 characters"):
        write(pa.table({"text": ["x" * 32_768]}), "csv", tmp_path, excel_safe=True)
