"""`validate` finds plausible faults whose hashes were written again; `make mutation-data` applies all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.espress_build.checks.mutants import MUTANTS, find_faults

if TYPE_CHECKING:
    from pathlib import Path

    from tests.espress_build.checks.loader import Validator
    from tests.espress_build.checks.mutants import Mutant

# What other columns show; of what only raw/ shows, two in a clone.
ALONE = [
    "articles: zone +08:00 becomes -08:00", "articles: authors ['']", "sentences: a mask dropped",
    "annotations: claim units of another article", "votes: votes of persons", "shortcuts: accuracy",
    "catalogue: doubled under a tracking parameter", "datapackage.json: open edition", "incidents.json: emptied",
    "SHA256SUMS: lines exchanged",
]  # fmt: skip
CLONE = ["articles: raw_sha256 changed at its end", "annotations: another reason"]
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


def test_there_are_mutants_of_every_table_and_file() -> None:
    assert len(MUTANTS) == len(BY_NAME) >= 120


@pytest.mark.parametrize("mutant", [BY_NAME[name] for name in [*ALONE, *CLONE]], ids=lambda mutant: mutant.name)
def test_a_fault_is_found(mutant: Mutant, tmp_path: Path, validated: Validator) -> None:
    alone, clone = find_faults(mutant, tmp_path / "dataset", validated)
    assert clone is not None
    assert (alone is not None) == (mutant.name in ALONE)
