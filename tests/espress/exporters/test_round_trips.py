"""Whatever was exported comes back the same, read by the format's own reader, or was refused with its row named."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.espress.exporters.read_back import FORMATS, read, write
from tests.helpers import copy_tables, describe

import espress
from espress.data.content_hash import content_hash
from espress.paths import dataset_folder
from espress_build.pipeline.package import write_sums

TABLES = sorted({path.stem.partition("-")[0] for path in (dataset_folder() / "data").glob("*.parquet")})
STRUCT = pa.struct([("who", pa.string()), ("votes", pa.int32())])
COLUMNS = {
    "row_id": pa.int32(),
    "title": pa.string(),
    "end": pa.string(),  # a word that Stata reserves
    "authors": pa.list_(pa.string()),
    "votes": pa.list_(STRUCT),
    "day": pa.date32(),
    "at": pa.timestamp("ms", tz="UTC"),
    "n": pa.int32(),
    "size": pa.int64(),
    "share": pa.float64(),
    "known": pa.bool_(),
}
INVENTED = pa.schema([pa.field(name, kind) for name, kind in COLUMNS.items()])
NASTY = st.text(max_size=30) | st.sampled_from([
    "", "\0", "a\0b", '"', '""', "a\r\nb", "\r", "\n\n", " led", "trailed ", "=1+1", "+1", "-1", "@x", "\t=1", "NA",
    "null", "None", "nan", "0012", "2019-07", "1e5", "TRUE", "'q", "_x0041_", "a,b;c\td|e", "\ufeffbom", "👩‍🔬é́",
    "\u2028", "\x85", "\x7f", "\x1f", "\ufffe", "\ud7ff", "x" * 300, "é" * 1100, "x" * 40_000,
])  # fmt: skip


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


VOTE = st.fixed_dictionaries({"who": _maybe(NASTY), "votes": _maybe(st.integers(-9, 9))})
INSTANTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
ROW = st.fixed_dictionaries(
    {
        "title": _maybe(NASTY),
        "end": NASTY,
        "authors": _maybe(st.lists(NASTY, max_size=2)),
        "votes": _maybe(st.lists(VOTE, max_size=2)),
        "day": _maybe(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))),
        "at": _maybe(INSTANTS),
        "n": _maybe(st.integers(-(2**31), 2**31 - 1)),
        "size": _maybe(st.integers(-(2**63), 2**63 - 1)),
        "share": _maybe(
            st.floats(-1e6, 1e6).map(lambda value: round(value, 6) + 0.0)
        ),  # SQLite keeps no minus before 0
        "known": _maybe(st.booleans()),
    }
)


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    numbered = [{"row_id": number, **row} for number, row in enumerate(rows)]
    for row in numbered:
        if row["at"] is not None:
            row["at"] = row["at"].replace(microsecond=row["at"].microsecond // 1000 * 1000)
    return pa.Table.from_pylist(numbered, schema=INVENTED)


PLAIN: dict[str, Any] = {
    "end": "", "authors": [], "votes": [], "day": None, "at": None, "n": 1, "size": 2, "share": 0.5, "known": True,
}  # fmt: skip


@pytest.mark.parametrize("to", FORMATS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rows=st.lists(ROW, max_size=3))
@example(rows=[])
@example(rows=[{**PLAIN, "title": None}, {**PLAIN, "title": "x" * 3000, "authors": None}])  # null and [] differ
@example(rows=[{**PLAIN, "title": None}, {**PLAIN, "title": ""}])  # so do null and ""
@example(rows=[{**PLAIN, "title": "cut\0here"}])
@example(rows=[{**PLAIN, "title": "=HYPERLINK(1)", "n": 2**31 - 1, "size": 2**53 - 1}])
@example(rows=[{**PLAIN, "title": "a", "n": -(2**31), "size": None, "day": dt.date(1900, 1, 1)}])
def test_any_table_comes_back_the_same_or_is_refused(to: str, rows: list[dict[str, Any]]) -> None:
    table = _table(rows)
    with TemporaryDirectory() as folder:
        try:
            path = write(table, to, Path(folder))
        except espress.InputError as error:
            refused = error.problems
        else:
            assert content_hash(read(path, to, table)) == content_hash(table)
            return
    assert to not in ("csv", "jsonl", "duckdb"), refused
    assert all("row " in problem for problem in refused[:-1])


def _where(folder: Path, to: str, config: str) -> Path:
    return folder / f"all.{to}" if to in ("sqlite", "duckdb", "xlsx") else folder / to / f"{config}.{to}"


TEXT = pa.string()
TERMS = pa.list_(pa.struct([("value", TEXT), ("meaning", TEXT)]))
NAMES = ["table_name", "column_name", "name_in_file", "type", "unit", "null_means", "description"]
DICTIONARY = pa.schema([(name, TEXT) for name in NAMES]).append(pa.field("terms", TERMS))


@pytest.fixture(scope="module")
def first_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of the first 300 rows of each file of the corpus."""
    folder = copy_tables(tmp_path_factory.mktemp("corpus"))
    for path in (folder / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 300), path)
    return describe(folder, "71.0.0", "2026-11-21")


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_holds_the_tables_of_the_corpus_their_dictionary_and_their_version(
    to: str, first_rows: Path, tmp_path: Path
) -> None:
    together = to in ("sqlite", "duckdb", "xlsx")
    espress.export(to, _where(tmp_path, to, "x") if together else tmp_path / to, source=first_rows)
    columns = set()
    for config in TABLES:
        table = espress.load(config, as_="arrow", source=first_rows)
        assert content_hash(read(_where(tmp_path, to, config), to, table, config)) == content_hash(table), config
        columns |= {(config, name) for name in table.column_names}
    asked = pa.Table.from_pylist([{}], schema=DICTIONARY)  # every column may hold a null
    found = read(_where(tmp_path, to, "dictionary"), to, asked, "dictionary").to_pylist()
    entries = {(row["table_name"], row["column_name"]): row for row in found}
    assert set(entries) == columns
    assert entries["sentences", "text_end"]["name_in_file"] == "text_end"
    assert [entry["value"] for entry in entries["articles", "stance"]["terms"]] == ["against", "neither", "favor"]
    assert entries["articles", "language"]["null_means"] == "`language_reason` says why"
    asked = pa.schema([("field", TEXT), ("value", TEXT)]).empty_table()
    facts = {row["field"]: row["value"] for row in read(_where(tmp_path, to, "about"), to, asked, "about").to_pylist()}
    assert facts["version"] == "71.0.0"
    assert facts["sha256"] == espress.verify(first_rows).root


def test_the_corpus_is_exported_whole_and_with_its_citation(tmp_path: Path) -> None:
    folder = espress.export("jsonl", tmp_path / "jsonl")
    for config in TABLES:
        table = espress.load(config, as_="arrow")
        assert content_hash(read(folder / f"{config}.jsonl", "jsonl", table, config)) == content_hash(table), config
    rows = map(json.loads, (folder / "about.jsonl").read_text(encoding="utf-8").splitlines())
    facts = {row["field"]: row["value"] for row in rows}
    assert f"(Version {facts['version']})" in espress.cite("apa")
    assert facts["sha256"] == espress.verify().root
    assert facts["citation"] == espress.cite("apa")


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    hashes = []
    for name in ("first", "second"):
        for to in ("csv", "jsonl", "sqlite", "xlsx", "dta", "sav"):  # DuckDB writes an id of its own
            (tmp_path / name).mkdir(exist_ok=True)
            together = to in ("sqlite", "xlsx")
            espress.export(to, tmp_path / name / (f"all.{to}" if together else to), configs=["articles", "entries"])
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        hashes.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files})
        time.sleep(1.1 if name == "first" else 0)  # headers of Stata and SPSS have room for the time, to the second
    assert len(hashes[0]) > 10
    assert hashes[0] == hashes[1]


def test_a_folder_of_ones_own_is_exported_and_says_that_it_is_no_release(project: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(project / "dataset", tmp_path / "mine")
    about = folder / "datapackage.json"
    stated = json.loads(about.read_bytes()) | {"version": "0.0.0+mine"}
    about.write_text(json.dumps(stated), encoding="utf-8")
    (folder / "SHA256SUMS").unlink()
    write_sums(folder)
    written = espress.export("jsonl", tmp_path / "out", ["events"], source=folder)
    facts = [json.loads(line) for line in (written / "about.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"field": "version", "value": "0.0.0+mine"} in facts
    assert (written / "events.jsonl").stat().st_size > 100
