"""What runs the pages that take one article into a release, and one person to gold labels."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import textwrap
from typing import TYPE_CHECKING, Any

from tests.helpers import PROJECT
from tests.tutorials.pages import environment

if TYPE_CHECKING:
    from pathlib import Path

_STEP = re.compile(r"^ *```sh step=(\w+)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


# A build without its checks, which takes the constructed sets from the dataset: a third of the time. The tests of the
# build and of the constructed sets cover the rest.
_BUILD_ALONE = """python -c '
from pathlib import Path
import pyarrow.parquet as pq
from espress_build import build
from espress_build.inputs.params import read_params
from espress_build.pipeline import dataset_swap
from espress_build.pipeline.package import write_sums
from espress_build.pipeline.version_number import candidate_numbers
where = build.places(Path())
names = "check", "stance_articles", "practice"
files = [path for name in names for path in (where.dataset / "data").glob(name + "*.parquet")]
build.constructed.make_constructed = lambda *_: {path.stem: pq.read_table(path) for path in files}
staged = build.assemble(where, read_params(), 1, where.cache)
build.describe(staged, where, candidate_numbers(staged)[-1])
write_sums(staged)
dataset_swap.exchange(where.dataset)
dataset_swap.recover(where.dataset)'
"""


def copy_clone(place: Path) -> Path:
    """Copy all files of the project that are not ignored into a new folder, and return it."""
    listed = ["git", "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, cwd=PROJECT, capture_output=True, text=True).stdout.splitlines():
        if (PROJECT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, place / name)
    return place


def without_checks(code: str) -> str:
    """Return a step in which builds leave out their checks; it is empty if it also generates the documents."""
    if "espress-build generate\n" in code:
        return ""  # the next page builds again
    return code.replace("espress-build run\n", _BUILD_ALONE)


def read_steps(page: str) -> dict[str, str]:
    """Return the commands of a page of docs/maintain by the names of their steps."""
    text = (PROJECT / "docs" / "maintain" / page).read_text(encoding="utf-8")
    return {name: textwrap.dedent(code) for name, code in _STEP.findall(text)}


def _choose(name: str, value: str, to: str = "text") -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": to, "type": "choices", "value": {"choices": [value]}}


def _write(name: str, words: str, to: str = "text") -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": to, "type": "textarea", "value": {"text": [words]}}


def answer_unit(data: dict[str, Any], why: str) -> list[dict[str, Any]]:
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


def answer_article(data: dict[str, Any], why: str) -> list[dict[str, Any]]:
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


def judge(tasks: Path, to: Path, why: str) -> None:
    """Write what Label Studio exports once all tasks about units and articles are answered."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    for kind, answer in (("units", answer_unit), ("articles", answer_article)):
        rows = json.loads((tasks / f"{kind}.json").read_text(encoding="utf-8"))
        done = [
            row | {"id": n, "annotations": [{"result": answer(row["data"], why), "created_at": "2026-12-01T10:00:00Z"}]}
            for n, row in enumerate(rows, 1)
        ]
        (to / f"{kind}.json").write_text(json.dumps(done), encoding="utf-8")


def run(place: Path, code: str) -> str:
    """Run a step in a copy of the project, with its schema and code, and return what it prints."""
    variables = environment(PYTHONPATH=f"{place / 'src'}{os.pathsep}{place / 'build'}")
    done = subprocess.run(
        ["bash", "-euc", code],
        cwd=place,
        env=variables,
        input="\n" * 1000,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
