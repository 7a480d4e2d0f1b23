"""Run the commands as users type them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from espress.cli.main import main
from espress_build.cli.main import main as build

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = "global-times-20191106-1e8ce4fb"


def test_info_shows_each_article_and_says_what_they_cannot_support(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("20191") >= 2
    assert "a probe, not a sample" in shown
    assert "Units with a judgement by a person: 0." in " ".join(shown.split())


def test_an_unknown_article_is_answered_with_those_that_exist(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build(["--project", str(project), "trace", "nothing"]) == 2
    assert ARTICLE in capsys.readouterr().err


def test_verify_exits_1_on_findings_and_2_on_no_dataset(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 0
    copy = shutil.copytree(project / "dataset", tmp_path / "dataset")
    (copy / "README.md").write_text("", encoding="utf-8")
    assert main(["verify", str(copy)]) == 1
    assert main(["verify", str(tmp_path)]) == 2
    assert "README.md: has sha256" in capsys.readouterr().out


def test_trace_shows_every_stage_and_only_what_it_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(["--project", str(project), "trace", ARTICLE]) == 0
    out = capsys.readouterr().out
    stages = [line.removeprefix("== ") for line in out.splitlines() if line.startswith("==")]
    assert stages == ["ingest", "extract", "normalise", "segment", "mask", "label", "sketch", "link", "split"]
    segment = out.split("== segment")[1].split("== mask")[0]
    assert "articles[0]  n_sentences=32\n" in segment  # no other column of the article


def test_the_build_says_what_it_needs_outside_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(["--project", str(tmp_path), "run"]) == 2
    assert "--project DIR" in capsys.readouterr().err


def test_the_build_says_what_to_install(project: Path) -> None:
    code = "import sys; sys.modules['duckdb'] = None; from espress_build.cli.main import main; sys.exit(main(['run']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=project)
    assert done.returncode == 2
    assert re.search(
        r"duckdb is not installed. Type: pip install 'espress-[\d.]+-py3-none-any.whl\[build\]'", done.stderr
    )


@pytest.mark.parametrize("workers", ["0", "-1"])
def test_a_build_needs_a_worker(project: Path, workers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert build(["--project", str(project), "run", "--workers", workers]) == 2
    assert "at least 1" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["espress.cli.main", "espress_build.cli.main"])
def test_help_and_wrong_usage(module: str) -> None:
    assert subprocess.run([sys.executable, "-m", module, "--help"], check=False, capture_output=True).returncode == 0
    assert subprocess.run([sys.executable, "-m", module, "nonsense"], check=False, capture_output=True).returncode == 2
