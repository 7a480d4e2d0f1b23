"""The pages that take one article into a release, and one person to gold labels, run as written.

The commands of both pages run one after the other in one copy of the project. In place of Label Studio, the test
answers the exported tasks as its JSON export does. Unless `make tutorials` asks for all, builds leave out their checks.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq
import pytest
from tests.tutorials.pages import HEAVY
from tests.tutorials.walks import copy_clone, judge, read_steps, run, without_checks

from espress_build.annotate.label_studio import make_configurations
from espress_build.annotate.material import read_material
from espress_build.build import places

if TYPE_CHECKING:
    from pathlib import Path

_WHOLE = os.environ.get(HEAVY) == "1"


class Walk(NamedTuple):
    """The copy of the project, what each step printed, and the id of the article that was added."""

    place: Path
    printed: dict[str, str]
    article: str


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    place = copy_clone(tmp_path_factory.mktemp("walk") / "project")
    before, printed = {path.name for path in (place / "raw" / "articles").iterdir()}, {}
    for page, why in (("first-article.md", "plainly"), ("new-annotator.md", "as the unit says")):
        for name, code in read_steps(page).items():
            if name == "import":
                judge(place / "tasks", place / "judged", why)
            printed[f"{page}: {name}"] = run(place, code if _WHOLE else without_checks(code))
    (article,) = {path.name for path in (place / "raw" / "articles").iterdir()} - before
    return Walk(place, printed, article)


def _read_rows(walk: Walk, table: str) -> list[dict[str, Any]]:
    rows = pq.read_table(walk.place / "dataset" / "data" / f"{table}.parquet").to_pylist()
    return [row for row in rows if row["article_id"] == walk.article]


def test_every_step_of_both_pages_ran(walk: Walk) -> None:
    names = [name.partition(": ") for name in walk.printed]
    assert [name for page, _, name in names if page == "first-article.md"] == [
        "page", "draft", "correct", "build", "input", "export", "import", "labelled", "diff"
    ]  # fmt: skip
    assert [name for page, _, name in names if page == "new-annotator.md"] == [
        "practise", "export", "import", "build", "look"
    ]  # fmt: skip


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


def test_the_practice_asks_and_answers(walk: Walk) -> None:
    practised = walk.printed["new-annotator.md: practise"]
    assert re.search(r"support, deny, question or mention of \w+\? (support|deny|question|mention)\n", practised)


def test_the_comparison_names_the_article(walk: Walk, project: Path) -> None:
    assert (
        walk.printed["first-article.md: diff"] == f"articles: 1 added, 0 removed, 0 cells changed\n  + {walk.article}\n"
    )
    page = (project / "docs" / "maintain" / "first-article.md").read_text(encoding="utf-8")
    assert walk.article in page  # in the output that the page shows


def test_the_agreement_of_persons_is_printed(walk: Walk) -> None:
    assert "## person agreement" in walk.printed["new-annotator.md: look"]
    assert "## person model" in walk.printed["new-annotator.md: look"]


def test_the_pages_name_the_label_studio_that_is_tested(project: Path) -> None:
    pinned = re.search(
        r"label-studio==\S+", (project / "tests/espress_build/annotate/label-studio.in").read_text(encoding="utf-8")
    )
    assert pinned
    assert pinned[0] in (project / "docs/maintain/new-annotator.md").read_text(encoding="utf-8")
    assert set(make_configurations(read_material(places(project)))) == {"units", "articles"}
