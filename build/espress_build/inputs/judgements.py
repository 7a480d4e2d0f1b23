"""Judgements in `raw/annotations/<annotator>.csv`, one per row and never overwritten.

A correction is a row with the same key and `supersedes` set to 1; the last such row counts, and all rows are kept.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress.schema import schema
from espress_build.inputs.countries import countries
from espress_build.inputs.toml_files import read_csv_rows, read_toml, structure
from espress_build.tables import JUDGEMENTS, PASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

ENTRY_LABELS = ("position", "attributed", "lapsed", "cue_strength")
ENTRY_SOURCES = ("source_id", "via_source_id", "carried_source_id")
ENTRY_SPANS = ("source_span", "cue_span")
_ENTRY_FIELDS = (*ENTRY_SOURCES, *ENTRY_SPANS, *ENTRY_LABELS, "carried_cue_strength")
_ITEM_FIELDS = ("bears_on", "focal_proposition", "stance", "outlet_guess", "country_guess", "claim", "claim_units")
_NEVER_NULL = ("bears_on", "aspect", "position", "attributed", "hedged", "stance", "claim")
CLAIM_STATUS = ("reported", "contradicted", "left_out")
# Files of a folder of annotations that hold no judgements.
_OTHER_FILES = re.compile(r"key|changes-.*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


@dataclass(frozen=True)
class _Fields:
    """The fields that only one major version of the codebook has."""

    entry: tuple[str, ...]
    items: tuple[str, ...]
    classes: dict[str, tuple[str, ...]]  # closed fields with classes that the current codebook no longer has


_BY_MAJOR = {
    1: _Fields(
        ("actor_state", "target_state", "measure_state"),
        ("aspect",),
        {
            "aspect": (
                "methods_and_threats", "case_and_prosecution", "law_and_compliance", "official_measure",
                "relations_between_states", "economy_and_technology", "domestic_politics", "advice_to_public",
                "sourcing", "none",
            ),
            "stance": ("against", "none", "favor"),
        },
    ),
    2: _Fields(("hedged",), ("lead_voice", "devices"), {}),
}  # fmt: skip


def get_major(codebook: str) -> int:
    """Return the major version of a codebook's version."""
    return int(codebook.partition(".")[0])


def current_major() -> int:
    """Return the major version of the codebook in schema/labels.toml."""
    return get_major(str(schema().guidance["version"]))


def entry_fields(major: int) -> tuple[str, ...]:
    """Return the fields of an entry under a major version of the codebook."""
    return (*_ENTRY_FIELDS, *_BY_MAJOR[major].entry)


def known_fields(major: int) -> tuple[str, ...]:
    """Return every field that a major version of the codebook knows."""
    return (*entry_fields(major), *_ITEM_FIELDS, *_BY_MAJOR[major].items)


@dataclass(frozen=True)
class Judgement:
    """One judgement of one annotator: the item, the field, the value, and the reason.

    `value` is "" for null. Offsets count code points of the masked text of the unit; `quote` is the text between them.
    """

    annotator: str
    item_id: str  # sentence_id, article_id, article_id/event_id, or article_id/event_id/claim number
    proposition_id: str  # "" if the field needs none
    source_no: int  # 0 if the field does not belong to an entry
    field: str
    value: str
    start: int | None
    end: int | None
    quote: str
    reason: str
    codebook: str
    supersedes: bool = False

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """The key; a second judgement with the same key must supersede the first."""
        return self.annotator, self.item_id, self.proposition_id, self.source_no, self.field

    @property
    def article_id(self) -> str:
        """The article that the item belongs to."""
        return self.item_id.split("/")[0].split(".")[0]


COLUMNS = tuple(field.name for field in fields(Judgement))


def closed_values(field: str, major: int | None = None) -> tuple[str, ...] | None:
    """Return the classes of a field in a major version of the codebook (default: the current); None if it is open."""
    name = "cue_strength" if field == "carried_cue_strength" else field
    if field == "claim":
        return CLAIM_STATUS
    if major is not None and name in _BY_MAJOR[major].classes:
        return _BY_MAJOR[major].classes[name]
    return tuple(schema().vocabularies[name]) if name in schema().codebook else None


def list_problems(judgement: Judgement) -> Iterator[str]:
    """Yield what is wrong with one judgement."""
    if not _VERSION.fullmatch(judgement.codebook) or get_major(judgement.codebook) not in _BY_MAJOR:
        yield f"{judgement.codebook!r} is not a version of the codebook, such as {schema().guidance['version']}"
        return
    major = get_major(judgement.codebook)
    known = known_fields(major)
    if judgement.field not in known:
        yield f"codebook {major}.x has no field {judgement.field!r}; fields: {', '.join(known)}"
        return
    classes = closed_values(judgement.field, major)
    if classes and judgement.value and judgement.value not in classes:
        yield f"{judgement.value!r} is not a class of {judgement.field}; classes: {', '.join(classes)}"
    if judgement.field.endswith("_state") and judgement.value and judgement.value not in countries():
        yield f"{judgement.value!r} is not a country of ISO 3166-1"
    if judgement.field in _NEVER_NULL and not judgement.value:
        yield f"{judgement.field} may not be null"
    if (judgement.field in entry_fields(major)) != (judgement.source_no > 0):
        yield f"source_no {judgement.source_no} does not fit the field {judgement.field}"
    if (judgement.start is None) != (judgement.end is None) or bool(judgement.quote) != (judgement.start is not None):
        yield "give start, end and quote together, or none of them"
    if not judgement.reason:
        yield "a judgement needs a reason"


def _parse(row: dict[str, str], annotator: str) -> tuple[Judgement | None, list[str]]:
    if set(row) != set(COLUMNS) or None in row.values():
        return None, [f"the columns must be {', '.join(COLUMNS)}"]
    try:
        offsets = {name: int(row[name]) if row[name] else None for name in ("start", "end")}
        numbers: dict[str, Any] = {"source_no": int(row["source_no"] or 0), **offsets}
        judgement = Judgement(**(row | numbers | {"supersedes": row["supersedes"] == "1"}))
    except ValueError as error:
        return None, [f"{error}; source_no, start and end are whole numbers"]
    problems = list(list_problems(judgement))
    if judgement.annotator != annotator:
        problems.append(f"annotator is {judgement.annotator!r}, but the file is {annotator}.csv")
    if row["supersedes"] not in ("", "1"):
        problems.append("supersedes is 1 or empty")
    return judgement, problems


def current(judgements: Iterable[Judgement]) -> tuple[dict[tuple[str, str, str, int, str], Judgement], list[str]]:
    """Return the current judgement of each key, and the problems: duplicate keys, corrections without an original."""
    found: dict[tuple[str, str, str, int, str], Judgement] = {}
    problems = []
    for judgement in judgements:
        if judgement.key in found and not judgement.supersedes:
            problems.append(f"a second judgement for {judgement.key}; a correction has supersedes = 1")
        if judgement.key not in found and judgement.supersedes:
            problems.append(f"supersedes = 1, but there is no earlier judgement for {judgement.key}")
        found[judgement.key] = judgement
    return found, problems


def _list_entry_faults(entry: dict[str, Judgement]) -> Iterator[tuple[str, str]]:
    """Yield (field, fault) of an entry whose fields contradict each other; `entry` holds its judgements by field."""
    value = {field: one.value for field, one in entry.items()}
    if value.get("attributed") == "yes" and value.get("lapsed"):
        yield "lapsed", f"lapsed is {value['lapsed']}, but the entry is attributed; leave lapsed empty"
    if value.get("attributed") == "no" and value.get("cue_strength"):
        yield "cue_strength", "a cue has a strength only if the entry is attributed"
    for field in ("carried_source_id", "carried_cue_strength"):
        if value.get(field) and "lapsed" in value and value["lapsed"] != "yes":
            yield field, f"{field} is only for an entry whose attribution lapsed"
    if value.get("lapsed") == "yes" and value.get("carried_source_id") == "":
        yield "carried_source_id", "attribution lapsed, so name the source that spoke last"


def _list_claim_faults(claim: dict[str, Judgement], units: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Yield (field, fault) of a claim whose status and units contradict each other."""
    if "claim_units" not in claim:
        return
    own = claim["claim_units"]
    for unit in own.value.split():
        if unit.partition(".")[0] != own.article_id:
            yield "claim_units", f"{unit} is no unit of {own.article_id}"
        elif units is not None and unit not in units:
            yield "claim_units", f"there is no unit {unit}"
    if len(set(own.value.split())) < len(own.value.split()):
        yield "claim_units", "names a unit twice"
    status = claim["claim"].value if "claim" in claim else None
    if status == "left_out" and own.value:
        yield "claim_units", "a claim that is left out has no units"
    if status not in (None, "left_out") and not own.value:
        yield "claim_units", f"a claim that is {status} names the units that say so"


def find_contradictions(
    judgements: Iterable[Judgement], sources: Collection[str] | None = None, units: Collection[str] | None = None
) -> Iterator[tuple[Judgement, str]]:
    """Yield current judgements that contradict others of their annotator, and those about an unknown source or unit.

    `judgements` has one for each key; `sources` and `units` are the ids that exist (None: every id is accepted).
    """
    entries: dict[tuple[str, str, str, int], dict[str, Judgement]] = {}
    claims: dict[tuple[str, str], dict[str, Judgement]] = {}
    for one in judgements:
        if one.source_no:
            entries.setdefault(one.key[:4], {})[one.field] = one
            if sources is not None and one.field in ENTRY_SOURCES and one.value and one.value not in sources:
                yield one, f"there is no source {one.value!r}; add an entry to schema/registries/sources.toml"
        elif one.field in ("claim", "claim_units"):
            claims.setdefault((one.annotator, one.item_id), {})[one.field] = one
        if units is not None and "." in one.item_id and one.item_id not in units:
            yield one, f"there is no unit {one.item_id}"
    for entry in entries.values():
        yield from ((entry[field], problem) for field, problem in _list_entry_faults(entry))
    for claim in claims.values():
        yield from ((claim[field], problem) for field, problem in _list_claim_faults(claim, units))


def read_csv(
    path: Path,
    codebook: str | None = None,
    sources: Collection[str] | None = None,
    units: Collection[str] | None = None,
) -> tuple[list[Judgement], list[str]]:
    """Read one annotator's file; returns the judgements in file order, and every problem with file and line.

    `codebook` is the version that passes.toml names, `sources` and `units` are the ids that exist; None accepts any.
    """
    judgements, problems, lines = [], [], dict[int, int]()
    try:
        rows = read_csv_rows(path)
    except InputError as error:
        return [], error.problems
    for line, row in rows:
        judgement, found = _parse(row, path.stem)
        if judgement and codebook not in (None, judgement.codebook):
            found.append(f"codebook is {judgement.codebook}, but passes.toml names {codebook}")
        problems += [f"{path}, line {line}: {problem}." for problem in found]
        if judgement:
            judgements.append(judgement)
            lines[id(judgement)] = line
    last, found = current(judgements)
    problems += [f"{path}: {problem}." for problem in found]
    wrong = find_contradictions(last.values(), sources, units)
    problems += [f"{path}, line {lines[id(one)]}: {one.field} of {one.item_id}: {problem}." for one, problem in wrong]
    return judgements, problems


def write_csv(path: Path, judgements: Iterable[Judgement]) -> None:
    """Write one annotator's file, in the order given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for judgement in judgements:
            row = vars(judgement) | {
                "source_no": judgement.source_no or "",
                "supersedes": "1" if judgement.supersedes else "",
            }
            writer.writerow(["" if row[column] is None else row[column] for column in COLUMNS])


@dataclass(frozen=True)
class Pass:
    """A pass: its annotator, method, times and codebook."""

    annotator: str
    kind: str  # human | model
    family: str  # family of the model; "" for a person
    codebook: str
    input_sha256: str
    started: str
    ended: str
    note: str = ""
    model: str = ""  # version of the model, as far as it is known
    order: str = ""  # order in which the pass read the items
    contexts: int = 0  # number of separate contexts that the model needed; 0 if unknown, or for a person
    prompt: str = ""  # path of the prompt in the project
    votes: bool = True  # whether the pass takes part in gold


def read_passes(folder: Path) -> list[Pass]:
    """Read `passes.toml` of a folder of annotations; raises InputError with every fault of every entry."""
    path = folder / "passes.toml"
    if not path.is_file():
        return []
    passes, problems = [], []
    for name, entry in read_toml(path).items():
        made, found = structure(Pass, entry | {"annotator": name} if isinstance(entry, dict) else entry, f"[{name}]")
        if made and (made.kind not in ("human", "model") or bool(made.family) != (made.kind == "model")):
            found.append(f"[{name}]: kind is human, or model with its family")
        problems += [f"{path}: {problem}." for problem in found]
        passes += [made] if made else []
    if problems:
        raise InputError(problems)
    return passes


def from_rows(rows: Iterable[dict[str, Any]]) -> list[Judgement]:
    """Return the judgements in rows of the table `annotations`."""
    return [
        Judgement(
            row["annotator"], row["item_id"], row["proposition_id"] or "", row["source_no"] or 0, row["field"],
            row["value"] or "", row["quote_start"], row["quote_end"], row["quote"] or "", row["reason"],
            row["codebook"], supersedes=not row["judgement_id"].endswith(":1"),
        )
        for row in rows
    ]  # fmt: skip


def select_counted(
    judgements: Iterable[Judgement], voters: Collection[str], major: int | None = None
) -> list[Judgement]:
    """Return the judgements from which gold is computed.

    Only current judgements of passes that vote count, and only those of one major version of the codebook, because
    labels under different rules are no votes on the same question. By default, `major` is the newest that a voting
    pass used.
    """
    own = [one for one in current(judgements)[0].values() if one.annotator in voters]
    if major is None:
        major = max((get_major(one.codebook) for one in own), default=0)
    return [one for one in own if get_major(one.codebook) == major]


@dataclass(frozen=True)
class Annotations:
    """All passes of a folder, and their judgements in order of annotators."""

    passes: tuple[Pass, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    major: int | None = None  # of the codebook; default: the newest major version that a voting pass used

    @property
    def voters(self) -> frozenset[str]:
        """The annotators that take part in gold."""
        return frozenset(one.annotator for one in self.passes if one.votes)

    @cached_property
    def counted_major(self) -> int | None:
        """The major version of the codebook that gold counts; None without judgements."""
        if self.major is not None:
            return self.major
        return max((get_major(one.codebook) for one in self.judgements if one.annotator in self.voters), default=None)

    def split(self, groups: list[set[str]]) -> list[Annotations]:
        """Return the judgements about each group of articles; all count the same version of the codebook."""
        group_of = {article: number for number, group in enumerate(groups) for article in group}
        own: list[list[Judgement]] = [[] for _ in groups]
        for one in self.judgements:
            if one.article_id in group_of:
                own[group_of[one.article_id]].append(one)
        return [Annotations(self.passes, tuple(ones), self.counted_major) for ones in own]

    def select_counted(self) -> list[Judgement]:
        """Return the judgements from which gold is computed."""
        return select_counted(self.judgements, self.voters, self.counted_major)

    def tables(self) -> dict[str, Any]:
        """Return passes and judgements as the input tables of the stage `label`."""
        passes = [{"annotator": one.annotator, "kind": one.kind, "family": one.family} for one in self.passes]
        counted = set(map(id, self.select_counted()))
        rows = [vars(one) | {"is_counted": id(one) in counted} for one in self.judgements]
        return {
            "passes": pa.Table.from_pylist(passes, schema=PASSES),
            "judgements": pa.Table.from_pylist(rows, schema=JUDGEMENTS),
        }


def read_annotations(
    folder: Path,
    withdrawn: frozenset[str] = frozenset(),
    sources: Collection[str] | None = None,
    units: Collection[str] | None = None,
) -> Annotations:
    """Read all judgements of a folder, in order of annotators; a missing folder gives none.

    Judgements of withdrawn articles are left out. `sources` and `units` are the ids that exist; None accepts every id.

    Raises:
        InputError: a row is not valid, or files and passes.toml name different annotators; every fault is listed.
    """
    passes = read_passes(folder)
    files = [path for path in sorted(folder.glob("*.csv")) if not _OTHER_FILES.fullmatch(path.stem)]
    named, found = {one.annotator for one in passes}, {path.stem for path in files}
    problems = [
        f"{folder}: {name} needs both an entry in passes.toml and a file {name}.csv." for name in sorted(named ^ found)
    ]
    codebooks = {one.annotator: one.codebook for one in passes}
    judgements: list[Judgement] = []
    for path in files:
        rows, wrong = read_csv(path, codebooks.get(path.stem), sources, units)
        judgements += rows
        problems += wrong
    if problems:
        raise InputError(problems)
    return Annotations(tuple(passes), tuple(one for one in judgements if one.article_id not in withdrawn))
