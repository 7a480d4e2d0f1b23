"""Our statistics agree with other libraries, and the committed measurements say so in the documents."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.statistics import correctness
from benchmarks.statistics.outside_scores import SCORES
from benchmarks.statistics.outside_tests import TESTS

from espress.errors import EspressError
from espress_build.docs.statistics import SECTIONS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.statistics.comparison import Comparison


def _held(project: Path, script: str) -> Any:
    return json.loads((project / "benchmarks" / "results" / f"{script}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_a_table_and_says_what_makes_it(project: Path, tmp_path: Path, name: str) -> None:
    table, *notes = SECTIONS[name](project / "dataset").split("\n\n")
    assert len({line.count("|") for line in table.splitlines()}) == 1
    assert not [note for note in notes if "\n" in note]
    with pytest.raises(EspressError, match=r"Type: make \w+") as error:
        SECTIONS[name](tmp_path / "dataset")
    target = str(error.value).rsplit(" ", 1)[-1]
    assert f"\n{target}:" in (project / "Makefile").read_text(encoding="utf-8")


def test_every_comparison_is_committed_and_agrees(project: Path) -> None:
    held = _held(project, "correctness")["comparisons"]
    assert [(one["what"], one["theirs"], one["cases"]) for one in held] == [
        (one.what, one.theirs, one.cases) for one in SCORES + TESTS
    ]
    assert min(one["cases"] for one in held) >= 1000
    assert all(one["largest"] <= one["limit"] for one in held)
    assert "too large" not in SECTIONS["correctness"](project / "dataset")


def test_our_number_of_articles_is_marked_and_few_are_refused(project: Path) -> None:
    table = SECTIONS["coverage"](project / "dataset")
    assert [line for line in table.splitlines() if "**5 (this corpus)**" in line and "**descriptive only**" in line]
    assert table.count("refused") == 2
    assert _held(project, "coverage")["coverage"]["largest_monte_carlo_error"] < 0.01


def test_no_test_rejects_too_often_unless_it_is_misread(project: Path) -> None:
    found = _held(project, "coverage")["null"]
    misread = [one for one in found if one["test"] == "paired_permutation" and one["about"] == "new articles"]
    fair = [one for one in found if one not in misread]
    assert all(one["kolmogorov_smirnov"]["too_often_p"] > 0.01 for one in fair)
    assert all(one["kolmogorov_smirnov"]["p"] > 0.01 for one in fair if one["about"] != "these articles")
    assert all(one["at_most_0.05"] > 0.1 for one in misread)


def test_the_bootstrap_is_a_hundred_times_as_fast_and_gives_the_same_numbers(project: Path) -> None:
    held = _held(project, "bootstrap")
    assert (held["predictions"], held["resamples"]) == (100_000, 10_000)
    assert held["ratio"] >= 100
    assert held["largest_difference"] <= 1e-12


def test_the_script_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["correctness", "--cases", "2"])
    assert correctness.main() == 0
    assert len(capsys.readouterr().out.splitlines()) == len(SCORES + TESTS)


@pytest.mark.parametrize("one", SCORES + TESTS, ids=lambda one: f"{one.what}, {one.theirs}")
def test_it_agrees(one: Comparison) -> None:
    assert one.largest(200 if one.cases > 1000 else 100, seed=1) <= one.limit
