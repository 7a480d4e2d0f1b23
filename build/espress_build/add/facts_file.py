"""The facts of many pages in one CSV file: one row for each page, one column for each fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.schema import schema
from espress_build.inputs.record import FACTS, REGISTRY, Fact
from espress_build.inputs.registries import explain_unknown
from espress_build.inputs.toml_files import read_csv_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.add.draft import Stated
    from espress_build.inputs.registries import Registries
    from espress_build.pages.saved import Failure, Saved

_OWN = ("file", "basis", "confidence", "note")  # columns that are no facts; the last three hold for the whole row
_SEPARATOR = ";"  # between the parts of a list


@dataclass(frozen=True)
class FactsFile:
    """Stated facts of the pages of a folder or an archive, by the name of a file in it or the address of a page."""

    root: str
    rows: dict[str, Stated] = field(default_factory=dict)

    def select(self, saved: Saved | Failure) -> Stated:
        """Return the stated facts of one page."""
        names = (saved.source.removeprefix(self.root).lstrip("/\\"), saved.url, saved.source)
        return next((self.rows[name] for name in names if name in self.rows), {})


def read_facts(path: Path | None, root: Path, registries: Registries) -> FactsFile:
    """Read a CSV file of facts; None is a file without rows.

    Raises:
        InputError: a column is no fact, a value has the wrong form, an id is in no registry, or a page is named twice
            or is not there; every fault is listed.
    """
    found: dict[str, Stated] = {}
    problems: list[str] = []
    for line, row in read_csv_rows(path) if path else []:
        where = f"{path}, line {line}"
        if unknown := sorted(str(name) for name in row if name not in (*_OWN, *FACTS)):
            raise InputError([f"{path}: there is no fact {unknown}; columns: {', '.join((*_OWN, *FACTS))}."])
        name = (row.get("file") or "").strip()
        if name in found or not _exists(root, name):
            said = "is named twice" if name in found else f"is not in {root}"
            problems.append(f"{where}: {name!r} {said}. The column `file` names a page there, or its address.")
        found[name] = {fact.field: fact for fact in _read_facts(row)}
        problems += [f"{where}: {problem}." for problem in _find_problems(found[name], registries)]
    if problems:
        raise InputError(problems)
    return FactsFile(str(root), found)


def _exists(root: Path, name: str) -> bool:
    return bool(name) and (name.startswith(("http://", "https://")) or not root.is_dir() or (root / name).is_file())


def _read_facts(row: dict[str, str | None]) -> Iterator[Fact]:
    """Yield the facts of a row; an empty cell states nothing."""
    basis, confidence = row.get("basis") or "look-up", row.get("confidence") or "medium"
    note = row.get("note") or "stated when the article was added; say where it was found"
    for name, kind in FACTS.items():
        if text := (row.get(name) or "").strip():
            parts = [part.strip() for part in text.split(_SEPARATOR) if part.strip()]
            yield Fact(name, parts if kind is list else text, basis, confidence, note)


def _find_problems(facts: Stated, registries: Registries) -> Iterator[str]:
    for name, fact in facts.items():
        if not isinstance(fact, Fact):
            continue
        for term, vocabulary in ((fact.basis, "basis"), (fact.confidence, "confidence")):
            if term not in schema().vocabularies[vocabulary]:
                yield f"{vocabulary} {term!r} is not one of {list(schema().vocabularies[vocabulary])}"
        for value in fact.value if isinstance(fact.value, list) else [fact.value]:
            if name in REGISTRY and value is not None:
                yield from explain_unknown(registries, REGISTRY[name], value)
