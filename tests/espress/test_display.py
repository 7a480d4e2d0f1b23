"""What `espress info` and `espress show` print: readable at any width, with labels, obeying nothing in a text."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

import espress
from espress import display
from espress.cli.main import main
from espress.schema import schema
from espress.tables import measure_width, wrap
from espress.text import escape_for_terminal

ARTICLE = "global-times-20191106-1e8ce4fb"  # names private persons
EPOCH = "epoch-times-20190723-36a0d4b9"


def _rows(config: str, **columns: str) -> list[dict[str, Any]]:
    rows = espress.load(config, as_="arrow").to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in columns.items())]


# ---------------------------------------------------------------- one article


def test_each_unit_has_its_labels_beside_it() -> None:
    shown = display.show(EPOCH, width=120)
    lines = shown.splitlines()
    for unit in _rows("sentences", article_id=EPOCH):
        mark = unit["sentence_id"].removeprefix(f"{EPOCH}.")
        (start,) = [number for number, line in enumerate(lines) if line.startswith(f"{mark} ")]
        beside: list[str] = []
        for line in lines[start:]:
            if not line or (beside and not line.startswith(" ")):
                break
            beside.append(line)
        block = " ".join(" ".join(beside).split())
        assert unit["text"].split()[0] in block
        for entry in _rows("entries", sentence_id=unit["sentence_id"]):
            assert (entry["position"] or "–") in block
            assert (entry["source_id"] or "–") in block
            assert entry["cue_span"] is None or entry["cue_span"].split()[0] in block
            assert (entry["lapsed"] == "yes") <= ("lapsed from" in block)


def test_a_unit_that_bears_on_nothing_has_no_label() -> None:
    nothing = {row["sentence_id"] for row in _rows("relevance", article_id=EPOCH)}
    nothing -= {row["sentence_id"] for row in _rows("relevance", article_id=EPOCH) if row["bears_on"] != "no"}
    assert nothing
    labels = display._collect_labels(EPOCH)
    assert not nothing & {unit for unit, lines in labels.items() if lines}


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    for text in (display.show(ARTICLE, width=width), display.info("entries", width=width)):
        assert max(measure_width(line) for line in text.splitlines()) <= width
    facts = display.show(ARTICLE, everything=True, width=width)
    assert max(measure_width(line) for line in facts.splitlines()) <= width


@pytest.mark.parametrize(("columns", "width"), [("10", 60), ("80", 80), ("110", 110), ("400", 120)])
def test_the_width_is_that_of_the_terminal_within_limits(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert display.terminal_width() == width


def test_metadata_is_printed_on_demand_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", ARTICLE]) == 0
    assert "raw_sha256" not in capsys.readouterr().out
    assert main(["show", ARTICLE, "--all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ARTICLE
    assert any(line.split() == ["authors", "['Liu", "Xin']", "[text,", "high]"] for line in lines)
    assert any("raw_sha256" in line for line in lines)


def test_names_of_private_persons_are_replaced_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    names = {
        unit["text"][mask["mask_start"] : mask["mask_end"]]
        for unit in _rows("sentences", article_id=ARTICLE)
        for mask in unit["masks"]
        if mask["mask"].startswith("[PERSON")
    }
    assert names
    shown = display.show(ARTICLE)
    assert not [name for name in names if name in shown]
    assert "[PERSON_1]" in shown
    assert "--unmasked" in shown
    assert main(["show", ARTICLE, "--unmasked"]) == 0
    printed = capsys.readouterr().out
    assert [name for name in names if name in printed]
    assert "do not pass their names on" in printed
    assert "private persons" not in display.show(EPOCH)


def test_the_beginning_of_an_id_is_enough_if_one_article_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "global-times-2019"]) == 0
    assert capsys.readouterr().out.startswith(ARTICLE)
    assert main(["show", "global-times"]) == 2
    message = capsys.readouterr().err
    assert all(row["article_id"] in message for row in _rows("articles", outlet_id="global-times"))
    assert EPOCH not in message
    for unknown in ("", "global-timez", "\x1b[31m"):
        assert main(["show", unknown]) == 2
        error = capsys.readouterr().err
        assert ARTICLE in error
        assert "\x1b" not in error


def test_without_an_id_the_ids_are_listed_with_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for row in _rows("articles"):
        assert any(line.startswith(row["article_id"]) and row["title"][:20] in line for line in lines)


HOSTILE = "\x1b[2J\x1b]0;owned\x07 a\u202eb\u2066c\x9b31m\u2028d\r\bé 中文"


def test_control_characters_in_texts_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    real = espress.load

    def load(config: str, **how: Any) -> Any:
        table = real(config, **how)
        if config in ("articles", "sentences"):
            for name in {"title", "text", "outlet", "section", "standfirst"} & set(table.column_names):
                values = pa.array([HOSTILE] * table.num_rows)
                table = table.set_column(table.column_names.index(name), name, values)
        return table

    monkeypatch.setattr(display, "load", load)
    for text in (display.show(EPOCH, everything=True), display.list_articles(), display.info()):
        assert not [c for c in text if c != "\n" and (ord(c) < 32 or 0x7F <= ord(c) < 0xA0)]
        assert not set("\u202e\u2066\u2028") & set(text)
    assert r"\x1b[2J" in display.show(EPOCH)
    assert r"a\u202eb\u2066c" in display.show(EPOCH)


def test_an_article_whose_text_is_withheld_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    real = espress.load

    def load(config: str, **how: Any) -> Any:
        table = real(config, **how)
        withheld = [c.name for c in schema().table(config).columns if c.withheld and c.type == "string"]
        for name in withheld:
            table = table.set_column(table.column_names.index(name), name, pa.nulls(table.num_rows, pa.string()))
        return table

    monkeypatch.setattr(display, "load", load)
    assert "the open edition holds no text" in display.show(ARTICLE)
    assert ARTICLE in display.list_articles()


@pytest.mark.parametrize("text", ["plain", "é — “quoted” 中文 עברית", "a\u200db"])
def test_visible_characters_are_not_escaped(text: str) -> None:
    assert escape_for_terminal(text) == text


@pytest.mark.parametrize("width", [4, 10, 40])
def test_lines_are_wrapped_by_their_width_in_the_terminal(width: int) -> None:
    text = "中国国家安全部 says: a-very-long-word-without-spaces and " + "x" * 30
    lines = wrap(text, width)
    assert max(map(measure_width, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert wrap("", width) == []


# ---------------------------------------------------------------- tables


def test_bare_info_lists_each_table_with_rows_and_a_sentence() -> None:
    shown = " ".join(display.info(width=80).split())
    for table in schema().tables:
        rows = espress.load(table.name, as_="arrow").num_rows
        assert f"{table.name} {rows} {table.description}" in shown
    assert "espress info TABLE" in shown


_CLOSED = [
    f"{table.name}.{column.name}"
    for table in schema().tables
    for column in table.columns
    if column.vocabulary and not column.type.startswith("list")
]


@pytest.mark.parametrize("config", [table.name for table in schema().tables])
def test_info_of_a_table_gives_columns_with_meaning_and_the_count_and_meaning_of_every_class(config: str) -> None:
    shown = " ".join(display.info(config, width=100).split())
    rows = espress.load(config, as_="arrow")
    assert f"{config}: {rows.num_rows} rows" in shown
    starts = [
        shown.index(" ".join(f" {column.name} {column.type}. {column.description}".split()))
        for column in schema().table(config).columns
    ]
    for column, start, end in zip(schema().table(config).columns, starts, [*starts[1:], None], strict=True):
        if f"{config}.{column.name}" not in _CLOSED:
            continue
        part, meanings = shown[start:end], schema().vocabularies[str(column.vocabulary)]
        values = rows[column.name].to_pylist()
        for name, meaning in meanings.items():
            if len(meanings) <= 15:
                assert f"= {name} {values.count(name)} {meaning}" in part
            elif values.count(name):
                assert f" {name} {values.count(name)}" in part
        assert (len(meanings) > 15) == (f"`espress info {config}.{column.name}` explains the classes." in part)
        assert (f"null {values.count(None)}" in part) or not values.count(None)


@pytest.mark.parametrize("name", _CLOSED)
def test_info_of_a_column_explains_every_class_however_many(name: str) -> None:
    table, _, wanted = name.partition(".")
    column, values = schema().table(table).column(wanted), espress.load(table, as_="arrow")[wanted].to_pylist()
    text = display.info(name, width=80)
    assert max(map(measure_width, text.splitlines())) <= 80
    shown = " ".join(text.split())
    for term, meaning in schema().vocabularies[str(column.vocabulary)].items():
        assert f"= {term} {values.count(term)} {meaning}" in shown
    if column.labels:
        assert schema().codebook[column.labels]["question"] in shown


def test_info_of_a_list_explains_its_members() -> None:
    shown = " ".join(display.info("articles.basis").split())
    for member in schema().table("articles").column("basis").members:
        assert f"{member.name}: {member.type}. {member.description}" in shown
        for term, meaning in schema().vocabularies.get(str(member.vocabulary), {}).items():
            assert f"= {term} {meaning}" in shown


def test_info_of_an_unknown_table_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "entrys"]) == 2
    assert "nearest first: entries" in capsys.readouterr().err
    assert main(["info", "entries.hedge"]) == 2
    assert "no column 'entries.hedge'. Known, nearest first: hedged" in capsys.readouterr().err
