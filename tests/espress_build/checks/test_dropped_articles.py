"""A build shows the articles that it drops, and compares with the last release, not with the last build."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.helpers import DATASET, PROJECT, copy_project

from espress_build import build
from espress_build.checks.validate import Outcome, validate
from espress_build.cli import main

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """Agency warns of data that a firm gathered in Prague

An agency said on Monday that a firm gathered data in Prague. The firm denied it on the same day.

A second paragraph follows here, and it says nothing that is of interest to anyone.
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed_sets: None) -> Path:
    """A copy of the project with its dataset and releases; only the checks of level 5 run."""

    def only_level_5(folder: Path, levels: range, *others: Any, **named: Any) -> Outcome:
        return validate(folder, levels, *others, **named) if levels.start == 5 else Outcome((), (), {})

    monkeypatch.setattr(build, "validate", only_level_5)
    folder = copy_project(tmp_path / "project")
    shutil.copytree(DATASET, folder / "dataset")
    shutil.copytree(PROJECT / "releases", folder / "releases", copy_function=os.link)  # nothing writes into them
    return folder


def run(project: Path, *arguments: str) -> int:
    return main.main(["--project", str(project), *arguments])


def add_draft(project: Path, day: str) -> Path:
    (project.parent / "page.txt").write_text(PAGE, encoding="utf-8")
    given = ["--outlet", "kafkadesk", "--event", "huawei-cz-2019", "--published", day, "--yes"]
    assert run(project, "add", str(project.parent / "page.txt"), *given) == 0
    (folder,) = (project / "raw" / "articles").glob(f"kafkadesk-{day.replace('-', '')}-*")
    return folder


def test_a_draft_may_be_re_dated_and_removed(project: Path, capsys: Any) -> None:
    draft = add_draft(project, "2019-07-24")
    assert run(project, "run", "--workers", "1") == 0
    shutil.rmtree(draft)
    draft = add_draft(project, "2019-07-25")
    assert run(project, "run", "--workers", "1") == 0
    shutil.rmtree(draft)
    capsys.readouterr()
    assert run(project, "run", "--workers", "1") == 0
    assert "| 5 release to release | 4 | 0 | 0 |" in capsys.readouterr().out


def test_a_newly_dropped_article_is_shown_once_and_the_exit_code_is_1(project: Path, capsys: Any) -> None:
    draft = add_draft(project, "2019-07-24")
    record = draft / "record.toml"
    record.write_text(record.read_text(encoding="utf-8").replace('role = "title"', 'role = "section"'), "utf-8")
    capsys.readouterr()
    reason = f"- {draft.name}: no_title (extract): no span has the role title; mark the headline in record.toml\n"
    assert run(project, "run", "--workers", "1") == 1
    shown = capsys.readouterr()
    assert shown.out.count(reason) == 1
    assert f"The build dropped {draft.name}, which the previous dataset did not drop." in shown.err
    assert reason in (project / "data-docs" / "report.md").read_text(encoding="utf-8")
    assert run(project, "run", "--workers", "1") == 0  # it was dropped before
    shown = capsys.readouterr()
    assert reason in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(("missing", "reason"), [("archives", "is missing"), ("", "no release to compare with")])
def test_without_the_last_release_level_5_says_why_it_is_skipped(
    project: Path, capsys: Any, missing: str, reason: str
) -> None:
    shutil.rmtree(project / "releases" / missing)
    assert run(project, "run", "--workers", "1") == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("| 5 "))
    assert reason in line
