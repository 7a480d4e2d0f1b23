"""Official validators accept what we write, and say so when something is wrong.

`make metadata-test` installs those that need an environment of their own, and switches them on: they take a minute.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.metadata.validators import VALIDATORS, Validator, released, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset folder with a release's metadata; the open edition is looked at by `make metadata-test`."""
    return released(tmp_path_factory.mktemp("release") / "dataset")


def _find_validator(name: str) -> Validator:
    (found,) = (validator for validator in VALIDATORS if validator.name == name)
    on = os.environ.get("ESPRESS_METADATA_TEST") == "1" and found.python.is_file()
    if found.environment and not on:
        pytest.skip("in an environment of its own; type: make metadata-test")
    return found


@pytest.mark.parametrize("name", [validator.name for validator in VALIDATORS])
def test_the_validator_has_no_complaint(name: str, folder: Path) -> None:
    result = run(_find_validator(name), folder)
    assert (result.status, result.reason) == ("PASS", "")


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def _without_key(name: str) -> Callable[[str], str]:
    return lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != name})


def _without_table(text: str) -> str:
    card = json.loads(text)
    return json.dumps(card | {"recordSet": [one for one in card["recordSet"] if one["@id"] != "unit_moves"]})


FAULTS: list[tuple[str, str, Callable[[str], str], str]] = [
    ("mlcroissant", "croissant.json", _without_key("datePublished"), "datePublished"),
    ("mlcroissant", "croissant.json", _without_table, "unit_moves: has no record set"),
    ("frictionless", "datapackage.json", lambda text: text.replace('"name": "fold"', '"name": "fould"'), "splits"),
    ("roc-validator", "ro-crate-metadata.json", lambda text: text.replace("datePublished", "dateCreated"), "date"),
    ("datacite", "datacite.json", _without_key("creators"), "'creators' is a required property"),
    ("extruct", "index.html", lambda text: text.replace('"creator"', '"maker"'), "no property maker"),
    ("huggingface_hub", "README.md", lambda text: text.replace("data/splits.parquet", "data/x.parquet"), ""),
]


@pytest.mark.parametrize(("name", "file", "change", "said"), FAULTS)
def test_the_validator_finds_a_fault(
    name: str, file: str, change: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    validator, damaged = _find_validator(name), released(tmp_path / "dataset")
    _edit(damaged / file, change)
    result = run(validator, damaged)
    assert result.status == "FAIL"
    assert said in result.reason


def test_a_validator_that_is_not_installed_is_skipped_with_a_reason(folder: Path) -> None:
    result = run(Validator("nobody", "nothing.json", "of-nobody"), folder)
    assert (result.status, result.reason) == ("SKIP", "not installed; type: make metadata-test")
