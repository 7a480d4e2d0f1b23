"""A real release, with two fresh environments and the project's own build. It takes minutes, so it runs on request.

Type: ESPRESS_RELEASE_TEST=1 python -m pytest tests/espress_build/release/test_real_release.py -s
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.release.small_project import commit, git

if TYPE_CHECKING:
    from pathlib import Path

ASKED = pytest.mark.skipif(
    "ESPRESS_RELEASE_TEST" not in os.environ, reason="set ESPRESS_RELEASE_TEST=1: it takes minutes"
)
_ASIDE = (".git", ".venv", ".make", "__pycache__", ".*_cache", ".hypothesis", "data-docs")


@ASKED
def test_a_release_is_cut_and_its_commit_builds_to_the_same_bytes(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "project", ignore=shutil.ignore_patterns(*_ASIDE))
    git(tmp_path, "init", "-q", str(copy))
    commit(copy)
    variables = os.environ | {"PYTHONPATH": f"{copy / 'src'}{os.pathsep}{copy / 'build'}"}

    def build(*arguments: str) -> str:
        command = [sys.executable, "-m", "espress_build.cli.main", *arguments]
        done = subprocess.run(command, cwd=copy, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    print(build("release", "9.0.0"))
    logs = [path.read_text(encoding="utf-8") for path in sorted((copy / "releases" / "logs").glob("9.0.0-*"))]
    assert len(logs) == 2
    assert not [log for log in logs if str(tmp_path) in log or sys.executable in log or "WARNING" in log]
    commit(copy)
    build("run")
    build("generate", "--check")
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=copy, capture_output=True, text=True, check=True)
    assert changed.stdout == ""
    assert build("diff", "9.0.0", "dataset") == "no difference\n"
