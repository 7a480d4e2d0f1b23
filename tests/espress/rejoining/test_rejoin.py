"""Texts that are lawfully at hand give the open edition every cell of the full one back; other texts give none."""

from __future__ import annotations

import hashlib
import json
import shutil
import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY, basic_spans, beside, received, run_up_to, span

import espress
from espress.data.integrity import compare_with_sums
from espress.errors import DamagedDataError, InputError
from espress.rejoining.match import cut_fields
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress.rejoining.rejoin import Rejoined

Rows = list[dict[str, Any]]


def _same(rejoined: Rejoined, tables: dict[str, Any]) -> None:
    assert rejoined.withheld == {}
    assert sorted(rejoined.tables) == sorted(tables)
    for name, table in tables.items():
        assert rejoined.tables[name].schema.equals(table.schema), name
        assert rejoined.tables[name].equals(table), name


def _as_folder(rows: Rows, home: Path) -> Path:
    for row in rows:
        fields = {name: row[name] for name in ("title", "standfirst", "text")}
        (home / f"{row['article_id']}.json").write_text(json.dumps(fields), encoding="utf-8")
    return home


def _as_lines(rows: Rows, home: Path) -> Path:
    (home / "texts.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return home / "texts.jsonl"


def _as_parquet(rows: Rows, home: Path) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), home / "texts.parquet")
    return home / "texts.parquet"


def _as_dict(rows: Rows, _home: Path) -> dict[str, Any]:
    return {row["article_id"]: {name: row[name] for name in row if name != "article_id"} for row in rows}


FORMS: dict[str, Callable[[Rows, Path], Any]] = {
    "folder of JSON": _as_folder,
    "JSON lines": _as_lines,
    "Parquet": _as_parquet,
    "list of dicts": lambda rows, _: rows,
    "dict of dicts": _as_dict,
    "pandas": lambda rows, _: pd.DataFrame(rows),
    "Polars": lambda rows, _: pl.DataFrame(rows),
    "Arrow": lambda rows, _: pa.Table.from_pylist(rows),
}


@pytest.mark.parametrize("form", FORMS)
def test_fields_give_the_tables_of_the_full_edition(
    opened: Path, tables: dict[str, Any], texts: Rows, tmp_path: Path, form: str
) -> None:
    _same(espress.rejoin(opened, FORMS[form](texts, tmp_path)), tables)


def test_pages_as_received_give_the_tables_of_the_full_edition(
    opened: Path, tables: dict[str, Any], project: Path, tmp_path: Path
) -> None:
    pages = project / "raw" / "articles"
    _same(espress.rejoin(opened, pages), tables)
    for folder in pages.iterdir():
        for source in folder.glob("source.*"):
            shutil.copy(source, tmp_path / f"{folder.name}{source.suffix}")
    _same(espress.rejoin(opened, str(tmp_path)), tables)


def test_the_command_writes_a_dataset_that_loads(
    opened: Path, tables: dict[str, Any], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from espress.cli.main import main

    out = tmp_path / "here" / "rejoined"
    assert main(["rejoin", str(opened), str(project / "raw" / "articles"), "--out", str(out)]) == 0
    assert str(len(tables["articles"])) in capsys.readouterr().out
    assert compare_with_sums(out) == ()
    for name, table in tables.items():
        config, _, split = name.partition("-")
        assert espress.load(config, split=split or None, as_="arrow", source=out).equals(table)
    articles = espress.load("articles", source=out)
    assert articles["text"] == tables["articles"]["text"].to_pylist()
    assert articles.features["stance"].names == list(schema().vocabularies["stance"])
    assert main(["rejoin", str(opened), str(project / "raw" / "articles"), "--out", str(out)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_an_article_without_text_stays_withheld_and_the_others_are_whole(
    opened: Path, tables: dict[str, Any], texts: Rows, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from espress.cli.main import main

    missing = texts.pop()["article_id"]
    rejoined = espress.rejoin(opened, texts)
    assert list(rejoined.withheld) == [missing]
    assert "no text was given for this article" in rejoined.withheld[missing]
    withheld = {path.stem: pq.read_table(path) for path in (opened / "data").glob("*.parquet")}
    for name in ("articles", "sentences", "relevance", "entries", "annotations"):
        given = [row for row in rejoined.tables[name].to_pylist() if row["article_id"] != missing]
        assert given == [row for row in tables[name].to_pylist() if row["article_id"] != missing]
        left = [row for row in rejoined.tables[name].to_pylist() if row["article_id"] == missing]
        assert left == [row for row in withheld[name].to_pylist() if row["article_id"] == missing]
    assert main(["rejoin", str(opened), str(_as_lines(texts, tmp_path)), "--out", str(tmp_path / "out")]) == 1
    assert missing in capsys.readouterr().out


CHANGED: dict[str, tuple[Callable[[str], str], str]] = {
    "one character": (lambda text: text[:50] + "#" + text[51:], "differs from text_sha256"),
    "line ends": (lambda text: text.replace("\n", "\r\n"), "would match with LF line ends: convert"),
    "old line ends": (lambda text: text.replace("\n", "\r"), "would match with LF line ends: convert"),
    "end": (lambda text: text + "\n", "would match without white space at its ends: convert"),
    "mark and ends": (
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        "would match without a byte-order mark, with LF line ends",
    ),
    "lone surrogate": (lambda text: text + "\ud800", "differs from text_sha256"),
    "decomposed letters": (lambda text: unicodedata.normalize("NFD", text), "would match in Unicode form NFC: convert"),
}


@pytest.mark.parametrize("change", CHANGED)
def test_another_text_is_not_filled_in(opened: Path, texts: Rows, change: str) -> None:
    """The message says what would make it match, where a conversion alone would."""
    edit, says = CHANGED[change]
    row = next(row for row in texts if edit(row["text"]) != row["text"])
    row["text"] = edit(row["text"])
    rejoined = espress.rejoin(opened, texts)
    assert list(rejoined.withheld) == [row["article_id"]]
    assert says in rejoined.withheld[row["article_id"]]
    assert rejoined.tables["articles"]["text"].null_count == 1


def test_a_headline_or_a_standfirst_that_differs_is_named(opened: Path, texts: Rows) -> None:
    with_one = next(row for row in texts if row["standfirst"])
    without = next(row for row in texts if not row["standfirst"])
    with_one["standfirst"], without["standfirst"] = None, "Not there."
    without["title"] += "!"
    withheld = espress.rejoin(opened, texts).withheld
    assert "standfirst is missing" in withheld[with_one["article_id"]]
    assert "title differs from title_sha256" in withheld[without["article_id"]]
    assert "standfirst is given, but the article has none" in withheld[without["article_id"]]


PAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "line ends": (lambda page: page.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "would match with LF line ends"),
    "mark": (lambda page: b"\xef\xbb\xbf" + page, "would match without a byte-order mark"),
    "another page": (lambda page: page.replace(b"a", b"b", 1), "differs from raw_sha256"),
    "empty": (lambda _page: b"", "differs from raw_sha256"),
}


@pytest.mark.parametrize("change", PAGES)
def test_another_page_is_not_cut(opened: Path, project: Path, tmp_path: Path, change: str) -> None:
    edit, said = PAGES[change]
    folder = next(path for path in sorted((project / "raw" / "articles").iterdir()) if (path / "source.txt").is_file())
    (tmp_path / f"{folder.name}.txt").write_bytes(edit((folder / "source.txt").read_bytes()))
    rejoined = espress.rejoin(opened, tmp_path)
    assert rejoined.filled == ()
    assert said in rejoined.withheld[folder.name]


def test_texts_of_other_articles_are_reported(opened: Path, texts: Rows) -> None:
    stranger = texts[0] | {"article_id": "herald-20200101-00000000"}
    rejoined = espress.rejoin(opened, [*texts, stranger])
    assert rejoined.unknown == ("herald-20200101-00000000",)
    assert rejoined.withheld == {}
    assert "herald-20200101-00000000" in str(rejoined)


def test_every_fault_of_the_texts_is_named(opened: Path, texts: Rows) -> None:
    first, second = texts[0], texts[1]
    rows: list[Any] = [first, first, {**second, "text": None}, {"title": "x"}, "text", {**second, "title": 3}]
    with pytest.raises(InputError) as raised:
        espress.rejoin(opened, rows)
    message = str(raised.value)
    assert f"{first['article_id']} is given 2 times" in message
    assert "row 3" in message
    assert "text is missing or empty" in message
    assert "row 4: article_id is missing" in message
    assert "row 5: is str" in message
    assert "title is int, not text" in message


WRONG_PLACES: list[tuple[Any, str, str]] = [
    ("texts.jsonl", '{"article_id": "x"}\n{broken\n', r"texts\.jsonl, line 2: is not JSON"),
    (
        "texts.jsonl",
        '{"article_id": "x", "article_id": "y"}\n',
        "line 1: is not JSON: the key 'article_id' occurs twice",
    ),
    ("texts.jsonl", "[" * 200_000, "line 1: is not JSON: brackets are nested too deeply"),
    ("texts.jsonl", '{"title": ' + "9" * 5_000 + "}", "line 1: is not JSON: a number has more than 4,300 digits"),
    ("texts.parquet", "x", "cannot be read as parquet"),
    ("texts.csv", "article_id\n", r"neither \.jsonl, \.json nor \.parquet"),
    ("nowhere", "", "There is no"),
    ("", "", "contains no articles"),
    (3, "", "Give a folder"),
]


@pytest.mark.parametrize(("name", "text", "says"), WRONG_PLACES)
def test_sources_without_texts_are_refused(opened: Path, tmp_path: Path, name: Any, text: str, says: str) -> None:
    source = name
    if isinstance(name, str):
        source = tmp_path / name
        if text:
            source.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        espress.rejoin(opened, source)


def test_the_full_edition_and_a_changed_open_one_are_refused(
    full: Path, opened: Path, texts: Rows, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="Name an open edition"):
        espress.rejoin(full, texts)
    shutil.copytree(opened, tmp_path / "changed")
    with (tmp_path / "changed" / "data" / "sentences.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(DamagedDataError, match=r"sentences\.parquet"):
        espress.rejoin(tmp_path / "changed", texts)


def test_a_failed_write_leaves_no_files(
    opened: Path, texts: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        espress.rejoin(opened, texts, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_two_writes_give_the_same_bytes(opened: Path, texts: Rows, tmp_path: Path) -> None:
    for name in ("one", "two"):
        espress.rejoin(opened, texts, tmp_path / name)
    one, two = (
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two


ARTICLE = "herald-20200102-00000000"


def _cut_as_built(page: bytes, spans: list[dict[str, Any]]) -> None:
    tables = {"received": received({ARTICLE: page}, {ARTICLE: spans}), **beside()}
    (article,) = run_up_to("normalise", tables)["articles"].to_pylist()
    built = {name: article[name] for name in ("title", "standfirst", "text")}
    assert cut_fields(article, page) == built
    size = sum(piece["source_byte_end"] - piece["source_byte_start"] for piece in article["source_pieces"])
    assert size == article["kept_bytes"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_boilerplate_inside_paragraphs_several_roles_in_a_line_and_decomposed_letters(mark: str, end: str) -> None:
    lines = [
        "Kde\u030c a head",
        "line 𠮷野",
        "Sum\u00a0up. Advert More.",
        "PRAGUE – Bod\u0301y  one Share this two.",
        "Last \u1100\u1161",
    ]
    places = [
        (1, 0, 11, "title"), (2, 0, 7, "title"), (3, 0, 7, "standfirst"), (3, 8, 14, "boilerplate"),
        (3, 15, 20, "standfirst"), (4, 0, 6, "dateline"), (4, 7, 14, "body"), (4, 16, 19, "body"),
        (4, 20, 30, "boilerplate"), (4, 31, 35, "body"), (5, 0, 7, "body"),
    ]  # fmt: skip
    spans = [span(*place) for place in places]
    assert [lines[one["line"] - 1][one["start"] : one["end"]] for one in spans][-2:] == ["two.", lines[4]]
    _cut_as_built((mark + end.join(lines) + end).encode(), spans)


_LINE = st.text(alphabet="ab e\u0301\u0323 \u00a0𠮷。ÅA\u030a", min_size=1, max_size=12).filter(
    lambda line: line.strip() == line
)


@PROPERTY
@given(lines=st.lists(_LINE, min_size=2, max_size=5), end=st.sampled_from(["\n", "\r\n"]))
def test_any_page_comes_back(lines: list[str], end: str) -> None:
    page = end.join(lines)
    _cut_as_built(page.encode(), basic_spans(page))


def test_the_open_edition_of_a_release_with_older_names_gives_its_own_full_tables(project: Path) -> None:
    rejoined = espress.rejoin("0.1.1", project / "raw" / "articles")
    assert rejoined.withheld == {}
    assert "stance" in rejoined.tables
    for name, table in rejoined.tables.items():
        assert table.equals(espress.load(name, version="0.1.1", as_="arrow")), name
