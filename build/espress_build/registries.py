"""The registries of `schema/registries/`: outlets, events, propositions and sources, one TOML entry each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress.schema import schema
from espress_build.dialects.arrow import arrow_schema
from espress_build.tables import CLAIMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("outlets", "events", "propositions", "sources")
OUTLET_FACTS = ("country", "owner", "legal_seat", "funding", "founders", "self_description", "typology")


@dataclass(frozen=True)
class Registries:
    """Rows of each registry, in order of their ids."""

    outlets: dict[str, dict[str, Any]]
    events: dict[str, dict[str, Any]]
    propositions: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    claims: dict[str, list[str]]  # of events that two outlets or more cover

    @cached_property
    def claim_table(self) -> Any:
        """The claims as the stage `label` takes them."""
        rows = [{"event_id": event, "claims": claims} for event, claims in self.claims.items()]
        return pa.Table.from_pylist(rows, schema=CLAIMS)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The registries as Arrow tables of their published schema."""
        return {
            name: pa.Table.from_pylist(list(getattr(self, name).values()), schema=arrow_schema(schema().table(name)))
            for name in NAMES
        }


def _outlet(raw: dict[str, Any]) -> dict[str, Any]:
    """Spread an outlet's facts over the columns: one value each, but for official acts, which may be many."""
    facts = [{"source": None, "source_date": None, "note": None} | fact for fact in raw.pop("fact", [])]
    values = {fact["field"]: fact["value"] for fact in facts}
    acts = [fact["value"] for fact in facts if fact["field"] == "official_act"]
    return raw | {field: values.get(field) for field in OUTLET_FACTS} | {"official_acts": acts, "facts": facts}


def _outlet_problems(raw: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for fact in raw.get("fact", []):
        field = fact.get("field")
        if field not in (*OUTLET_FACTS, "official_act"):
            yield f"there is no outlet fact {field!r}"
        if field in seen and field != "official_act":
            yield f"fact {field} stands twice"
        if missing := {"value", "basis", "confidence"} - set(fact):
            yield f"fact {field} lacks {sorted(missing)}"
        if not ({"source", "note"} & set(fact)):
            yield f"fact {field} needs a source, or a note that says how it was inferred"
        seen.add(field)


def _rows(name: str, path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    table = schema().table(name)
    rows, problems = {}, []
    for key, raw in sorted(tomllib.loads(path.read_text(encoding="utf-8")).items()):
        found = list(_outlet_problems(raw)) if name == "outlets" else []
        row = {table.key[0]: key} | (_outlet(dict(raw)) if name == "outlets" and not found else raw)
        columns = {column.name for column in table.columns}
        required = {column.name for column in table.columns if not column.nullable}
        if not found and (wrong := sorted((set(row) - columns) | (required - set(row)))):
            found = [f"unknown or missing keys {wrong}"]
        problems += [f"{path}: [{key}]: {problem}" for problem in found]
        rows[key] = row
    return rows, problems


def read_registries(folder: Path) -> Registries:
    """Read all registries; raises InputError with every entry that is not as the schema says."""
    read = {name: _rows(name, folder / f"{name}.toml") for name in NAMES}
    if problems := [problem for _, found in read.values() for problem in found]:
        raise InputError(problems)
    raw = tomllib.loads((folder / "claims.toml").read_text(encoding="utf-8"))
    if unknown := sorted(set(raw) - set(read["events"][0])):
        raise InputError([f"{folder / 'claims.toml'}: there are no events {unknown}."])
    claims = {event: list(entry["claims"]) for event, entry in raw.items()}
    return Registries(**{name: rows for name, (rows, _) in read.items()}, claims=claims)
