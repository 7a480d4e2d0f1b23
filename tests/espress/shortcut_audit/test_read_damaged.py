"""Damaged and odd input of an audit is refused with file, line or column, or read with the right values."""

from __future__ import annotations

import decimal
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from espress.errors import InputError
from espress.shortcut_audit.read.corpus import Wanted, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WANTED = Wanted("text", "label", ("group",))
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def refuse(data: object) -> str:
    with pytest.raises(InputError) as caught:
        read(data, WANTED)
    return str(caught.value)


# ------------------------------------------------------------------------------------------------ workbooks


def write_book(path: Path, rows: list[list[Any]], *, inline: bool = False) -> Path:
    book = xlsxwriter.Workbook(str(path), {"constant_memory": inline})
    sheet = book.add_worksheet()
    for number, row in enumerate([["text", "label", "group"], *rows]):
        for place, value in enumerate(row):
            sheet.write(number, place, value)
    book.close()
    return path


def change(path: Path, part: str, edit: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, edit(content) if name == part else content)
    return path


@pytest.mark.parametrize("inline", [True, False])
def test_escapes_of_excel_are_undone_and_groups_that_look_like_them_stay_apart(tmp_path: Path, inline: bool) -> None:  # noqa: FBT001
    groups = ["0x005F_FF", "0FF", "_x000D_", "_x005F_", "a\rb", "x005F_"]  # xlsxwriter escapes what it must
    path = write_book(tmp_path / "votes.xlsx", [["t", "l", group] for group in groups], inline=inline)
    assert read(path, WANTED).table["group"].to_pylist() == groups


def test_an_escape_that_another_program_wrote_is_undone(tmp_path: Path) -> None:
    path = write_book(tmp_path / "votes.xlsx", [["one", "l", "g"]])
    change(path, STRINGS, lambda text: text.replace(b"<t>one", b"<t>one_x000D_\ntwo_x0041_"))
    assert read(path, WANTED).table["text"].to_pylist() == ["one\r\ntwoA"]


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        (SHEET, rb"<v>2</v>.*", b"", "after row 2|while it is opened"),
        (SHEET, rb"</sheetData>.*", b"</sheetD", "sheet 'Sheet1', after row 4"),
        (SHEET, rb"<v>2</v>", b"<v>abc</v>", "'abc'"),
        (SHEET, rb't="s"><v>5<', b't="s"><v>99<', "sheet 'Sheet1', after row 2: a cell refers to text 99 of 8"),
        (SHEET, rb't="s"><v>5<', b't="s"><v>-1<', "after row 2: a cell refers to text -1 of 8"),
        (SHEET, rb'r="C3"', b'r="??"', "after row 2"),
        (SHEET, rb'<c r="C3">', b'<c r="C3" t="d">', "after row 2"),
        (STRINGS, rb"<si>.*", b"<si>", "cannot be read as an Excel workbook"),
        ("xl/workbook.xml", rb"<sheets>.*", b"", "cannot be read as an Excel workbook"),
    ],
)
def test_a_damaged_workbook_is_refused_with_its_place(
    tmp_path: Path, part: str, old: bytes, new: bytes, told: str
) -> None:
    path = write_book(tmp_path / "votes.xlsx", [["a", "x", 1], ["b", "y", 2], ["c", "x", 3]])
    change(path, part, lambda text: re.sub(old, new, text, flags=re.DOTALL))
    message = refuse(path)
    assert re.search(told, message)
    assert message.startswith("votes.xlsx cannot be read as an Excel workbook")


def test_a_workbook_with_any_byte_changed_is_read_or_refused(tmp_path: Path) -> None:
    path = write_book(tmp_path / "votes.xlsx", [["a", "x", 1], ["b", "y", 2]])
    whole = path.read_bytes()
    for place in range(30, len(whole), 41):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            read(path, WANTED)
        except InputError:
            continue


def test_a_small_workbook_that_holds_gigabytes_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_book(tmp_path / "votes.xlsx", [["a", "x", 1]])
    row = b'<row><c t="inlineStr"><is><t>' + b"a" * 32_000 + b"</t></is></c></row>"
    change(path, SHEET, lambda text: text.replace(b"</sheetData>", row * 1_000 + b"</sheetData>"))
    assert "unpacks from" in refuse(path)
    write_book(path, [["a" * 30_000, "x", 1]] * 40)  # one text that 40 cells refer to
    monkeypatch.setattr("espress.shortcut_audit.read.excel_file._MOST_CHARACTERS", 1_000_000)
    assert "sheet 'Sheet1': more than 1,000,000 characters" in refuse(path)


# ------------------------------------------------------------------------------------------------ JSON Lines


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("9" * 5_000, "line 2: a number has more than 4,300 digits"),
        ("[" * 200_000 + "]" * 200_000, "line 2: brackets are nested too deeply"),
        ("[" * 200_000, "line 2: brackets are nested too deeply"),
        ('"1","group":"2"', "line 2: the key 'group' occurs twice"),
    ],
)
def test_a_line_of_json_that_cannot_be_read_is_named(tmp_path: Path, value: str, told: str) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text('{"text":"a","label":"x","group":1}\n{"text":"b","label":"y","group":' + value + "}\n")
    assert told in refuse(path)


def test_an_integer_that_no_float_holds_keeps_its_digits(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(f'{{"text":"a","label":"x","group":{10**309 + n}}}\n' for n in range(2)))
    assert read(path, WANTED).table["group"].to_pylist() == [str(10**309), str(10**309 + 1)]


# ------------------------------------------------------------------------------------------------ Arrow and Parquet


def make_table(group: Any = ("1", "2", "1"), label: Any = ("x", "y", "x")) -> pa.Table:
    return pa.table({"text": ["a", "b", "c"], "label": label, "group": group})


@pytest.mark.parametrize("code", [-100, -2, 7])
def test_a_class_without_a_name_is_refused(code: int) -> None:
    table = make_table(label=pa.array([0, code, 1]))
    features = {"label": {"_type": "ClassLabel", "names": ["no", "yes"]}}
    metadata = json.dumps({"info": {"features": features}})
    message = refuse(table.replace_schema_metadata({"huggingface": metadata}))
    assert f"column 'label' holds class {code}, but classes 0 to 1 have names" in message


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ("{x", "the metadata of `datasets` in it cannot be read"),
        ("\N{LATIN SMALL LETTER Y WITH DIAERESIS}", "the metadata of `datasets` in it cannot be read"),
        ("[]", "the metadata of `datasets` in it cannot be read"),
        ("[" * 100_000, "the metadata of `datasets` in it cannot be read"),
        ('{"info":null}', "the metadata of `datasets` in it cannot be read"),
        ('{"info":{"features":null}}', "the metadata of `datasets` in it cannot be read"),
        ('{"info":{"features":{"label":{"_type":"ClassLabel"}}}}', "column 'label' is a ClassLabel without"),
        ('{"info":{"features":{"label":{"_type":"ClassLabel","names":[1]}}}}', "column 'label' is a ClassLabel"),
    ],
)
def test_metadata_that_datasets_did_not_write_is_refused(tmp_path: Path, metadata: str, told: str) -> None:
    path = tmp_path / "votes.parquet"
    table = make_table(label=pa.array([0, 1, 0])).replace_schema_metadata({b"huggingface": metadata.encode("latin-1")})
    pq.write_table(table, path)
    assert told in refuse(path)
    assert told in refuse(table)


@pytest.mark.parametrize("form", ["plain", "dictionary"])
def test_text_that_is_not_utf_8_is_refused_with_its_rows(tmp_path: Path, form: str) -> None:
    cells = pa.array([b"a", b"b\xff", b"a"])
    texts = pa.Array.from_buffers(pa.string(), 3, cells.buffers())
    table = make_table(texts.dictionary_encode() if form == "dictionary" else texts)
    pq.write_table(table, tmp_path / "votes.parquet")
    assert "column 'group' holds text that is not UTF-8 in row 2" in refuse(tmp_path / "votes.parquet")
    assert "column 'group' holds text that is not UTF-8 in row 2" in refuse(table)


def test_a_column_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    pq.write_table(make_table().append_column("other", pa.array([1, 2, 3])), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"other", b"oth\xffr"))
    assert "votes.parquet cannot be read as Parquet" in refuse(path)


@pytest.mark.parametrize(
    "group",
    [pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval()), pa.array([1, 2, 3], pa.timestamp("s", tz="Mars/X"))],
    ids=["interval", "zone"],
)
def test_an_arrow_type_without_a_text_form_is_refused(group: Any) -> None:
    assert "column 'group' holds" in refuse(make_table(group))


# ------------------------------------------------------------------------------------------------ data frames and lists


@pytest.mark.parametrize(
    "group",
    [
        [1 + 2j, 2, 3],
        pd.interval_range(0, 3),
        pd.period_range("2020", periods=3, freq="M"),
        np.array([1, 2, 3], np.longdouble),
        pd.Series([10**5_000, 1, 2], dtype=object),
        pd.Series([1j, 1, 2], dtype=object),
        pd.Series([np.array(["x", "y"]), 1, 2], dtype=object),
    ],
    ids=["complex", "interval", "period", "long double", "digits", "object complex", "array"],
)
def test_a_column_of_pandas_without_a_text_form_is_refused(group: Any) -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "label": ["x", "y", "x"], "group": group})
    assert "column 'group' holds" in refuse(frame)
    assert "Make all its values text" in refuse(frame)


def test_sparse_columns_are_read() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "label": pd.arrays.SparseArray([1, 0]), "group": ["x", "y"]})
    assert read(frame, WANTED).table["label"].to_pylist() == ["1", "0"]


def test_objects_of_polars_are_refused_only_in_a_wanted_column() -> None:
    frame = pl.from_arrow(make_table())
    assert isinstance(frame, pl.DataFrame)
    objects = pl.Series("group", [object(), 1, 2], dtype=pl.Object)
    assert "column 'group' holds Python objects" in refuse(frame.with_columns(objects))
    assert read(frame.with_columns(objects.alias("other")), WANTED).table.num_rows == 3


def test_numbers_in_lists_are_read_or_refused() -> None:
    rows = [{"text": "a", "label": "x", "group": value} for value in (10**309, decimal.Decimal("NaN"), 2)]
    assert read(rows, WANTED).table["group"].to_pylist() == [str(10**309), None, "2"]
    assert "complex numbers in row 1" in refuse([{"text": "a", "label": "x", "group": 1j}])
