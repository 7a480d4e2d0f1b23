"""How the levels work together, and that a failing check publishes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.espress_build.checks import loader
from tests.helpers import PROJECT, copy_project, read_files

from espress.schema import schema
from espress_build import build
from espress_build.checks import expectations
from espress_build.checks.validate import Outcome, all_checks, format_report, validate
from espress_build.cli import main

if TYPE_CHECKING:
    from pathlib import Path

CASES = {str(case): case for case in loader.all_cases()}


def _write(tmp_path: Path, *names: str) -> Path:
    """Write one dataset with the changes of these cases; returns its folder."""
    return loader.write_case(loader.merged([CASES[name] for name in names]), tmp_path)[0]


# ---------------------------------------------------------------- which levels run


@pytest.mark.parametrize("name", ["files-expected", "parquet-types", "title-one-line", "unit-id"])
def test_no_level_runs_above_one_that_failed(
    name: str, base: Path, tmp_path: Path, validated: loader.Validator
) -> None:
    outcome = validated(_write(tmp_path, name), before=base)
    level = CASES[name].level
    above = {higher: why for higher, why in outcome.skipped.items() if higher > level}
    assert above == dict.fromkeys(range(level + 1, 6), f"level {level} failed")
    run = [check for check in all_checks() if check.level < level or (check.level == level and not check.last)]
    assert list(outcome.ran) == run
    assert f"(skipped: level {level} failed) | 0 | 0 | 0 |" in format_report(outcome)


def test_a_warning_stops_no_level(base: Path, tmp_path: Path, validated: loader.Validator) -> None:
    outcome = validated(_write(tmp_path, "language-disputed/declared"), before=base, levels=range(2, 6))
    assert [found.check for found in outcome.incidents] == ["language-disputed"]
    assert (outcome.errors, outcome.skipped) == ([], {})


@pytest.mark.parametrize(
    "names",
    [
        ("files-expected", "files-expected/table-missing", "files-sums"),
        ("title-one-line", "standfirst-line-ends", "unit-trimmed"),
        ("text-hash", "kept-bytes", "dates-ordered", "outcome-sourced", "rejects-apart", "outlet-facts", "unit-place"),
    ],
)
def test_all_incidents_of_a_level_are_reported_in_the_order_of_the_checks(
    names: tuple[str, ...], tmp_path: Path, validated: loader.Validator
) -> None:
    found = [one.check for one in validated(_write(tmp_path, *names)).incidents]
    assert set(found) == {CASES[name].check for name in names}
    assert found == [check.id for check in all_checks() if check.id in found]


def test_level_2_reports_types_and_columns_together(tmp_path: Path) -> None:
    folder = _write(tmp_path, "parquet-types")
    path = folder / "data" / "events.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["event_kind"]), path)
    assert [found.check for found in validate(folder, range(2, 3)).incidents] == ["parquet-types", "events.columns"]


def test_level_3_reports_columns_and_lists_together(tmp_path: Path, validated: loader.Validator) -> None:
    rows = loader.base_rows()
    rows["articles"][0]["basis"][0]["basis"] = "hearsay"
    rows["events"][0]["event_kind"] = "rumour"
    folder = loader.write_dataset(tmp_path, loader.tables_of(rows))
    assert [found.check for found in validated(folder).incidents] == [
        "events.event_kind.in-vocabulary",
        "articles.basis.basis.item-in-vocabulary",
    ]


# ---------------------------------------------------------------- the dataset before


def _drop_text(folder: Path) -> None:
    path = folder / "data" / "sentences.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["text"]), path)
    loader.sum_anew(folder)


def _drop_table(folder: Path) -> None:
    (folder / "data" / "unit_moves.parquet").unlink()
    loader.sum_anew(folder)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_drop_text, "the earlier dataset has no sentences.text"),
        (_drop_table, "the earlier dataset has no unit_moves.old_sentence_id"),
        (
            lambda folder: (folder / "data" / "articles.parquet").write_bytes(b"PAR1"),
            "the earlier dataset is damaged: data/articles.parquet has sha256 ",
        ),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "the earlier dataset is damaged: "),
    ],
)
def test_a_dataset_before_that_cannot_be_compared_is_named_and_stops_nothing(
    damage: Any, reason: str, base: Path, tmp_path: Path
) -> None:
    before = shutil.copytree(base, tmp_path / "before")
    damage(before)
    outcome = validate(base, range(5, 6), before)
    assert outcome.incidents == ()
    assert outcome.ran == ()
    assert outcome.skipped[5].startswith(reason)


# ---------------------------------------------------------------- unusual, but sound


@pytest.mark.parametrize("emptied", [["rejects", "unit_moves"], [table.name for table in schema().tables]])
def test_tables_without_rows_are_sound_and_so_is_a_folder_with_any_name(
    emptied: list[str], tmp_path: Path, validated: loader.Validator
) -> None:
    rows = loader.base_rows() | {name: [] for name in emptied}
    folder = loader.write_dataset(tmp_path / "a [b] 'c' *?", loader.tables_of(rows))
    outcome = validated(folder, before=folder)
    assert outcome.incidents == ()
    assert outcome.skipped == {}


# ---------------------------------------------------------------- commands and builds


def test_validate_exits_0_on_a_sound_and_1_on_a_damaged_dataset(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(expectations, "run_in_pandas", lambda *_: [])  # it takes seconds
    project = ["--project", str(PROJECT)]
    assert main.main([*project, "--dataset", str(base), "validate", "--alone"]) == 0
    damaged = shutil.copytree(base, tmp_path / "dataset")
    data = (damaged / "data" / "articles.parquet").read_bytes()
    (damaged / "data" / "articles.parquet").write_bytes(data[: len(data) // 2])
    capsys.readouterr()
    assert main.main([*project, "--dataset", str(damaged), "validate", "--alone"]) == 1
    shown = capsys.readouterr()
    assert "[error] level 1, files-sums: has sha256" in shown.out
    assert "[error] level 1, files-readable: cannot be opened as Parquet" in shown.out
    assert shown.err == ""


_FEW_PAGES = """
import sys
from espress_build.checks import expectations
from espress_build.cli.main import main
expectations.LARGEST_IN_PANDAS = 30  # rows: every further table takes a second
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a dataset made by the command; around it are empty folders that it might litter."""
    around = tmp_path_factory.mktemp("around")
    project = copy_project(around / "project")
    for name in ("home", "tmp", "cwd"):
        (around / name).mkdir()
    command = [sys.executable, "-c", _FEW_PAGES, "--project", str(project), "run", "--workers", "1", "--data-docs"]
    surroundings = os.environ | {"HOME": str(around / "home"), "TMPDIR": str(around / "tmp")}
    done = subprocess.run(command, cwd=around / "cwd", env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return project


def _inside(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _assert_pages_in_their_folder_alone(built: Path) -> None:
    """Pages are in data-docs, tables of batches in .make; nothing else is new inside or around the project."""
    assert {path.parent.name for path in built.glob("data-docs/*/index.html")} == {"level-2", "level-3"}
    assert _inside(built) == {"raw", "schema", "state", "LICENSE-DATA", "dataset", "dataset.lock", "data-docs", ".make"}
    assert all(not _inside(built.parent / name) for name in ("home", "tmp", "cwd"))
    for name in ("raw", "schema", "state"):
        assert read_files(built / name) == read_files(PROJECT / name)


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_pages_are_in_their_folder_and_a_failing_check_leaves_the_last_good_dataset(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, committed_sets: None
) -> None:
    """Three faults that no stage refuses: one in a registry, two in records. Both parts share one build."""
    _assert_pages_in_their_folder_alone(built)
    project = shutil.copytree(built, tmp_path / "project")
    records = sorted((project / "raw" / "articles").glob("*/record.toml"))
    updated = next(path for path in records if "[facts.updated]" in path.read_text(encoding="utf-8"))
    open_ = next(path for path in records if path != updated)
    _edit(open_, '[facts.rights_tier]\nvalue = "full"', '[facts.rights_tier]\nvalue = "open"')
    _edit(updated, '[facts.updated]\nvalue = "', '[facts.updated]\nvalue = "1999-01-01" # "')
    _edit(project / "schema" / "registries" / "events.toml", "\noutcome_source = ", "\n# outcome_source = ")
    before, files = read_files(project / "dataset"), _inside(project)

    raised: list[Exception] = []
    make = build.make_dataset

    def watched(*arguments: Any, pages: bool) -> Outcome:
        try:
            return make(*arguments, pages=pages)
        except Exception as error:
            raised.append(error)
            raise

    monkeypatch.setattr(build, "make_dataset", watched)
    assert main.main(["--project", str(project), "run", "--workers", "1"]) == 1

    (error,) = raised
    assert isinstance(error, build.ChecksFailedError)
    failed = {found.check: found.keys for found in error.outcome.errors}
    assert set(failed) == {"rights-open", "dates-ordered", "outcome-sourced"}
    assert failed["rights-open"] == (open_.parent.name,)
    assert failed["dates-ordered"] == (updated.parent.name,)
    shown = capsys.readouterr()
    for check in failed:
        assert (shown.out + shown.err).count(f"[error] level 4, {check}: ") == 1
    assert shown.err == "The new dataset fails its checks; the previous one is unchanged.\n"
    assert read_files(project / "dataset") == before
    assert _inside(project) == files
