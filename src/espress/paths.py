"""Paths of the schema and the bundled dataset: next to the code in a wheel, in the repository in a clone."""

from __future__ import annotations

from pathlib import Path

from espress.errors import DatasetMissingError

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent.parent


def _choose(in_wheel: str, in_clone: str) -> Path:
    packed = _PACKAGE / in_wheel
    return packed if packed.exists() else _REPOSITORY / in_clone


def schema_folder() -> Path:
    """Return the folder of the hand-written schema files."""
    return _choose("_schema", "schema")


def calibration_file() -> Path:
    """Return the JSON Lines file of constructed sentences with answers, from which few-shot examples are drawn."""
    return _choose("_calibration.jsonl", "raw/annotations/calibration.jsonl")


def dataset_folder() -> Path:
    """Return the folder of the bundled dataset.

    Raises:
        DatasetMissingError: neither the wheel nor the clone contains a dataset.
    """
    for folder in (_PACKAGE / "_dataset", _REPOSITORY / "dataset"):
        if (folder / "README.md").is_file():
            return folder
    raise DatasetMissingError(
        f"No dataset in {_PACKAGE / '_dataset'} or {_REPOSITORY / 'dataset'}. Type `make corpus` in a clone."
    )


def licence_file() -> Path:
    """Return the text about rights in the data, which every dataset contains."""
    return _choose("_dataset/LICENSE-DATA", "LICENSE-DATA")


def releases_file() -> Path:
    """Return the list of releases with the hash of every file; it exists after the first release."""
    return _choose("_releases.json", "releases/releases.json")


def errata_file() -> Path:
    """Return the list of known faults of published releases."""
    return _choose("_errata.toml", "releases/errata.toml")


def archives_folder() -> Path:
    """Return the folder in which a clone keeps the archive of each release; an installation has none."""
    return _REPOSITORY / "releases" / "archives"
