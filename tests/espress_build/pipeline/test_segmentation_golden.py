"""The units of the project's own articles, frozen, with each doubtful case decided by hand."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from functools import cache
from typing import Any

from tests.espress_build.pipeline.helpers import GOLDEN, golden_lines, real_tables

COMMAND = "python -m tests.espress_build.pipeline.test_segmentation_golden"


def golden() -> bytes:
    return (GOLDEN / "units.jsonl").read_bytes()


@cache
def decided() -> dict[str, Any]:
    return tomllib.loads((GOLDEN / "decided.toml").read_text(encoding="utf-8"))


def test_the_units_that_the_build_makes_are_the_golden_ones() -> None:
    built = golden_lines()
    kept = golden().decode().splitlines()
    changed = sorted(set(built) ^ set(kept))
    assert built == kept, (
        f"{len(changed)} units differ from the golden list, the first: {changed[:2]}. "
        f"If this is intended, type `{COMMAND}`, review them, and update decided.toml."
    )


def test_the_list_of_doubtful_cases_was_brought_up_to_date_with_the_golden_list() -> None:
    digest = hashlib.sha256(golden()).hexdigest()
    assert decided()["units_sha256"] == digest, (
        "units.jsonl changed and decided.toml did not. Review the units that changed, decide the doubtful ones in "
        f'{GOLDEN / "decided.toml"}, and write there: units_sha256 = "{digest}"'
    )


def test_every_case_names_units_that_exist_and_says_how_it_was_decided() -> None:
    units = {json.loads(line)["sentence_id"] for line in golden().decode().splitlines()}
    for case in decided()["case"]:
        assert set(case) == {"doubt", "decision", "units"}
        assert case["doubt"]
        assert case["decision"]
        assert case["units"]
        assert set(case["units"]) <= units, sorted(set(case["units"]) - units)


def test_every_unit_that_looks_doubtful_is_decided() -> None:
    """A mark that does not close where it opened, a stop inside, or no stop at the end: a reader would look twice."""
    units = {unit["sentence_id"]: unit["text"] for unit in real_tables()["sentences"].to_pylist()}
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
    assert not doubtful - {unit for case in decided()["case"] for unit in case["units"]}


def test_the_golden_list_has_103_units_of_four_roles_and_no_text() -> None:
    units = [json.loads(line) for line in golden().decode().splitlines()]
    assert Counter(unit["role"] for unit in units) == {"title": 5, "standfirst": 1, "sub-heading": 1, "body": 96}
    assert all(set(unit) == {"sentence_id", "role", "field", "start", "end", "sha256"} for unit in units)


def regenerate() -> None:
    """Write the golden list again, and print what remains to be done by hand."""
    written = "".join(f"{line}\n" for line in golden_lines()).encode()
    (GOLDEN / "units.jsonl").write_bytes(written)
    digest = hashlib.sha256(written).hexdigest()
    print(f"wrote {GOLDEN / 'units.jsonl'}. Review the units that changed, then update the cases in")
    print(f'{GOLDEN / "decided.toml"}, and write there: units_sha256 = "{digest}"')


if __name__ == "__main__":
    regenerate()
