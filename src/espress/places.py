"""Where the schema and the bundled dataset lie: beside the code in a wheel, in the repository in a clone."""

from __future__ import annotations

from pathlib import Path

from espress.errors import DatasetMissingError

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent.parent


def schema_folder() -> Path:
    """Return the folder of hand-written schema files."""
    packed = _PACKAGE / "_schema"
    return packed if packed.is_dir() else _REPOSITORY / "schema"


def dataset_folder() -> Path:
    """Return the folder of the bundled dataset.

    Raises:
        DatasetMissingError: neither the wheel nor the clone holds one.
    """
    for folder in (_PACKAGE / "_dataset", _REPOSITORY / "dataset"):
        if (folder / "README.md").is_file():
            return folder
    raise DatasetMissingError(
        f"No dataset in {_PACKAGE / '_dataset'} or {_REPOSITORY / 'dataset'}. Type `make corpus` in a clone."
    )
