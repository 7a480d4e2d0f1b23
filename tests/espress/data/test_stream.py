"""Rows as they are asked for: by filter, and part by part."""

from __future__ import annotations

import datetime as dt
import os
import pickle
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress.data.small_world import GROUP, ROWS, World, articles

import espress
from espress.data.filter import build_filter
from espress.errors import CacheError, DamagedDataError, InputError, UnknownNameError
from espress.schema import schema

if TYPE_CHECKING:
    from pathlib import Path

STANCES = list(schema().vocabularies["stance"])
TABLE = articles()
COLUMNS = ["language", "n_words", "share", "published_date", "published_at", "stance", "masked"]


def _ids(where: Any, **how: Any) -> list[str]:
    found: list[str] = espress.load("articles", as_="arrow", where=where, **how)["article_id"].to_pylist()
    return found


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({}, range(30)),
        ({"n_words": 103}, [3]),
        ({"n_words": [103, 120, 7]}, [3, 20]),
        ({"language": None, "masked": True}, range(0, 30, 6)),
        ({"stance": ["against", None], "language": "en"}, [n for n in range(30) if n % 4 in (1, 3) and n % 3]),
        ({"published_date": dt.date(2019, 1, 2)}, [1]),
        ({"published_at": dt.datetime(2019, 1, 1, 6, tzinfo=dt.timezone(dt.timedelta(hours=1)))}, [5, 29]),
        ({"published_at": dt.datetime(2019, 1, 1, 5, 0, 0, 400, tzinfo=dt.UTC)}, []),  # finer than milliseconds
        (
            {"published_at": [dt.datetime(2019, 1, 1, 5, tzinfo=dt.UTC), dt.datetime(1, 1, 1, 0, 0, 0, 1, dt.UTC)]},
            [5, 29],
        ),
        ({"share": 1}, [4]),
        ({"language": "xx"}, []),
        ({"language": []}, []),
        ({"article_id": {"a-01", "a-02"}}, [1, 2]),
    ],
)
def test_rows_are_filtered(world: World, where: Any, wanted: Any) -> None:
    ids = [f"a-{number:02}" for number in wanted]
    assert _ids(where) == ids
    assert espress.load("articles", where=where)["article_id"] == ids
    assert espress.load("articles", where=where, as_="polars")["article_id"].to_list() == ids
    assert [row["article_id"] for row in espress.load("articles", where=where, streaming=True)] == ids


@given(st.data())
def test_a_filter_selects_the_rows_that_plain_python_selects(data: st.DataObject) -> None:
    rows = TABLE.to_pylist()
    where = {}
    for name in data.draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=3)):
        value = st.sampled_from([row[name] for row in rows] + [None])
        where[name] = data.draw(st.one_of(value, st.lists(value, max_size=4)))
    taken = [
        row
        for row in rows
        if all(row[name] in given if isinstance(given, list) else row[name] == given for name, given in where.items())
    ]
    chosen = build_filter(where, TABLE.schema, "articles")
    assert (TABLE if chosen is None else TABLE.filter(chosen)).to_pylist() == taken


@pytest.mark.parametrize(
    ("where", "match"),
    [
        ({"n_words": "103"}, r"where\['n_words'\]: '103' of type str is not an integer, which n_words \(int32\) holds"),
        ({"n_words": True}, "of type bool is not an integer"),
        ({"n_words": 2**40}, "is not an integer, which n_words"),
        ({"language": 1}, "of type int is not text"),
        ({"language": "\ud800"}, "is not text"),
        ({"language": ["en", 3]}, "3 of type int is not text"),
        ({"masked": 1}, "is not True or False"),
        ({"share": float("nan")}, "nan of type float is not a number"),
        ({"published_date": "2019-01-02"}, "of type str is not a date"),
        ({"published_date": dt.datetime(2019, 1, 2, tzinfo=dt.UTC)}, "is not a date"),
        ({"published_at": dt.datetime(2019, 1, 2)}, "is not a datetime with a time zone"),  # noqa: DTZ001
        ({"authors": "X"}, "authors holds list<.*filter its rows in your code"),
        ([("language", "en")], "list is not a dict"),
        ({"n_words": "a", "language": 1}, r"(?s)n_words.*\n.*language"),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_a_value_of_another_type_is_refused(world: World, where: Any, match: str, *, streaming: bool) -> None:
    with pytest.raises(InputError, match=match):
        espress.load("articles", as_="arrow", where=where, streaming=streaming)


@pytest.mark.parametrize(
    ("config", "where", "match"),
    [
        (
            "articles",
            {"stance": "favour"},
            r"where\['stance'\]: stance cannot be 'favour'. Known, nearest first: favor, ",
        ),
        ("articles", {"stance": "none"}, "nearest first: neither"),
        ("entries", {"position": ["support", "denies", None]}, "'denies'. Known, nearest first: deny"),
        ("entries", {"lapsed": "Yes"}, "nearest first: yes, no"),
        ("entries", {"position": "x", "lapsed": 1}, r"(?s)position.*\n.*lapsed.*is not text"),
        ("sentences", {"role": "headline"}, "title"),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
def test_a_value_outside_a_closed_list_is_refused_and_the_nearest_named(
    config: str, where: Any, match: str, *, streaming: bool
) -> None:
    with pytest.raises(InputError, match=match):
        espress.load(config, as_="arrow", where=where, streaming=streaming)


def test_each_class_of_a_closed_column_can_be_asked_for_whether_it_occurs_or_not() -> None:
    counts = {name: espress.load("articles", as_="arrow", where={"stance": name}).num_rows for name in STANCES}
    everything = espress.load("articles", as_="arrow", where={"stance": [*STANCES, None]}).num_rows
    assert sum(counts.values()) <= everything == espress.load("articles", as_="arrow").num_rows
    assert espress.load("articles", as_="arrow", where={"outlet_id": "no-such-outlet"}).num_rows == 0  # no closed list


def test_another_dataset_is_held_to_its_own_closed_lists(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project / "dataset", tmp_path / "dataset")
    path = copy / "datapackage.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"neither"', '"none"'), encoding="utf-8")
    espress.load("articles", as_="arrow", source=copy, where={"stance": "none"})
    with pytest.raises(InputError, match="'neither'"):
        espress.load("articles", as_="arrow", source=copy, where={"stance": "neither"})
    path.write_text("{", encoding="utf-8")  # without a description, no value is refused
    espress.load("articles", as_="arrow", source=copy, where={"stance": "anything"})


def test_an_unknown_column_lists_those_there_are(world: World) -> None:
    with pytest.raises(UnknownNameError, match=r"column 'lang'. Known, nearest first: language.*of articles"):
        espress.load("articles", where={"lang": "en"})


def test_streamed_rows_are_the_loaded_rows_with_the_same_features(world: World) -> None:
    from datasets import IterableDataset

    streamed, loaded = espress.load("articles", streaming=True), espress.load("articles")
    assert isinstance(streamed, IterableDataset)
    assert streamed.features == loaded.features
    assert list(streamed) == loaded.to_list()
    assert streamed.num_shards == ROWS // GROUP
    assert list(pickle.loads(pickle.dumps(streamed))) == loaded.to_list()  # noqa: S301 - our own
    assert list(espress.load("rejects", streaming=True)) == []


def test_the_real_tables_stream_as_they_load() -> None:
    for config in ("articles", "entries", "rejects"):
        whole = espress.load(config, as_="arrow")
        reader = espress.load(config, as_="arrow", streaming=True)
        assert isinstance(reader, pa.RecordBatchReader)
        assert reader.read_all().to_pylist() == whole.to_pylist()
        assert list(espress.load(config, streaming=True)) == espress.load(config).to_list()


def test_arrow_is_streamed_batch_by_batch(world: World) -> None:
    batches = list(espress.load("articles", as_="arrow", streaming=True))
    assert [batch.num_rows for batch in batches] == [GROUP] * (ROWS // GROUP)
    (only,) = espress.load("articles", as_="arrow", streaming=True, where={"n_words": 125})
    assert only.num_rows == 1


def test_frames_do_not_stream(world: World) -> None:
    form: Any = "pandas"
    with pytest.raises(UnknownNameError, match=r"form that streams 'pandas'.*arrow"):
        espress.load("articles", as_=form, streaming=True)


def test_a_file_that_changes_while_it_is_streamed_is_noticed(world: World) -> None:
    reader = espress.load("articles", as_="arrow", streaming=True)
    path = world.package / "_dataset" / "data" / "articles.parquet"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    with pytest.raises(DamagedDataError, match=r"changed after it was checked"):
        reader.read_all()


def test_a_stream_needs_no_cache_and_no_working_folder(project: Path, tmp_path: Path) -> None:
    """In a process of its own, because `datasets` reads the place of its cache once."""
    shutil.copytree(project / "dataset", tmp_path / "dataset")
    code = (
        "import os, espress\n"
        "forms = ('datasets', 'arrow')\n"
        "rows, batches = (espress.load('events', source='dataset', streaming=True, as_=form) for form in forms)\n"
        "os.chdir('/')\n"
        "print(len(list(rows)), batches.read_all().num_rows, espress.load('events').num_rows)"
    )
    blocked = dict.fromkeys(("HOME", "HF_HOME", "HF_DATASETS_CACHE", "XDG_CACHE_HOME", "ESPRESS_CACHE"), "/dev/null/no")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | blocked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.split()
    assert others == [first, first]


def test_streaming_without_a_temporary_folder_is_an_error_with_a_remedy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/dev/null/no")
    with pytest.raises(CacheError, match=r"temporary files.*Set TMPDIR"):
        espress.load("articles", streaming=True)


def test_a_stream_is_read_by_workers(world: World) -> None:
    """As torch's loaders do: each takes shards of its own; none is lost or read twice."""
    streamed = espress.load("articles", streaming=True)
    parts = [list(streamed.shard(num_shards=3, index=number)) for number in range(3)]
    assert sorted(row["article_id"] for part in parts for row in part) == TABLE["article_id"].to_pylist()
