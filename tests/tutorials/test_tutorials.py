"""The tutorials run as written, and print what they show.

`make tutorials` also runs what takes minutes or needs R: the Python tutorial in a new environment with nothing but the
wheel, the tutorial in R, and the reviewer's commands that build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from tests.helpers import DATASET, PROJECT
from tests.tutorials.pages import (
    FIGURE,
    HEAVY,
    PYTHON,
    REVIEWER,
    SQL,
    VERSIONED,
    R,
    find_differences,
    lay_out_clone,
    read_blocks,
    renew_versions,
    run_python,
    run_r,
    run_shell,
    run_shell_blocks,
    run_sql,
)

import espress

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_RUN = 7  # words that a page may have in common with an article, such as the names of its labels


def _explain_missing_r() -> str:
    if os.environ.get(HEAVY) != "1":
        return "the tutorial in R runs with: make tutorials"
    if not (shutil.which("Rscript") and shutil.which("unzip")):
        return "Rscript or unzip is not installed"
    asked = "quit(status = !all(sapply(c('rpart', 'jsonlite'), requireNamespace, quietly = TRUE)))"
    return "R has no rpart or jsonlite" if subprocess.run(["Rscript", "-e", asked], check=False).returncode else ""


_heavy = pytest.mark.skipif(os.environ.get(HEAVY) != "1", reason="this takes minutes: make tutorials")


def test_the_python_tutorial_prints_what_it_shows(tmp_path: Path) -> None:
    assert find_differences(PYTHON, run_python(PYTHON, tmp_path)) == []
    assert {path.name for path in tmp_path.iterdir()} == {"labels.svg", "check.svg", "mine.csv"}
    drawn, shown = (
        re.findall(r">([^<>\n]+)</text>", path.read_text("utf-8")) for path in (tmp_path / "labels.svg", FIGURE)
    )
    assert "92 (86 %)" in drawn
    assert drawn == shown, "the figure has changed. Type: make examples"


def test_the_sql_tutorial_prints_what_it_shows() -> None:
    assert find_differences(SQL, run_sql(SQL, PROJECT)) == []


def test_the_reviewers_quick_commands_print_what_the_page_shows(tmp_path: Path) -> None:
    assert find_differences(REVIEWER, run_shell_blocks(REVIEWER, lay_out_clone(tmp_path), heavy=False)) == []


def test_the_reviewers_page_has_ten_commands() -> None:
    assert len(read_blocks(REVIEWER)) == 10
    assert [one.name for one in read_blocks(REVIEWER) if one.heavy] == ["rebuild", "checks", "open"]


@pytest.mark.parametrize("page", VERSIONED, ids=lambda page: page.stem)
def test_a_page_compares_with_the_last_release(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "espress-build diff " in text
    assert text == renew_versions(text), "there is a newer release. Type: make examples"


def test_only_installing_is_left_to_the_reader() -> None:
    unnamed = {
        page.name: [one.code for one in read_blocks(page) if not one.name] for page in (PYTHON, R, SQL, REVIEWER)
    }
    (install,) = unnamed.pop("tutorial-python.md")
    assert "pip install" in install
    assert set(map(tuple, unnamed.values())) == {()}
    (wheel,) = re.findall(r"espress-(\S+)-py3-none-any\.whl", install)
    assert f'version = "{wheel}"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [PYTHON, R, SQL, REVIEWER], ids=lambda page: page.stem)
def test_a_page_quotes_no_article(page: Path) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[at : at + _LONGEST_RUN]) for at in range(len(words) - _LONGEST_RUN)}

    texts = pq.read_table(DATASET / "data" / "articles.parquet", columns=["title", "text"]).to_pylist()
    quoted = runs(page.read_text(encoding="utf-8")) & {
        run for row in texts for text in row.values() for run in runs(text)
    }
    assert quoted == set()


@pytest.mark.skipif(bool(_explain_missing_r()), reason=_explain_missing_r() or "present")
def test_the_r_tutorial_prints_what_it_shows(tmp_path: Path) -> None:
    assert find_differences(R, run_r(R, tmp_path)) == []
    assert (tmp_path / "labels.svg").is_file()
    assert (tmp_path / "report.html").is_file()


@_heavy
def test_the_python_tutorial_in_a_new_environment_with_nothing_but_the_wheel(tmp_path: Path) -> None:
    wheels, folder = tmp_path / "wheels", tmp_path / "empty"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], cwd=PROJECT, check=True
    )
    (wheel,) = wheels.iterdir()
    shutil.copy(wheel, folder)
    (install,) = [one.code for one in read_blocks(PYTHON) if not one.name]
    run_shell(install.removesuffix("python\n"), folder)
    python = folder / "env" / "bin" / "python"
    assert find_differences(PYTHON, run_python(PYTHON, folder, str(python))) == []
    for command in ("info", "info entries", "show kafkadesk", "show kafkadesk --html"):  # that the text mentions
        subprocess.run([python.with_name("espress"), *command.split()], cwd=folder, check=True, capture_output=True)
    version = espress.versions()[0]
    (bundled,) = (folder / "env").glob("lib/python*/site-packages/espress/_dataset")
    shutil.rmtree(bundled)
    shutil.unpack_archive(PROJECT / "releases" / "archives" / f"espress-{version}-open.tar.gz", bundled.parent)
    (bundled.parent / f"espress-{version}-open").rename(bundled)
    (differs,) = find_differences(PYTHON, run_python(PYTHON, folder, str(python)))
    assert "block cite" in differs


@_heavy
def test_the_reviewers_commands_that_build_print_what_the_page_shows(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
    (clone / ".make").mkdir()
    code = f"{clone / 'src'}{os.pathsep}{clone / 'build'}"
    assert find_differences(REVIEWER, run_shell_blocks(REVIEWER, clone, heavy=True, PYTHONPATH=code)) == []
