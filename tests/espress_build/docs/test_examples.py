"""The examples in documents run as written: Python blocks of README and card, and the recipes of CONTRIBUTING.

All recipes are applied one after the other to one copy of the project, which is then read and used as a whole.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

_PROJECT = Path(__file__).resolve().parents[3]
_RECIPE = re.compile(r"```sh recipe=(?P<name>\w+) changes=(?P<changes>\S+)\n(?P<code>.*?)```", re.DOTALL)
_RECIPES = {
    match["name"]: match for match in _RECIPE.finditer((_PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
}
_PAGE = """The Daily Example

Ministry warns of foreign agents at the trade fair

By Jo Example
July 24, 2019

A ministry said on Wednesday that foreign agents had approached several visitors of the trade fair in the capital.

The agents offered money to visitors for plans of the fair, the ministry said, and warned other visitors to be careful.

Leave a comment
"""
_HTML = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Agents at the trade fair - Kafkadesk</title>
<link rel="canonical" href="https://kafkadesk.org/2019/07/24/an-example/"><script type="application/ld+json">
{"@type": "NewsArticle", "datePublished": "2019-07-24T09:30:00+02:00", "author": {"name": "Jo Example"}}</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>Agents at the trade fair</h1>
<p>A ministry said on Wednesday that foreign agents had approached several visitors of the trade fair there.</p>
<p>The agents offered money to visitors for plans of the fair, the ministry said, and <b>warned</b> other visitors.</p>
</article><aside>Leave a comment</aside></body></html>
"""


def test_the_readme_runs_as_written(project: Path) -> None:
    page = (project / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python name=(\w+)\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in blocks] == ["load", "probe", "check", "audit"]
    assert page.count("```python") == len(blocks)
    code = "\n".join(code for _, code in blocks)
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, check=True, cwd=project, capture_output=True, text=True)
    shown = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    assert len(shown) == 3
    assert done.stdout.endswith("".join(shown)), "what the page shows is not what it prints. Type: make examples"


def test_the_readme_says_what_to_do_without_make(project: Path) -> None:
    page = (project / "README.md").read_text(encoding="utf-8")
    (extras,) = re.findall(r"pip install -e \"\.\[(.+)\]\"\n", page)
    stated = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras.split(",")) <= set(stated["optional-dependencies"])
    assert "espress-build run" in page.partition(f"[{extras}]")[2].partition("```")[0]
    assert "espress-build" in stated["scripts"]


def test_the_card_runs_as_written(project: Path) -> None:
    (code,) = re.findall(
        r"```python\n(.*?)```", (project / "dataset" / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    code = code.replace("PATH_TO_THIS_FOLDER", str(project / "dataset"))
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True)


class Applied(NamedTuple):
    """A copy of the project with all recipes applied, and the files that each recipe changed."""

    place: Path
    changes: dict[str, list[str]]

    def run(self, code: str) -> None:
        """Run shell code as a maintainer would, with this environment's commands, on the copy's schema and code."""
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": f"{self.place / 'src'}{os.pathsep}{self.place / 'build'}",
        }
        subprocess.run(["bash", "-euc", code], check=True, cwd=self.place, env=environment)

    def read(self, path: str) -> str:
        """Return the text of a file of the copy."""
        return (self.place / path).read_text(encoding="utf-8")


def _git(place: Path, *arguments: str) -> list[str]:
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    return subprocess.run(command, check=True, cwd=place, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    place = tmp_path_factory.mktemp("recipes") / "project"
    for name in _git(_PROJECT, "ls-files", "-co", "--exclude-standard"):
        if (_PROJECT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_PROJECT / name, place / name)
    (place / "page.txt").write_text(_PAGE, encoding="utf-8")
    (place / "page.html").write_text(_HTML, encoding="utf-8")
    _git(place, "init", "-q", ".")
    made = Applied(place, {})
    for name in ["", *_RECIPES]:
        if name:
            made.run(_RECIPES[name]["code"])
            made.changes[name] = sorted(line[3:] for line in _git(place, "status", "--porcelain", "-uall"))
        _git(place, "add", "-A")
        _git(place, "commit", "-qm", name or "copy")
    return made


def test_there_is_a_recipe_for_each_thing_that_one_adds() -> None:
    assert " ".join(sorted(_RECIPES)) == "article baseline check column event function outlet page pointer source task"


@pytest.mark.parametrize("name", sorted(_RECIPES))
def test_a_recipe_touches_one_place(name: str, applied: Applied) -> None:
    place, changed = _RECIPES[name]["changes"], applied.changes[name]
    assert changed
    assert all(path == place or path.startswith(f"{place}/") for path in changed), changed


def test_the_project_reads_what_the_recipes_added(applied: Applied) -> None:
    # Registries, schema, checks, and all of raw/ through all stages, without a fault.
    applied.run(
        "python -c 'import pathlib\n"
        "from espress_build.build import assemble, places\n"
        "from espress_build.inputs.params import read_params\n"
        "from espress_build.checks.validate import all_checks\n"
        "all_checks(); assemble(places(pathlib.Path()), read_params(), 1)'"
    )


def test_the_check_recipe_brings_the_case_that_fails_it(applied: Applied) -> None:
    applied.run("python -m pytest -q -p no:cacheprovider tests/espress_build/checks/test_cases.py -k event-described")


def test_the_probe_finds_the_new_baseline_and_the_new_task(applied: Applied) -> None:
    applied.run("python -m espress.cli.main probe run first --task attributed")
