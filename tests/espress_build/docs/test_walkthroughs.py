"""The pages that take one article into a release, and one person to gold labels, run as written.

The commands of both pages run one after the other in one copy of the project. In place of Label Studio, the test
answers the exported tasks as its JSON export does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from tests.espress_build.docs.test_examples import _PAGE

from espress_build.annotate.label_studio import make_configurations
from espress_build.annotate.material import read_material
from espress_build.build import places

_PROJECT = Path(__file__).resolve().parents[3]
_STEP = re.compile(r"^ *```sh step=(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


class Walk(NamedTuple):
    """The copy of the project, what each step printed, and the id of the article that was added."""

    place: Path
    printed: dict[str, str]
    article: str


def _read_steps(page: str) -> dict[str, str]:
    text = (_PROJECT / "docs" / "maintain" / page).read_text(encoding="utf-8")
    return {name: textwrap.dedent(code) for name, code in _STEP.findall(text)}


def _choose(name: str, value: str, to: str = "text") -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": to, "type": "choices", "value": {"choices": [value]}}


def _write(name: str, words: str, to: str = "text") -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": to, "type": "textarea", "value": {"text": [words]}}


def _answer_unit(data: dict[str, Any], why: str) -> list[dict[str, Any]]:
    """Answer "yes" for the second unit and one proposition, in the outlet's own voice, else "no" without a reason."""
    found = []
    chosen = {"source_id": "outlet", "position": "support", "attributed": "no", "lapsed": "no", "hedged": "no"}
    for number, name in enumerate(data["propositions"], 1):
        p = f"p{number}"
        bears_on = (data["unit"].split(".")[1], name) == ("02", "covert_activity_by_cn")
        found.append(_choose(f"bears_on_{p}", "yes" if bears_on else "no"))
        if bears_on:
            found += [_choose(f"{field}_{p}_1", value) for field, value in chosen.items()]
            found += [_write(f"bears_on_reason_{p}", why), _write(f"reason_{p}_1", why)]
    return found


def _answer_article(data: dict[str, Any], why: str) -> list[dict[str, Any]]:
    found = [_write("outlet_guess", "unknown"), _write("country_guess", "CZ"), _write("confidence", "0.5")]
    found.append(_write("guess_reason", why))
    for at in range(len(data["events"])):
        to = f"event_{at}"
        found += [
            _choose(f"focal_proposition_{at}", "covert_activity_by_cn", to),
            _write(f"focal_reason_{at}", why, to),
        ]
        found += [_choose(f"stance_{at}", "neither", to), _write(f"stance_reason_{at}", why, to)]
    return found


def _judge(tasks: Path, to: Path, why: str) -> None:
    """Write what Label Studio exports once all tasks about units and articles are answered."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for kind, answer in (("units", _answer_unit), ("articles", _answer_article)):
        rows = json.loads((tasks / f"{kind}.json").read_text(encoding="utf-8"))
        done = [
            row | {"id": n, "annotations": [{"result": answer(row["data"], why), "created_at": "2026-12-01T10:00:00Z"}]}
            for n, row in enumerate(rows, 1)
        ]
        (to / f"{kind}.json").write_text(json.dumps(done), encoding="utf-8")


def _run(place: Path, code: str) -> str:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{place / 'src'}{os.pathsep}{place / 'build'}",
    }
    done = subprocess.run(
        ["bash", "-euc", code], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    place = tmp_path_factory.mktemp("walk") / "project"
    listed = ["git", "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, cwd=_PROJECT, capture_output=True, text=True).stdout.splitlines():
        if (_PROJECT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(_PROJECT / name, place / name)
    (place / "page.txt").write_text(_PAGE, encoding="utf-8")
    before, printed = {path.name for path in (place / "raw" / "articles").iterdir()}, {}
    for page, why in (("first-article.md", "plainly"), ("new-annotator.md", "as the unit says")):
        steps = _read_steps(page)
        for name, code in steps.items():
            if name == "import":
                _judge(place / "tasks", place / "judged", why)
            printed[f"{page}: {name}"] = _run(place, code)
    (article,) = {path.name for path in (place / "raw" / "articles").iterdir()} - before
    return Walk(place, printed, article)


def _read_rows(walk: Walk, table: str) -> list[dict[str, Any]]:
    rows = pq.read_table(walk.place / "dataset" / "data" / f"{table}.parquet").to_pylist()
    return [row for row in rows if row["article_id"] == walk.article]


def test_every_step_of_both_pages_ran(walk: Walk) -> None:
    names = [name.partition(": ") for name in walk.printed]
    assert [name for page, _, name in names if page == "first-article.md"] == [
        "draft", "correct", "build", "input", "export", "import", "labelled"
    ]  # fmt: skip
    assert [name for page, _, name in names if page == "new-annotator.md"] == ["export", "import", "build", "look"]


def test_the_article_has_its_facts_and_gold_by_persons(walk: Walk) -> None:
    (article,) = _read_rows(walk, "articles")
    assert article["genre"] == "news_report"
    assert {row["gold_basis"] for row in _read_rows(walk, "relevance")} == {"majority_of_persons"}
    (entry,) = _read_rows(walk, "entries")
    assert (entry["source_id"], entry["position"], entry["gold_basis"]) == ("outlet", "support", "majority_of_persons")


def test_the_import_counts_what_is_judged_and_names_what_is_missing(walk: Walk) -> None:
    first, second = (walk.printed[f"{page}: import"] for page in ("first-article.md", "new-annotator.md"))
    assert "missing: A" in first  # the other articles were not exported
    assert re.search(r"bears_on: (\d+) of \1 judged\n", second)


def test_the_pages_name_the_label_studio_that_is_tested(project: Path) -> None:
    pinned = re.search(
        r"label-studio==\S+", (project / "tests/espress_build/annotate/label-studio.in").read_text(encoding="utf-8")
    )
    assert pinned
    assert pinned[0] in (project / "docs/maintain/new-annotator.md").read_text(encoding="utf-8")
    assert set(make_configurations(read_material(places(project)))) == {"units", "articles"}
