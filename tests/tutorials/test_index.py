"""Every document is listed in docs/README.md, and every link from one document to another leads somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from tests.helpers import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$|^\*\*([^*]+)\.\*\*", re.MULTILINE)  # the glossary's terms are anchors on the site
_PAGES = sorted(
    [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), PROJECT / "docs" / "user" / "analysis.ipynb"]
)


def _find_links(page: Path) -> list[str]:
    return [one for one in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))) if "://" not in one]


def _find_anchors(page: Path) -> set[str]:
    found: set[str] = set()
    for heading, terms in _HEADING.findall(page.read_text(encoding="utf-8")):
        for words in [heading] if heading else terms.split(", "):
            found.add(re.sub(r"[^\w -]", "", re.sub(r"\]\([^)]*\)", "", words).lower()).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _find_links(page):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in _find_anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_document_is_in_the_index() -> None:
    index = PROJECT / "docs" / "README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in _find_links(index)}
    documents = {path for ending in ("md", "ipynb", "R") for path in index.parent.rglob(f"*.{ending}")} - {index}
    assert {path.relative_to(PROJECT).as_posix() for path in documents - listed} == set()


def test_the_glossary_is_short() -> None:
    assert len(re.findall(r"^\*\*", (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)) <= 30
