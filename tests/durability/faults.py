"""Builds that are stopped on purpose. All of this runs in a process of its own, kept warm, that forks for each fault.

What costs time and touches no disk is prepared once: the stages, the constructed sets, the card's text, the checks.
What is left is the real `make_dataset`, from taking the lock to removing the old dataset, in some tenths of a second.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from dataclasses import dataclass, fields
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
from tests.helpers import DATASET, PROJECT, copy_project

import espress
from espress.errors import EspressError
from espress.schema import schema
from espress_build import build as making
from espress_build.checks.validate import Outcome
from espress_build.cli import main
from espress_build.constructed import tables as sets
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import read_registries
from espress_build.pipeline import dataset_swap, package, runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD, NEW, MISSING = "old", "new", "missing"
FEW = 20  # rows of a constructed set
ATOMIC, RENAMES = "atomic exchange", "two renames"
# What the stages say of all articles at once.
_TABLES = [
    field.name for field in fields(runner.Batches) if field.name not in ("folder", "count", "registries", "params")
]
_NOTHING_FOUND = Outcome((), (), {})
_EDITIONS: dict[str, Edition] = {}
_SETS = [name for table in ("check", "stance_articles", "practice") for name in schema().table(table).files]
_params = read_params()


@dataclass(frozen=True)
class Edition:
    """One content of the corpus: its project folder, what the stages made of it, the dataset that it gives."""

    project: Path
    batches: runner.Batches
    constructed: dict[str, Any]  # the tables of the constructed sets, by name of their file
    dataset: Path


def prepare(folder: Path) -> None:
    """Make the two editions: the new one has all articles, the old one lacks the last and has another licence.

    The stages run in a child, because what they load would make every later fork slow.
    """
    sys.path.insert(0, str(PROJECT))
    for name in (OLD, NEW):
        project = copy_project(folder / name)
        if name == OLD:
            shutil.rmtree(max((project / "raw" / "articles").iterdir()))
            shutil.rmtree(project / "raw" / "annotations")  # some of it judges the article that is gone
            with (project / "LICENSE-DATA").open("a", encoding="utf-8") as licence:
                licence.write("An older text.\n")
        aside = folder / f"{name}-stages"
        aside.mkdir()
        assert wait(fork(partial(_run_stages, project, aside))) == 0
        tables = {}
        for table in _TABLES:
            with pa.ipc.open_file(aside / table) as file:
                tables[table] = file.read_all()
        registries = read_registries(project / "schema" / "registries")
        batches = runner.Batches(folder=aside, count=1, registries=registries, params=_params, **tables)
        _EDITIONS[name] = Edition(project, batches, _read_sets(), project / "dataset")
    where = use(NEW)
    making.make_dataset(making.Places(where.project, folder / "warming" / "dataset"))
    mock.patch.stopall()


def _read_sets() -> dict[str, Any]:
    """Return the tables of the constructed sets with few rows: a build writes them as it writes all of them."""
    return {file: pq.read_table(DATASET / "data" / f"{file}.parquet").slice(0, FEW) for file in _SETS}


def _run_stages(project: Path, aside: Path) -> None:
    mock.patch.object(sets, "make_constructed", return_value=_read_sets()).start()
    where = making.places(project)
    batches = runner.run(runner.Inputs(where.raw, read_registries(where.registries), where.state), read_params(), aside)
    for table in _TABLES:
        found = getattr(batches, table)
        with pa.ipc.new_file(aside / table, found.schema) as file:
            file.write_table(found)
    mock.patch.multiple(making, run=lambda *_: batches, validate=lambda *_, **__: _NOTHING_FOUND).start()
    making.make_dataset(where)


def edition(name: str) -> Edition:
    """Return what was prepared."""
    return _EDITIONS[name]


def use(name: str) -> making.Places:
    """Let all builds of this process take what was prepared, and return the edition's places. For forked children."""
    made = edition(name)
    texts = {path.name: path.read_bytes() for path in made.dataset.iterdir() if path.is_file()}
    mock.patch.multiple(
        making,
        run=lambda *_: made.batches,
        validate=lambda *_, **__: _NOTHING_FOUND,
        read_registries=lambda _: made.batches.registries,
        read_params=lambda: _params,
        all_checks=lambda _: [],
        describe_dataset=lambda *_, **__: None,
        make_record=lambda *_: "incidents.json",
        as_json=lambda name: texts[name],
    ).start()
    mock.patch.object(sets, "make_constructed", return_value=made.constructed).start()
    mock.patch.multiple(
        package,
        describe_dataset=lambda *_: None,
        make_metadata=lambda *_: {
            name: text for name, text in texts.items() if name not in ("LICENSE-DATA", "SHA256SUMS", "incidents.json")
        },
    ).start()
    return making.places(made.project)


@cache
def _roots() -> dict[str, str]:
    return {espress.verify(made.dataset).root: name for name, made in _EDITIONS.items()}


def state(dataset: Path) -> str:
    """Return which edition stands there, whole to the byte; else `missing`, or what is wrong with it."""
    if not os.path.lexists(dataset):
        return MISSING
    try:
        report = espress.verify(dataset)
    except EspressError as error:
        return f"broken: {error}"
    return f"broken: {report}" if report.problems else _roots().get(report.root, "broken: of no edition")


def put(dataset: Path, name: str) -> None:
    """Let this edition, or nothing, stand there, with nothing beside it."""
    dataset.parent.mkdir(parents=True, exist_ok=True)
    for path in (dataset, *leftovers(dataset)):
        shutil.rmtree(path, ignore_errors=True)
    dataset.with_name(f"{dataset.name}.lock").touch()  # as every build leaves it: opening it is one point more
    if name != MISSING:
        shutil.copytree(edition(name).dataset, dataset)


def leftovers(dataset: Path) -> list[Path]:
    """Return what lies beside a dataset and should not: all but the lock, the pages of checks and the cache."""
    known = {dataset.name, f"{dataset.name}.lock", "data-docs", ".make", "raw", "schema", "state", "LICENSE-DATA"}
    return sorted(path for path in dataset.parent.iterdir() if path.name not in known)


def fork(work: Callable[[], object]) -> int:
    """Start work in a forked child; returns the process id. An int that the work returns is the exit code."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        done = work()
        code = done if isinstance(done, int) else 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 71
    except BaseException:  # noqa: BLE001  # whatever it is, it must not run on in the parent's code
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def wait(child: int) -> int:
    """Return a child's exit code, or the signal that ended it as a negative number."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def build(
    dataset: Path,
    name: str,
    how: str = ATOMIC,
    before: Callable[[], object] = list,
    after: Callable[[], object] = list,
) -> int:
    """Build an edition in a forked child, between `before` and `after`; returns its exit code."""

    def work() -> None:
        where = use(name)
        if how == RENAMES:
            mock.patch.object(dataset_swap, "_swap", return_value=False).start()
        before()
        making.make_dataset(making.Places(where.project, dataset))
        after()

    return wait(fork(work))


def command(dataset: Path, name: str, before: Callable[[], object] = list) -> tuple[int, str]:
    """Type `espress-build run` in a forked child; returns exit code and what it wrote to stderr, through a pipe."""
    reading, writing = os.pipe()

    def work() -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(writing, 2)
        where = use(name)
        before()
        return main.main(
            ["--project", str(where.project), "--dataset", str(dataset), "run", "--workers", "1", "--no-cache"]
        )

    child = fork(work)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    return wait(child), said
