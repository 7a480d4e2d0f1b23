"""Small pages with one difficulty each and the right value: those that are read wrongly are known, and get fewer."""

from __future__ import annotations

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

from espress_build.inputs.params import Params, read_params
from espress_build.inputs.registries import Registries, read_registries
from espress_build.pages.propose import PageProposal, propose_saved
from espress_build.pages.saved import Saved

CASES = Path("tests/fixtures/page_cases")
ROWS = list(csv.DictReader((CASES / "cases.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t"))
LIMITS = Path("docs/maintain/growing.md").read_text(encoding="utf-8").partition("## Known limits")[2]
KNOWN = frozenset(re.findall(r"^- `([\w.-]+)`:", LIMITS, re.MULTILINE))
MOST_KNOWN = 5  # lower this when a limit goes; never raise it


@cache
def _settings() -> tuple[Registries, Params]:
    return read_registries(Path("schema/registries")), read_params()


def _read(name: str) -> PageProposal:
    proposal = propose_saved(Saved(name, (CASES / name).read_bytes()), *_settings())
    assert isinstance(proposal, PageProposal), proposal
    return proposal


def _is_right_text(name: str, right: str, found: PageProposal) -> bool:
    """Return whether a body is what the last column of cases.tsv says in words."""
    source = (CASES / name).read_text(encoding="utf-8", errors="replace")
    first = re.sub(r"<[^>]+>", " ", source[source.index("<p>") :].partition("</p>")[0]) if "<p>" in source else ""
    count = {"six": 6, "three": 3, "two": 2}
    if match := re.match(r"(?:the )?(six|three|two) paragraphs", right):
        return len(found.paragraphs) == count[match[1]] and "TEASER" not in found.text
    if right.startswith("without "):
        return right.split()[1] not in found.text and len(found.paragraphs) >= 2
    if "first paragraph" in right:
        return " ".join(first.split()) in found.text.replace("\n\n", " ")
    if right.startswith("starts "):
        return found.text.startswith(right.removeprefix("starts "))
    return right.removeprefix("holds the paragraph ").rstrip("…") in found.text


def _is_right(row: dict[str, str]) -> bool:
    found = _read(row["file"])
    if row["field"] == "text":
        return _is_right_text(row["file"], row["right"], found)
    value = found.row()[row["field"]]
    return bool(value == (ast.literal_eval(row["right"]) if row["field"] == "authors" else row["right"]))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_case_is_right_or_a_known_limit(row: dict[str, str]) -> None:
    assert _is_right(row) != (row["file"] in KNOWN), (
        "remove what is read correctly now from the known limits in docs/maintain/growing.md"
    )


def test_known_limits_only_shrink() -> None:
    assert {row["file"] for row in ROWS} >= KNOWN
    assert len(KNOWN) <= MOST_KNOWN
