"""The units of the project's own articles stay as they were reviewed, with each doubtful case decided by hand."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter

from tests.espress_build.pipeline.helpers import golden_lines, real_tables
from tests.helpers import PROJECT

DECIDED = PROJECT / "tests" / "fixtures" / "segmentation" / "decided.toml"
CONTENT = tomllib.loads(DECIDED.read_text(encoding="utf-8"))
NAMED = {unit for case in CONTENT["case"] for unit in case["units"]}


def test_the_units_are_those_for_which_the_doubtful_cases_were_decided() -> None:
    digest = hashlib.sha256("".join(f"{line}\n" for line in golden_lines()).encode()).hexdigest()
    assert CONTENT["units_sha256"] == digest, (
        "The units changed and decided.toml did not. Review the units that changed (compare `sentences` with the last "
        f'committed dataset), decide the doubtful ones in {DECIDED}, and write there: units_sha256 = "{digest}"'
    )
    roles = Counter(unit["role"] for unit in real_tables()["sentences"].to_pylist())
    assert roles == {"title": 5, "standfirst": 1, "sub-heading": 1, "body": 96}


def test_every_case_says_how_it_was_decided_and_every_doubtful_unit_is_in_one() -> None:
    """A unit is doubtful if a mark does not close where it opened, or a stop is inside or is missing at the end."""
    for case in CONTENT["case"]:
        assert set(case) == {"doubt", "decision", "units"}
        assert all(case.values())
    units = {unit["sentence_id"]: unit["text"] for unit in real_tables()["sentences"].to_pylist()}
    assert set(units) >= NAMED, sorted(NAMED - set(units))
    stop_inside = re.compile(r"[.?!…]\S*\s")
    doubtful = {
        name
        for name, text in units.items()
        if text.count("“") != text.count("”")
        or text.count('"') % 2
        or stop_inside.search(text)
        or not re.search(r"[.?!]$", text)
        or re.search("[–—:;]", text)
    }
    assert not doubtful - NAMED
