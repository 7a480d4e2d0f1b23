"""releases/errata.toml: known faults of published releases, which `espress.load` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.data.releases import read_errata
from espress.errors import InputError
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def check_errata(path: Path, versions: Iterable[str]) -> None:
    """Refuse a list of errata that nobody would be shown; no file is no fault. `versions` are those released.

    Raises:
        DamagedDataError: it is no TOML, or an entry lacks something; the message names the entry.
        InputError: entries name versions or tables that there are not, or none; every fault is listed.
    """
    if not path.is_file():
        return
    known = {"versions": list(versions), "tables": [table.name for table in schema().tables]}
    problems = []
    for number, erratum in enumerate(read_errata(path), 1):
        for key, names in known.items():
            given = getattr(erratum, key)
            if not given:
                problems.append(f"{path}, erratum {number}: {key} is empty; nobody would see it.")
            problems += [
                f"{path}, erratum {number}: {key} names {name!r}; there are: {', '.join(names) or 'none'}."
                for name in given
                if name not in names
            ]
    if problems:
        raise InputError(problems)
