"""The tables of one dataset and the documents of the project, as the sections of the site read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.data.integrity import identify
from espress_build.tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

    Row = dict[str, Any]


class Dataset:
    """A dataset folder, and the project whose documents describe it.

    Attributes:
        folder: the dataset.
        project: the folder with docs/, schema/ and validation/.
        identity: version, edition and hashes.
        npm: the folder with the libraries from npm; None if the site is built without them.
    """

    def __init__(self, folder: Path, project: Path) -> None:
        """Read version and edition; tables are read on first use."""
        self.folder, self.project = folder, project
        self.identity = identify(folder)
        self.npm: Path | None = None
        self._tables: dict[str, list[Row]] = {}

    @property
    def version(self) -> str:
        """The version of the dataset."""
        return self.identity.version

    @property
    def edition(self) -> str:
        """Return "full" or "open"; the open edition contains no article text."""
        return self.identity.edition

    @property
    def is_open(self) -> bool:
        """Whether article text is withheld."""
        return self.edition == "open"

    def table(self, name: str) -> list[Row]:
        """Return the rows of a table, all splits in order; do not change them. Raises UnknownNameError."""
        if name not in self._tables:
            self._tables[name] = read_table(self.folder, name).to_pylist()
        return self._tables[name]
