"""Invented articles: read the fact sheets in `raw/constructed/stance/` and expand each into its articles.

A sheet is one invented event. In each of two registers it has three articles that share every fact, source and
quotation and differ in the author's voice alone, and it has a control that quotes one side in a neutral voice. A rule
makes two copies of each article: one with the two states exchanged, one with the two sides exchanged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from espress.errors import InputError
from espress.schema import schema
from espress_build.constructed.text_checks import find_slots, list_form_faults, list_shared_runs, word_runs
from espress_build.inputs.toml_files import read_toml, structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Swap = Literal["", "states", "polarity"]

NEUTRAL = "neither"
REGISTERS = ("wire", "feature")
PARTS = (*REGISTERS, "control")
SWAPS: tuple[Swap, ...] = ("", "states", "polarity")
SIDES = ("charger", "denier")
_OTHER_SIDE = dict(zip(SIDES, reversed(SIDES), strict=True))
CHINA = "CN"  # one of the two states of each sheet
DEVICES = (1, 2)  # of an article with a stance
LENGTHS = (145, 225)  # words of an article
UNITS = (8, 10)  # with the title
_PLACEHOLDER = re.compile(r"\{\w+\}")  # counts as one word
CHANGED = (1, 6)  # units in which `favor` and `against` differ from `neither`


@dataclass(frozen=True)
class State:
    """The names of a state."""

    name: str
    adj: str
    capital: str


@dataclass(frozen=True)
class Terms:
    """The content of `schema/constructed.toml`: devices, the canary string of every row, and states."""

    devices: dict[str, str]
    canary: str
    states: dict[str, State]


@dataclass(frozen=True)
class Unit:
    """A sentence in its three versions; a version that is left out is the neutral one."""

    role: str
    neither: str
    favor: str = ""
    against: str = ""
    side: str = ""  # in the title of the control: the only side that is quoted

    def version(self, stance: str) -> str:
        """Return the template of this unit in the article of that stance."""
        return str(getattr(self, stance)) or self.neither

    def templates(self) -> set[str]:
        """Return the different templates of this unit."""
        return {self.neither, self.favor, self.against} - {""}


@dataclass(frozen=True)
class Head:
    """The keys of a sheet other than devices and units."""

    id: str
    event_type: str
    accused: str
    other: str
    charger: str
    charger_short: str
    denier: str
    denier_short: str
    facts: tuple[str, ...]
    quotations: tuple[str, ...]


@dataclass(frozen=True)
class Devices:
    """The devices of one register."""

    favor: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A fact sheet: one invented event."""

    head: Head
    devices: dict[str, Devices]  # by register
    units: dict[str, list[Unit]]  # by part: wire, feature, control


@dataclass(frozen=True)
class Article:
    """One invented article."""

    article_id: str  # SHEET/PART/STANCE, then the swap if there is one
    sheet_id: str
    event_type: str
    register: str  # wire, feature or control
    stance: str
    devices: tuple[str, ...]
    side: str  # of a control: the only side that is quoted
    state_accused: str
    state_accusing: str
    swap_kind: Swap
    swap_of: str  # the article_id of the article before the exchange
    units: tuple[str, ...]  # the title first


def read_terms(path: Path) -> Terms:
    """Read what constructed texts may use; raises InputError."""
    raw = read_toml(path)
    read = {code: structure(State, names, f"{path.name}: {code}") for code, names in raw.get("states", {}).items()}
    if faults := [fault for _, found in read.values() for fault in found]:
        raise InputError(faults)
    states = {code: state for code, (state, _) in read.items() if state}
    return Terms(raw.get("devices", {}), str(raw.get("canary", "")), states)


def _capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def name_all(head: Head, states: dict[str, State], swap: Swap = "") -> dict[str, str]:
    """Return the words for each placeholder, with states or sides exchanged if asked."""
    codes = (head.other, head.accused) if swap == "states" else (head.accused, head.other)
    names: dict[str, str] = {}
    for key, code in zip(("accused", "other"), codes, strict=True):
        state = states[code]
        article = "an" if state.adj[0] in "AEIOU" else "a"
        names |= {key: state.name, f"{key}_adj": state.adj, f"{key}_capital": state.capital}
        names[f"a_{key}_adj"] = f"{article} {state.adj}"
    sides = reversed(SIDES) if swap == "polarity" else SIDES
    texts = {}
    for key, side in zip(SIDES, sides, strict=True):
        for short in ("", "_short"):
            texts[key + short] = str(getattr(head, side + short)).format_map(names)
    names |= texts
    return names | {_capitalise(key): _capitalise(value) for key, value in names.items()}


def expand(sheet: Sheet, states: dict[str, State]) -> Iterator[Article]:
    """Yield the seven articles of a sheet, and each again with the states and with the sides exchanged."""
    head = sheet.head
    for swap in SWAPS:
        names = name_all(head, states, swap)
        accused, accusing = (head.other, head.accused) if swap == "states" else (head.accused, head.other)
        for part in PARTS:
            units = sheet.units[part]
            for stance in (NEUTRAL, "favor", "against") if part in REGISTERS else (NEUTRAL,):
                own = f"{head.id}/{part}" if part == "control" else f"{head.id}/{part}/{stance}"
                side = units[0].side
                yield Article(
                    article_id=f"{own}/{swap}" if swap else own,
                    sheet_id=head.id,
                    event_type=head.event_type,
                    register=part,
                    stance=stance,
                    devices=() if stance == NEUTRAL else getattr(sheet.devices[part], stance),
                    side=_OTHER_SIDE.get(side, side) if swap == "polarity" else side,
                    state_accused=accused,
                    state_accusing=accusing,
                    swap_kind=swap,
                    swap_of=own if swap else "",
                    units=tuple(unit.version(stance).format_map(names) for unit in units),
                )


def _read_units(raw: object, where: str, faults: list[str]) -> list[Unit]:
    units = []
    for number, entry in enumerate(raw if isinstance(raw, list) else [], 1):
        unit, problems = structure(Unit, entry, f"{where}, unit {number}")
        faults += problems
        units += [unit] if unit else []
    if not units:
        faults.append(f"{where}: must be a list of units")
    return units


def parse_sheet(path: Path) -> tuple[Sheet | None, list[str]]:
    """Return a sheet, or None and the faults of its form."""
    raw, faults = read_toml(path), list[str]()
    units = {part: _read_units(raw.pop(part, None), f"{path.name}: {part}", faults) for part in PARTS}
    given: Any = raw.pop("devices", None)
    devices: dict[str, Devices] = {}
    for register in REGISTERS:
        entry = given.get(register) if isinstance(given, dict) else None
        read, problems = structure(Devices, entry, f"{path.name}: devices.{register}")
        faults += problems
        devices |= {register: read} if read else {}
    head, problems = structure(Head, raw, path.name)
    faults += problems
    return (Sheet(head, devices, units) if head and not faults else None), faults


def _list_head_faults(sheet: Sheet, stem: str, terms: Terms) -> Iterator[str]:
    head = sheet.head
    if head.id != stem:
        yield f"the id must be the name of the file, not {head.id!r}"
    events = schema().vocabularies["constructed_event"]
    if head.event_type not in events:
        yield f"event_type {head.event_type!r} is not one of {list(events)}"
    if unknown := sorted({head.accused, head.other} - set(terms.states)):
        yield f"states {unknown} are not among {list(terms.states)}"
    if head.accused == head.other or CHINA not in (head.accused, head.other):
        yield f"accused {head.accused!r} and other {head.other!r} must be {CHINA} and another state"
    for register, devices in sheet.devices.items():
        for stance in schema().vocabularies["stance"]:
            chosen = getattr(devices, stance, ())
            if stance != NEUTRAL and (not DEVICES[0] <= len(chosen) <= DEVICES[1] or set(chosen) - set(terms.devices)):
                yield f"devices.{register}.{stance}: {list(chosen)} must be one or two of {list(terms.devices)}"
    if sheet.units["control"][0].side not in SIDES:
        yield f"control, unit 1: side must be one of {list(SIDES)}"


def _list_unit_faults(sheet: Sheet, terms: Terms) -> Iterator[str]:
    """Yield the faults of templates: roles, placeholders, and names of the states that should be placeholders."""
    known = set(name_all(sheet.head, terms.states))
    names = {word for code in (sheet.head.accused, sheet.head.other) for word in vars(terms.states[code]).values()}
    for part, units in sheet.units.items():
        if not UNITS[0] <= len(units) <= UNITS[1]:
            yield f"{part}: {len(units)} units, not {UNITS[0]} to {UNITS[1]}"
        for number, unit in enumerate(units, 1):
            where = f"{part}, unit {number}"
            if unit.role != ("title" if number == 1 else "body"):
                yield f"{where}: the first unit has the role title, all others body, not {unit.role!r}"
            for template in sorted(unit.templates()):
                try:
                    unknown = sorted(find_slots(template) - known)
                except ValueError as error:
                    unknown = [str(error)]
                if unknown:
                    yield f"{where}: unknown placeholders {unknown}; known: {sorted(known)}"
                if found := sorted(name for name in names if re.search(rf"\b{re.escape(name)}\b", template)):
                    yield f"{where}: {found} must be placeholders, or the exchange of states misses them"


def _list_version_faults(sheet: Sheet) -> Iterator[str]:
    """Yield quotations that a version lacks, and versions that differ too little or too much."""
    for register in REGISTERS:
        units = sheet.units[register]
        for stance in schema().vocabularies["stance"]:
            text = "\n".join(unit.version(stance) for unit in units)
            for quotation in sheet.head.quotations:
                if quotation not in text:
                    yield f"{register}, {stance}: lacks the quotation {quotation!r}"
            changed = sum(unit.version(stance) != unit.neither for unit in units)
            if stance != NEUTRAL and not CHANGED[0] <= changed <= CHANGED[1]:
                yield f"{register}, {stance}: differs in {changed} units, not in {CHANGED[0]} to {CHANGED[1]}"


def list_sheet_faults(sheet: Sheet, stem: str, terms: Terms) -> list[str]:
    """Return what is wrong with a sheet by itself; `stem` is the name of its file."""
    faults = list(_list_head_faults(sheet, stem, terms))
    if not {sheet.head.accused, sheet.head.other} <= set(terms.states):
        return faults
    try:
        faults += _list_unit_faults(sheet, terms)
    except (ValueError, LookupError) as error:
        return [*faults, f"charger or denier: {error}: write placeholders as {{other_adj}}"]
    faults += _list_version_faults(sheet)
    if any("placeholders" in fault for fault in faults):
        return faults
    for article in expand(sheet, terms.states):
        where = article.article_id.partition("/")[2]
        if not LENGTHS[0] <= (count := len(" ".join(article.units).split())) <= LENGTHS[1]:
            faults.append(f"{where}: {count} words, not {LENGTHS[0]} to {LENGTHS[1]}")
        faults += (f"{where}: {fault}" for unit in article.units for fault in list_form_faults(unit))
    return faults


def read_sheets(files: Iterable[Path], terms: Terms, natural: Iterable[str] = ()) -> list[Sheet]:
    """Read fact sheets.

    Args:
        files: one TOML file a sheet, named after it.
        terms: what they may use, from `read_terms`.
        natural: texts with which no article may share six words in a row, placeholders not filled.

    Raises:
        InputError: every fault, with sheet, part and unit.
    """
    sheets, faults = [], list[str]()
    for path in sorted(files):
        sheet, problems = parse_sheet(path)
        faults += problems
        if sheet:
            sheets.append(sheet)
            faults += (f"{path.name}: {fault}" for fault in list_sheet_faults(sheet, path.stem, terms))
    runs = {
        sheet.head.id: word_runs(
            _PLACEHOLDER.sub("X", template)
            for units in sheet.units.values()
            for unit in units
            for template in unit.templates()
        )
        for sheet in sheets
    }
    faults += list_shared_runs(runs, natural)
    if faults:
        raise InputError(faults)
    return sheets
