"""The same rows in the same bytes, whatever the batches, the workers, the folder and the machine's mood."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, ROOT, Corpus, real_articles

from espress.errors import InputError
from espress_build.inputs.params import read_params
from espress_build.pipeline.runner import Batches, Inputs, run

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


def in_batches(params: Params, size: int) -> Params:
    """Return the parameters with another number of articles a batch."""
    return replace(params, package=replace(params.package, batch_articles=size))


def digests(made: Batches) -> dict[str, str]:
    """Return the hash of every table that was put aside, and of the relations."""
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(made.folder.iterdir())}
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, made.relations.schema) as writer:
        writer.write_table(made.relations)
    return found | {"relations": hashlib.sha256(sink.getvalue().to_pybytes()).hexdigest()}


def aside(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    return folder


def test_two_workers_give_the_same_bytes_as_one(tmp_path: Path, real_registries: Registries, params: Params) -> None:
    two_each = in_batches(params, 2)
    one = run(Inputs(ROOT / "raw", real_registries), two_each, aside(tmp_path, "one"), workers=1)
    two = run(Inputs(ROOT / "raw", real_registries), two_each, aside(tmp_path, "two"), workers=2)
    assert one.count == two.count == 3
    assert digests(one) == digests(two)


_OTHER_PROCESS = """
import json, sys
from pathlib import Path
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import read_registries
from espress_build.pipeline.runner import Inputs, run
sys.path.insert(0, sys.argv[1])
from tests.espress_build.pipeline.test_runner import digests
registries = read_registries(Path(sys.argv[1]) / "schema" / "registries")
made = run(Inputs(Path(sys.argv[2]), registries), read_params(), Path(sys.argv[3]))
print(json.dumps(digests(made)))
"""
MOODS = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C", "LANG": "C"},
    {
        "PYTHONHASHSEED": "12345",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "cs_CZ",
        "PYTHONUTF8": "0",
    },
]


def test_hash_seed_zone_locale_and_folder_change_no_byte(
    tmp_path: Path, real_registries: Registries, params: Params
) -> None:
    raw = tmp_path / "a folder with spaces" / "raw"
    (raw / "articles").mkdir(parents=True)
    shutil.copytree(ROOT / "raw" / "annotations", raw / "annotations")
    for folder in reversed(real_articles()):  # made in another order, so listed in another by some file systems
        shutil.copytree(folder, raw / "articles" / folder.name)
    started = []
    for number, mood in enumerate(MOODS):
        environment = {**os.environ, **mood, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", _OTHER_PROCESS, str(ROOT), str(raw), str(aside(tmp_path, f"there{number}"))]
        output = subprocess.PIPE
        started.append(
            subprocess.Popen(command, env=environment, cwd=tmp_path, text=True, stdout=output, stderr=output)
        )
    here = digests(run(Inputs(ROOT / "raw", real_registries), params, aside(tmp_path, "here")))
    for mood, process in zip(MOODS, started, strict=True):
        said, complaint = process.communicate()
        assert process.returncode == 0, complaint
        assert json.loads(said) == here, mood


@pytest.fixture
def mixed(corpus: Corpus) -> Corpus:
    """Seven articles, of which the third and the fourth are rejected; the first and the last share their text."""
    for day in range(1, 8):
        text = f"A headline {day}\n\n" + (
            f"Text number {day} of the corpus. " * 6 if 1 < day < 7 else "Shared words. " * 12
        )
        corpus.add("" if day in (3, 4) else text.strip(), day=f"2020-01-{day:02d}")
    return corpus


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_the_size_of_a_batch_changes_no_row(
    size: int, mixed: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    whole = run(Inputs(mixed.raw, registries), params, aside(tmp_path, "whole"))
    cut = run(Inputs(mixed.raw, registries), in_batches(params, size), aside(tmp_path, "cut"))
    assert cut.count == -(-7 // size)
    for name in ("articles", "sentences"):
        first, second = (pa.concat_tables(made.tables(name)).to_pylist() for made in (whole, cut))
        assert first == second
    assert whole.rejects().to_pylist() == cut.rejects().to_pylist()
    assert whole.relations.equals(cut.relations)


def test_relations_stand_beside_their_own_articles_also_behind_a_batch_of_rejects(
    mixed: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    made = run(Inputs(mixed.raw, registries), in_batches(params, 2), aside(tmp_path, "aside"))
    rows = pa.concat_tables(made.tables("articles")).to_pylist()
    ids = [row["article_id"] for row in rows]
    assert ids == sorted(ids)
    groups = {row["article_id"]: (row["duplicate_group"], row["duplicate_kind"]) for row in rows}
    assert groups[ids[0]] == groups[ids[-1]] == (ids[0], "exact")
    assert {row["block_id"] for row in rows} == {ids[0]}
    assert [row["text"].split()[2] for row in rows[1:-1]] == ["2", "5", "6"]


def test_rejects_come_in_order_of_ids_and_articles_and_rejects_are_all_that_was_given(
    mixed: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    made = run(Inputs(mixed.raw, registries), in_batches(params, 3), aside(tmp_path, "aside"))
    rejected = made.rejects()["id"].to_pylist()
    kept = pa.concat_tables(made.tables("articles"))["article_id"].to_pylist()
    assert len(rejected) == 2
    assert rejected == sorted(rejected)
    assert sorted(kept + rejected) == [folder.name for folder in mixed.folders()]


def test_a_corpus_of_which_every_article_is_rejected_gives_empty_tables(
    corpus: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    corpus.add("", day="2020-01-01")
    corpus.add(b"\xff", [], day="2020-01-02")
    made = run(Inputs(corpus.raw, registries), in_batches(params, 1), aside(tmp_path, "aside"))
    assert [table.num_rows for table in made.tables("articles")] == [0, 0]
    assert made.rejects()["reason"].to_pylist() == ["empty_file", "not_utf8"]


def test_an_empty_corpus_is_an_input_error_and_no_crash(
    corpus: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    with pytest.raises(InputError, match="espress-build add"):
        run(Inputs(corpus.raw, registries), params, aside(tmp_path, "aside"))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_problems_of_all_batches_are_listed_whoever_found_them(
    workers: int, corpus: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    folders = [corpus.add(day=f"2020-01-0{day}") for day in range(1, 6)]
    corpus.edit(folders[0], 'value = "full"', 'value = "free"')
    corpus.edit(folders[0], 'value = ["case-2020"]', 'value = ["case-1999"]')
    corpus.edit(folders[1], "end = 42", "end = 41")
    corpus.edit(folders[2], "end = 42", "end = 99")
    corpus.edit(folders[3], "line = 3", "line = 7")
    (folders[4] / "source.txt").write_bytes(b"changed")
    with pytest.raises(InputError) as error:
        run(Inputs(corpus.raw, registries), in_batches(params, 1), aside(tmp_path, "aside"), workers)
    problems = error.value.problems
    assert isinstance(problems, list)
    expected = [(0, "'free'"), (0, "'case-1999'"), (1, "'.'"), (2, "99"), (3, "line 7"), (3, "line 3"), (4, "sha256")]
    assert len(problems) == len(expected)
    for folder, says in ((folders[number], says) for number, says in expected):
        assert any(folder.name in problem and says in problem for problem in problems), (folder.name, says)


def test_an_input_error_keeps_its_problems_on_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(InputError(["one", "two"])))  # noqa: S301 - our own bytes
    assert isinstance(error, InputError)
    assert error.problems == ["one", "two"]
    assert str(error) == "one\ntwo"


def test_the_registries_and_parameters_travel_whole_between_processes(registries: Registries) -> None:
    assert registries.tables  # computed once, and carried along
    copy = pickle.loads(pickle.dumps(registries))  # noqa: S301 - our own bytes
    assert copy == registries
    assert pickle.loads(pickle.dumps(read_params())) == read_params()  # noqa: S301 - our own bytes


def test_nothing_is_written_outside_of_the_folder_put_aside(
    corpus: Corpus, tmp_path: Path, registries: Registries, params: Params
) -> None:
    corpus.add(BASIC_PAGE)
    before = sorted(path for path in tmp_path.rglob("*"))
    made = run(Inputs(corpus.raw, registries), params, aside(tmp_path, "aside"))
    assert sorted(path for path in tmp_path.rglob("*") if made.folder not in (path, *path.parents)) == before
