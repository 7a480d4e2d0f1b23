"""Documents hold no number that a command did not make."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from espress_build.docs.generate import fill, generate, generated, prose
from espress_build.pipeline.build import places

if TYPE_CHECKING:
    from pathlib import Path

_ALLOWED = [
    re.compile(r"<!-- generated: [\w-]+ -->.*?<!-- end -->", re.DOTALL),  # made by `espress-build generate`
    re.compile(r"```.*?```", re.DOTALL),  # code
    re.compile(r"`[^`\n]*`"),
    re.compile(r"\]\([^)]*\)|https?://\S+"),  # links
    re.compile(r"\b\d{4}-\d{2}(-\d{2})?\b"),  # dates
    re.compile(r"\bv?\d+\.\d+(\.\d+)?(-[a-z0-9]+)?\b"),  # versions
    re.compile(r"\b(SHA-256|SHA256|UTF-8|CC BY|ISO \d+(-\d)?)\b"),  # names that hold digits
]


def numbers(text: str) -> list[str]:
    """Return the lines of prose that hold a digit outside what may hold one."""
    for allowed in _ALLOWED:
        text = allowed.sub("", text)
    return [line for line in text.splitlines() if re.search(r"\d", line)]


def test_the_rule_finds_numbers_and_spares_what_may_hold_them() -> None:
    assert numbers("alpha was 0.92 on 5 articles\n") == ["alpha was  on 5 articles"]
    assert numbers("<!-- generated: counts -->\n| 5 |\n<!-- end -->\nPython 3.11, 2019-07-23, `x[0]`\n") == []


def test_prose_holds_no_number_outside_generated_blocks(project: Path) -> None:
    found = {
        path.name: lines
        for path in [*prose(project), *project.glob("*/README.md")]
        if path.parent.name != "dataset"
        and not path.read_text(encoding="utf-8").startswith("<!-- made by")
        and (lines := numbers(path.read_text(encoding="utf-8")))
    }
    assert found == {}, "put the number into a generated block, see CONTRIBUTING.md"


def test_everything_generated_is_current(project: Path) -> None:
    generate(places(project), check=True)  # raises, and its message says what to type


def test_the_card_is_generated_whole_and_its_numbers_are_those_of_the_tables(project: Path) -> None:
    import pyarrow.parquet as pq

    from espress.files import hash_file
    from espress.schema import schema
    from espress_build.metadata.card import card
    from espress_build.metadata.facts import about

    paths = {t.name: project / "dataset" / "data" / f"{t.name}.parquet" for t in schema().tables}
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items()}
    files = {name: (path.stat().st_size, hash_file(path)) for name, path in paths.items()}
    package = json.loads((project / "dataset" / "datapackage.json").read_text(encoding="utf-8"))
    released = package["created"][:10] if "created" in package else None
    of_dataset = about(project / "dataset", version=package["version"], released=released)
    made = card(schema(), of_dataset, project / "dataset", rows, files)
    assert (project / "dataset" / "README.md").read_text(encoding="utf-8") == made


def test_an_unknown_or_unclosed_block_is_an_error(project: Path) -> None:
    from espress.errors import EspressError

    with pytest.raises(EspressError, match=r"no block 'nothing'\. Blocks: articles"):
        fill("<!-- generated: nothing -->\n<!-- end -->", project / "dataset", "x.md")
    with pytest.raises(EspressError, match="lacks its"):
        fill("<!-- generated: counts -->\n", project / "dataset", "x.md")


def test_drift_names_the_file_and_the_command_that_mends_it(project: Path, tmp_path: Path) -> None:
    import shutil

    from espress_build.docs.generate import DriftError

    for name in ("schema", "docs", "benchmarks"):
        shutil.copytree(project / name, tmp_path / name)
    shutil.copytree(project / "raw" / "annotations", tmp_path / "raw" / "annotations")
    for path in project.glob("*.md"):
        shutil.copy(path, tmp_path)
    shutil.copy(project / "CITATION.cff", tmp_path)
    shutil.copytree(project / "dataset", tmp_path / "dataset")
    where = places(tmp_path)
    generate(where, check=True)
    readme = tmp_path / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("| Kafkadesk ", "| Kafkadask "), encoding="utf-8")
    with pytest.raises(DriftError, match=r"README.md\nType: espress-build generate"):
        generate(where, check=True)
    assert generate(where, check=False) == [readme]
    assert generated(where)[readme] == readme.read_text(encoding="utf-8")
