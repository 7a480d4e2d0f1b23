"""A corpus is read whole and as it is, or refused with the place of the fault and what to do."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.errors import InputError
from espress.shortcut_audit.read.corpus import Corpus, Wanted, read

WANTED = Wanted("text", "label", ("outlet",))
PLAIN = "text,label,outlet\nhello,1,A\nyou,,B\n"
ROWS = [{"text": "hello", "label": "1", "outlet": "A"}, {"text": "you", "label": None, "outlet": "B"}]


def read_text(folder: Path, name: str, content: str | bytes, wanted: Wanted = WANTED) -> Corpus:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, wanted)


def refusal(folder: Path, name: str, content: str | bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_text(folder, name, content)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_with_any_usual_delimiter_line_end_and_mark(tmp_path: Path, delimiter: str, ends: str, mark: str) -> None:
    found = read_text(tmp_path, "votes.csv", mark + PLAIN.replace(",", delimiter).replace("\n", ends))
    assert found.table.to_pylist() == ROWS
    assert (found.source, found.split, found.name_rows([0, 1])) == ("votes.csv", None, "lines 2, 3")


def test_rows_are_named_by_the_line_where_they_begin_and_other_columns_are_left_out(tmp_path: Path) -> None:
    content = 'id,text,label,outlet\n1,"one\ntwo",1,A\n\n2,three,1,A\n' + "3,x,1,A\n" * 9
    found = read_text(tmp_path, "votes.csv", content, Wanted("text", "label", ("outlet",), cluster="outlet"))
    assert found.table.column_names == ["text", "label", "outlet"]
    assert found.table["text"].to_pylist()[:2] == ["one\ntwo", "three"]
    assert found.name_rows([0]) == "line 2"
    assert found.name_rows(range(11)) == "lines 2, 5, 6, 7, 8 and 6 more"
    assert found.name_rows([0, 1], total=40) == "lines 2, 5 and 38 more"


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8), st.sampled_from([*",;\t|", "jsonl"]))
@settings(max_examples=100)
def test_files_give_back_what_a_writer_wrote(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], form: str
) -> None:
    stream = io.StringIO(newline="")
    if form == "jsonl":
        stream.writelines(json.dumps(dict(zip(WANTED.columns, row, strict=True))) + "\n" for row in rows)
    else:
        csv.writer(stream, delimiter=form, quoting=csv.QUOTE_ALL).writerows([WANTED.columns, *rows])
    name = "votes.jsonl" if form == "jsonl" else "votes.csv"
    found = read_text(tmp_path_factory.mktemp("written"), name, stream.getvalue())
    assert [tuple(row.values()) for row in found.table.to_pylist()] == [tuple(c or None for c in row) for row in rows]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('text,label,outlet\na,1,X\n"b\nb",2,"Y\nc,3,Z\n', "line 4: a quote opens here ('\"Y"),
        ('text,label,outlet\na,1,X\n"b,2,Y\nc,3,Z\n"d",4,Z\n', "in line 5, is followed by 'd"),
        ('text,label,outlet\n"he said "no" twice",2,Y\n', "line 2: a quote opens here"),
        ('text,label,outlet\n"he said \\"no\\"",2,Y\n', "write a quote inside a quoted field twice"),
        ("text,label,outlet\na,1,X\nb,c,2,Y\n" + '"d\nd",3\n' * 8, "line 3: 4 fields; lines 4 to 5: 2 fields"),
        ("text,label,outlet\n" + "a,1\n" * 8, "line 6: 2 fields and 3 more."),
        ("text label outlet\na 1 X\n", "1 column found in its first line, 'text label outlet'"),
        ("Text;lable;outlet\na;1;X\n", "(separated by semicolons): there is no column 'label'. Nearest: 'lable'."),
        ("text,label,label,outlet\na,1,1,X\n", "2 columns are called 'label'. Rename all but one."),
        ("", "is empty: it has no bytes"),
        ("\n\n", "is empty: it has no line of column names"),
        ("text,label,outlet\n", "votes.csv holds no rows"),
        (PLAIN + "a\0b,1,A\n", "line 4: the byte at offset 36 is zero"),
    ],
)
def test_a_faulty_csv_is_refused_with_its_line(tmp_path: Path, content: str, told: str) -> None:
    assert told in refusal(tmp_path, "votes.csv", content)


@pytest.mark.parametrize(
    ("encoding", "text", "told"),
    [
        ("cp1252", "Müller übt „nein“", "cp1252 (the text there then reads 'Müller übt „nein“"),
        ("cp1252", "x" * 200 + " Müller", "cp1252 (the text there then reads '…xxxxxxxxxxxxxxxxxxxxxxxxxxxx Müller"),
        ("gb18030", "中国国家安全部今天表示间谍案件正在调查", "gb18030 (the text there then reads '中国国家安全部"),
        ("utf-16", "plain", "utf_16."),
        ("utf-16-le", "plain", "utf_16_le."),
    ],
)
def test_bytes_that_are_not_utf_8_are_named_and_never_guessed_away(
    tmp_path: Path, encoding: str, text: str, told: str
) -> None:
    message = refusal(tmp_path, "votes.csv", f"text,label,outlet\nok,1,A\n{text},1,A\n".encode(encoding))
    assert told in message
    assert "the byte at offset" in message
    suggested = re.search(r"add --encoding (\S+) to the command", message)
    assert suggested is not None
    found = read(tmp_path / "votes.csv", WANTED, suggested[1])
    assert found.table["text"].to_pylist() == ["ok", text]


@pytest.mark.parametrize("name", ["votes.csv", "votes.jsonl"])
def test_a_named_encoding_is_used_and_never_replaced_by_another(tmp_path: Path, name: str) -> None:
    line = (
        '{"text": "dřívě", "label": "a", "outlet": "A"}' if name.endswith("jsonl") else "text,label,outlet\ndřívě,a,A"
    )
    (tmp_path / name).write_bytes(f"{line}\n".encode("cp1250"))
    assert read(tmp_path / name, WANTED, "windows-1250").table["text"].to_pylist() == ["dřívě"]
    for wrong, told in [
        ("utf8", "not UTF-8"),
        ("ascii", r"line \d: what follows '.*d' is not ascii: byte 0xf8 at offset \d+\. Name another encoding"),
        ("utf-16", r"is not utf-16: |what follows '' is not utf-16: byte 0x"),
        ("klingon", "'klingon' is not the name of a text encoding. Usual names are"),
        ("hex", "'hex' is not the name of a text encoding"),
    ]:
        with pytest.raises(InputError, match=told):
            read(tmp_path / name, WANTED, wrong)


def test_an_encoding_for_data_without_encoding_is_refused(tmp_path: Path) -> None:
    for data in (ROWS, tmp_path / "votes.parquet"):
        with pytest.raises(InputError, match=r"`encoding` is for files that end in \.csv, \.tsv"):
            read(data, WANTED, "cp1252")


def test_the_limit_of_the_csv_module_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    long = "word " * 60_000
    assert read_text(tmp_path, "votes.csv", f"text,label,outlet\n{long},1,A\n").table["text"][0].as_py() == long
    assert csv.field_size_limit() == before


def test_json_lines_are_read_and_faulty_lines_are_refused(tmp_path: Path) -> None:
    content = '{"text": "hello", "label": 1, "outlet": "A"}\n\n{"text": "you", "outlet": "B", "more": [1]}\n'
    found = read_text(tmp_path, "votes.jsonl", content)
    assert found.table.to_pylist() == ROWS
    assert found.name_rows([1]) == "line 3"
    message = refusal(tmp_path, "votes.jsonl", content + '[1]\n{"text":\n')
    assert "line 4: '[1]' is not an object" in message
    assert "line 5, column" in message
    assert "holds halves of characters in line 1" in refusal(
        tmp_path, "votes.jsonl", '{"text": "\\ud800", "label": 1, "outlet": "A"}\n'
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1, "1", 2], "holds numbers and text in row 2"),
        ([True, 0, False], "holds true/false and numbers in row 2"),
        (["a", ["a"], "b"], "holds text and lists or objects in row 2"),
        ([b"a", b"b", b"c"], "holds bytes in rows 1, 2, 3"),
    ],
)
def test_a_column_of_mixed_kinds_is_refused_with_rows(values: list[object], told: str) -> None:
    rows = [{"text": "a", "label": value, "outlet": "A"} for value in values]
    with pytest.raises(InputError, match=r"column 'label'") as caught:
        read(rows, WANTED)
    assert told in str(caught.value)


def labelled() -> Any:
    from datasets import ClassLabel, Dataset, Features, Value

    kinds = Features(text=Value("string"), label=ClassLabel(names=["no", "yes"]), outlet=Value("string"))
    return Dataset.from_dict({"text": ["a", "b", "c"], "label": [1, 0, -1], "outlet": ["A", "B", ""]}, features=kinds)


def test_class_labels_become_names_in_datasets_and_in_parquet(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    assert read(labelled().select([2, 0]), WANTED).table.to_pylist() == [
        {"text": "c", "label": None, "outlet": None},
        {"text": "a", "label": "yes", "outlet": "A"},
    ]
    pq.write_table(labelled().data.table, tmp_path / "votes.parquet")
    assert read(tmp_path / "votes.parquet", WANTED).table["label"].to_pylist() == ["yes", "no", None]


def test_the_parts_of_a_dataset_dict_become_the_split() -> None:
    from datasets import DatasetDict

    parts = DatasetDict(train=labelled(), test=labelled().select([1]))
    found = read(parts, WANTED)
    assert found.split == "split"
    assert found.table["split"].to_pylist() == ["train", "train", "train", "test"]
    with pytest.raises(InputError, match="split 'test' of the DatasetDict: there is no column 'label'"):
        read(DatasetDict(train=labelled(), test=labelled().remove_columns("label")), WANTED)
    with pytest.raises(InputError, match="is streamed"):
        read(labelled().to_iterable_dataset(), WANTED)


def rows_of(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def test_frames_and_tables_of_the_same_rows_read_the_same() -> None:
    import numpy as np
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    columns = {"text": ["a", "b"], "label": [3, None], "outlet": ["A", None]}
    frame, polars = pd.DataFrame(columns), pl.DataFrame(columns)  # pandas makes the labels floats
    for origin in (
        frame,
        frame.astype({"label": "Int64", "outlet": "category"}),
        frame.astype(object),
        polars,
        polars.with_columns(pl.col("outlet").cast(pl.Categorical)),
        pa.table(columns),
        rows_of(columns),
        rows_of({**columns, "label": [np.int64(3), float("nan")]}),
    ):
        assert read(origin, WANTED).table.to_pylist() == [
            {"text": "a", "label": "3", "outlet": "A"},
            {"text": "b", "label": None, "outlet": None},
        ]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([True, False], ["True", "False"]),
        ([dt.datetime(2020, 1, 2), dt.datetime(2020, 1, 3)], ["2020-01-02", "2020-01-03"]),  # noqa: DTZ001
        ([0.5, 2.0], ["0.5", "2"]),
    ],
)
def test_booleans_dates_and_numbers_read_alike_from_every_origin(values: list[object], texts: list[str]) -> None:
    import pyarrow as pa

    columns = {"text": ["a", "b"], "label": values, "outlet": ["A", "B"]}
    for origin in (pa.table(columns), rows_of(columns)):
        assert read(origin, WANTED).table["label"].to_pylist() == texts


@pytest.mark.parametrize("data", [3, None, {"text": ["a"]}, [], [1], (row for row in ROWS), "no-such.csv", Path()])
def test_other_objects_than_corpora_are_refused(data: object) -> None:
    with pytest.raises(InputError):
        read(data, WANTED)


def test_a_file_of_another_kind_and_a_broken_one_are_refused(tmp_path: Path) -> None:
    assert "files that can be read end in .csv" in refusal(tmp_path, "votes.pdf", "x")
    assert "cannot be read as Parquet" in refusal(tmp_path, "votes.parquet", "x")
    assert "cannot be read as an Excel workbook" in refusal(tmp_path, "votes.xlsx", "x")
    (tmp_path / "votes.csv").write_text(PLAIN, encoding="utf-8")
    with pytest.raises(InputError, match=r"Nearest in that folder: votes\.csv"):
        read(tmp_path / "vote.csv", WANTED)


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    import openpyxl  # type: ignore[import-untyped]

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


HEAD: list[object] = ["text", "label", "outlet"]


def test_excel_takes_the_sheet_with_the_columns_and_counts_its_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEAD, ["hello", 1, "A"], [None, None], ["you", None, "B"]]
    found = read(workbook(tmp_path / "votes.xlsx", notes=[["read me"]], votes=rows), WANTED)
    assert found.table.to_pylist() == ROWS
    assert found.name_rows([1]) == "sheet row 4"


@pytest.mark.parametrize(
    ("sheets", "told"),
    [
        ({"votes": []}, "no sheet holds anything in its first row"),
        ({"votes": [HEAD]}, "votes.xlsx holds no rows"),
        ({"one": [HEAD], "two": [HEAD]}, "the sheets 'one', 'two' all hold these columns"),
        ({"votes": [HEAD, ["a", "=1+1", "A"]]}, "a formula without a saved value in cell B2"),
        ({"votes": [HEAD, ["a", "#N/A", "A"]]}, "#N/A in cell B2"),
        ({"votes": [HEAD, ["a", 1, "A"], ["b", "one", "A"]]}, "holds numbers and text in sheet row 3"),
        ({"votes": [["text", "label"], ["a", 1]]}, "sheet 'votes': there is no column 'outlet'"),
    ],
)
def test_a_faulty_workbook_is_refused_with_its_cells(tmp_path: Path, sheets: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(workbook(tmp_path / "votes.xlsx", **sheets), WANTED)
    assert told in str(caught.value)
