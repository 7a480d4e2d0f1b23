"""The registries of `schema/registries/`: outlets, events, propositions and sources, one TOML entry each."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress.schema import schema
from espress.tables import join_few
from espress_build.inputs.citable import find_addresses, list_citation_problems
from espress_build.inputs.toml_files import read_toml
from espress_build.tables import CLAIMS, make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.schema import Column

NAMES = ("outlets", "events", "propositions", "sources")
OUTLET_FACTS = ("country", "owner", "legal_seat", "funding", "founders", "self_description", "typology")
# An official act says when, which state, which authority and what.
_OFFICIAL_ACT = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}, [^,:]+, [^:]+: \S.*")
# The Python type of each column type; registries have no other types.
_PYTHON_TYPES = {"string": str, "bool": bool, "int32": int, "int64": int, "float64": float, "date": date}


@dataclass(frozen=True)
class Registries:
    """The rows of each registry, in order of their ids."""

    outlets: dict[str, dict[str, Any]]
    events: dict[str, dict[str, Any]]
    propositions: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    claims: dict[str, list[str]]  # claims of events that at least two outlets cover

    def without(self, articles: frozenset[str]) -> Registries:
        """Return the registries, without the `first_seen` of sources that were first seen in one of these articles."""
        rows = {
            name: row | {"first_seen": None} if row.get("first_seen") in articles else row
            for name, row in self.sources.items()
        }
        return replace(self, sources=rows) if articles else self

    @cached_property
    def claim_table(self) -> Any:
        """The claims as the input table of the stage `label`."""
        rows = [{"event_id": event, "claims": claims} for event, claims in self.claims.items()]
        return pa.Table.from_pylist(rows, schema=CLAIMS)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The registries as Arrow tables of their published schema."""
        return {name: make_table(name, getattr(self, name).values()) for name in NAMES}


def _make_outlet(raw: dict[str, Any]) -> dict[str, Any]:
    """Turn the facts of an outlet into columns of one value each; official acts are a list."""
    facts = [{"source": None, "source_date": None, "note": None} | fact for fact in raw.pop("fact", [])]
    values = {fact["field"]: fact["value"] for fact in facts}
    acts = [fact["value"] for fact in facts if fact["field"] == "official_act"]
    return raw | {field: values.get(field) for field in OUTLET_FACTS} | {"official_acts": acts, "facts": facts}


def _outlet_problems(raw: dict[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    facts = raw.get("fact", [])
    if not isinstance(facts, list) or not all(isinstance(fact, dict) for fact in facts):
        yield "fact must be a list of tables"
        return
    for fact in facts:
        field = str(fact.get("field"))
        if field not in (*OUTLET_FACTS, "official_act"):
            yield f"there is no outlet fact {field!r}"
        if field in seen and field != "official_act":
            yield f"fact {field} is stated twice"
        if missing := {"value", "basis", "confidence"} - set(fact):
            yield f"fact {field} lacks {sorted(missing)}"
        if not ({"source", "note"} & set(fact)):
            yield f"fact {field} needs a source, or a note that says how it was inferred"
        yield from (f"fact {field}: {problem}" for problem in _source_problems(fact))
        seen.add(field)


def _source_problems(fact: dict[str, Any]) -> Iterator[str]:
    """Yield addresses that cannot be cited, and faults of official acts."""
    source, note = fact.get("source"), fact.get("note")
    addresses = [source] if isinstance(source, str) else []
    for address in addresses + find_addresses(note if isinstance(note, str) else ""):
        yield from list_citation_problems(address)
    if fact.get("basis") == "look-up" and not addresses:
        yield "a look-up needs a source"
    if fact.get("field") == "official_act":
        if not _OFFICIAL_ACT.fullmatch(str(fact.get("value"))):
            yield f"{fact.get('value')!r} must say `DATE, STATE, AUTHORITY: ACT`"
        if fact.get("basis") != "look-up":
            yield "an official act needs the basis look-up"


def _has_type(value: Any, type_: str) -> bool:
    if type_.startswith("list"):
        kind = str if type_ == "list<string>" else dict
        return isinstance(value, list) and all(isinstance(part, kind) for part in value)
    return value is None or type(value) is _PYTHON_TYPES[type_]


def _row_problems(row: dict[str, Any], columns: tuple[Column, ...]) -> Iterator[str]:
    """Yield unknown keys, missing keys, and values that do not have the type of their column."""
    known = {column.name: column for column in columns}
    required = {column.name for column in columns if not column.nullable}
    if wrong := sorted((set(row) ^ set(known)) & (set(row) | required)):
        yield f"unknown or missing keys {wrong}"
    for name in sorted(set(row) & set(known)):
        if not _has_type(row[name], known[name].type):
            yield f"{name} is {row[name]!r}, which is not of the type {known[name].type}"
        elif known[name].type == "list<struct>":
            for part in row[name]:
                what = f"{name}, {part.get('field')}"
                yield from (f"{what}: {problem}" for problem in _row_problems(part, known[name].members))


def explain_unknown(registries: Registries, registry: str, wanted: str) -> list[str]:
    """Return why an id cannot be used, with the ids that are nearest to it by id or name; nothing if it is there."""
    rows = getattr(registries, registry)
    if wanted in rows:
        return []
    names = {
        name.casefold(): key
        for key, row in rows.items()
        for name in (key, str(row.get("name") or ""), *(row.get("aliases") or ()))
        if name
    }
    near = difflib.get_close_matches(wanted.casefold(), names, n=9, cutoff=0.6)
    nearest = join_few(list(dict.fromkeys(names[name] for name in near)), 3) if near else ""
    hint = f"nearest: {nearest}; " if nearest else ""
    hint += f"add an entry there or correct it (`espress-build list {registry}` lists all)"
    return [f"{wanted!r} is not in schema/registries/{registry}.toml; {hint}"]


def _read_rows(name: str, path: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    table = schema().table(name)
    rows, problems = {}, []
    try:
        entries = read_toml(path)
    except InputError as error:
        return {}, error.problems
    for key, raw in sorted(entries.items()):
        if not isinstance(raw, dict):
            problems.append(f"{path}: [{key}]: must be a table of columns")
            continue
        found = list(_outlet_problems(raw)) if name == "outlets" else []
        row = {table.key[0]: key} | (_make_outlet(dict(raw)) if name == "outlets" and not found else raw)
        found = found or list(_row_problems(row, table.columns))
        problems += [f"{path}: [{key}]: {problem}" for problem in found]
        rows[key] = row
    return rows, problems


def _read_claims(path: Path, events: set[str]) -> dict[str, list[str]]:
    """Read the claims of events; the file exists only if there are claims."""
    raw = read_toml(path) if path.is_file() else {}
    wrong = sorted(name for name, entry in raw.items() if name not in events or set(entry) != {"claims"})
    if wrong:
        raise InputError([f"{path}: {wrong} must be events of events.toml, each with a list of claims."])
    return {event: [str(claim) for claim in entry["claims"]] for event, entry in raw.items()}


def read_registries(folder: Path) -> Registries:
    """Read all registries; raises InputError with every entry that does not match the schema."""
    read = {name: _read_rows(name, folder / f"{name}.toml") for name in NAMES}
    if problems := [problem for _, found in read.values() for problem in found]:
        raise InputError(problems)
    claims = _read_claims(folder / "claims.toml", set(read["events"][0]))
    return Registries(**{name: rows for name, (rows, _) in read.items()}, claims=claims)
