"""Each check written by hand fails on the smallest dataset that breaks its promise, alone, and passes once mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress_build.checks import loader
from tests.helpers import read_files

from espress_build.checks.catalogue import written_checks

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = {check.id: check for check in written_checks()}
CASES = loader.all_cases()


def test_every_written_check_has_a_case_and_every_case_names_a_check() -> None:
    plain = {case.check for case in CASES if case.path.stem == "case"}
    stray = {folder.name for folder in loader.CASES.iterdir() if folder.is_dir()} - set(CHECKS)
    hints = [f"add validation/cases/{check}/case.toml, see {loader.__file__}" for check in sorted(set(CHECKS) - plain)]
    hints += [f"validation/cases/{name}: add [{name}] to validation/expectations.toml, or remove it" for name in stray]
    assert not hints, "\n".join(hints)


def test_the_sound_dataset_passes_every_level(base: Path, validated: loader.Validator) -> None:
    """So does every case once mended, since a case is this dataset and one change."""
    outcome = validated(base, before=base)
    assert outcome.incidents == ()
    assert outcome.skipped == {}
    assert {check.id for check in outcome.ran} >= set(CHECKS)


def test_a_mended_case_is_the_sound_dataset_byte_for_byte(base: Path, tmp_path: Path) -> None:
    folder, _ = loader.write_case(CASES[-1], tmp_path)
    assert read_files(loader.write_base(folder)) == read_files(base)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_fails_its_check_alone(case: loader.Case, tmp_path: Path, validated: loader.Validator) -> None:
    """Level 1 compares files with the tables that they describe; cases of levels 2 to 4 consist of tables."""
    described = case.level in (1, 5) or bool(case.changes["file"])
    folder, before = loader.write_case(case, tmp_path, described=described)
    outcome = validated(folder, before, range(1 if described else 2, 6))
    # A warning is no part of the sound dataset's incidents.json, which a build would write with it.
    beside = {*case.beside, "incidents-current"} if case.severity == "warning" else set(case.beside)
    found = [(one.check, one.level, one.severity, one.keys) for one in outcome.incidents if one.check not in beside]
    expected = (case.check, case.level, case.severity, case.keys)
    assert found == ([expected] if case.keys else [])
