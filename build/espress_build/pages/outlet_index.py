"""The registry of outlets as pages are looked up in it: by host, by name, and the agencies that a line credits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.pages.authors import name_key

if TYPE_CHECKING:
    from espress_build.inputs.registries import Registries

Row = dict[str, Any]


@dataclass(frozen=True)
class Directory:
    """Entries by domain and by key of name or alias; `agencies` pairs each spelling with its entry's id."""

    domains: dict[str, Row]
    named: dict[str, tuple[tuple[str, Row], ...]]
    agencies: tuple[tuple[str, str], ...]
    houses: frozenset[str]

    def by_host(self, host: str) -> Row | None:
        """Return the entry with the longest domain that a host lies in."""
        labels = host.split(".")
        suffixes = (".".join(labels[start:]) for start in range(len(labels)))
        return next((self.domains[suffix] for suffix in suffixes if suffix in self.domains), None)

    def by_name(self, name: str) -> Row | None:
        """Return the one entry that bears a name; a short name, such as initials, only as it is spelt."""
        key = name_key(name)
        rows = {row["outlet_id"]: row for spelling, row in self.named.get(key, ()) if len(key) > 4 or name == spelling}
        return next(iter(rows.values())) if len(rows) == 1 else None

    def agencies_in(self, line: str) -> list[str]:
        """Return the ids of agencies that a line names as whole words, letters' case kept."""
        return [key for spelling, key in self.agencies if spelling in line and _whole(spelling, line)]


def _whole(name: str, line: str) -> bool:
    han = re.search(r"[\u3040-\u9fff]", name) is not None  # no spaces part its words
    return han or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line) is not None


_made: dict[int, tuple[Registries, Directory]] = {}  # one set of registries in a run; kept with it, so that ids hold


def directory_of(registries: Registries) -> Directory:
    """Return the directory of these registries, made once."""
    if id(registries) not in _made:
        _made.clear()
        _made[id(registries)] = (registries, _directory(registries))
    return _made[id(registries)][1]


def _directory(registries: Registries) -> Directory:
    rows = list(registries.outlets.values())
    spelt = [(name, row) for row in rows for name in (row["name"], *row["aliases"])]
    named: dict[str, list[tuple[str, Row]]] = {}
    for name, row in spelt:
        named.setdefault(name_key(name), []).append((name, row))
    return Directory(
        {domain.removeprefix("www."): row for row in rows for domain in row["domains"]},
        {key: tuple(pairs) for key, pairs in named.items()},
        tuple((name, row["outlet_id"]) for name, row in spelt if row["kind"] == "agency"),
        frozenset(named),
    )
