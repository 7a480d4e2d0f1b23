"""The curated record of an article, `record.toml`: the role of each span of the source, and the basis of each fact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import tomli

from espress.files import explain_json_error
from espress.schema import schema
from espress_build.inputs.html_spans import is_charset
from espress_build.inputs.registries import explain_unknown
from espress_build.inputs.toml_files import structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.registries import Registries

ARTICLE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-([0-9]{8}|undated)-[0-9a-f]{8}")
FORMATS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "minute": "%Y-%m-%dT%H:%M", "second": "%Y-%m-%dT%H:%M:%S"}
_PRECISION_OF_LENGTH = {4: "year", 7: "month", 10: "day", 16: "minute", 19: "second"}
KEPT_ROLES = ("title", "standfirst", "dateline", "body", "sub-heading")  # roles that readers of the article see

# Each fact that a record may state, and the type of its value. A fact that the record omits is null.
FACTS: dict[str, type] = {
    "outlet_id": str,
    "republisher_id": str,
    "agency_id": str,
    "authors": list,
    "section": str,
    "language": str,
    "published": str,
    "published_zone": str,
    "updated": str,
    "event_ids": list,
    "event_country": str,
    "url": str,
    "url_kind": str,
    "genre": str,
    "rights_tier": str,
    "rights_basis": str,
}
_LARGEST = 2**31 - 1  # the largest number that the table of spans can hold
REQUIRED_FACTS = ("outlet_id", "event_ids", "rights_tier")
REGISTRY = {"outlet_id": "outlets", "republisher_id": "outlets", "agency_id": "outlets", "event_ids": "events"}
_VOCABULARY = {"url_kind": "url_kind", "genre": "genre", "rights_tier": "rights_tier"}
_FORM = {
    "published_zone": re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]"),
    "event_country": re.compile(r"[A-Z]{2}"),
    "language": re.compile(r"[a-z]{2,3}"),
    "url": re.compile(r"https?://[^\s/]+\S*"),
}


@dataclass(frozen=True)
class Span:
    """Characters of one source line with one role: lines count from 1, characters from 0, the end is exclusive.

    In an HTML source, `line` is the number of the paragraph, and characters count from the start of the decoded source.
    """

    line: int
    start: int
    end: int
    role: str
    events: tuple[str, ...] = ()  # events that the span reports, most prominent first; empty: all events of the article


@dataclass(frozen=True)
class Fact:
    """One statement about the article; `value` is None if it was looked for and not found."""

    field: str
    value: str | list[str] | None
    basis: str
    confidence: str | None
    note: str | None


@dataclass(frozen=True)
class Record:
    """A valid record."""

    article_id: str
    sha256: str
    spans: tuple[Span, ...]
    facts: dict[str, Fact]
    private_persons: tuple[tuple[str, ...], ...] = ()  # the names of each person, longest first
    charset: str | None = None  # character set of an HTML source; None for plain text, which is UTF-8

    def value(self, field: str) -> Any:
        """Return the value of a fact, None if it is unknown or not stated."""
        fact = self.facts.get(field)
        return None if fact is None else fact.value


def precision(published: str) -> str | None:
    """Return the precision of an ISO date, or None if the text is not a date.

    Years before the first newspapers or far in the future are typing errors; some libraries cannot represent them.
    """
    if not "1600" <= published[:4] <= "2999":
        return None
    name = _PRECISION_OF_LENGTH.get(len(published))
    if name is None:
        return None
    try:
        read = datetime.strptime(published, FORMATS[name])  # noqa: DTZ007 - local time, zone apart
    except ValueError:
        return None
    return name if read.strftime(FORMATS[name]) == published else None


def expected_id(record: Record) -> str:
    """Return the id that follows from facts and hash: outlet or `unknown`, day or `undated`, first 8 hex digits."""
    published = record.value("published") or ""
    day = published[:10].replace("-", "") if precision(published) in ("day", "minute", "second") else "undated"
    return f"{record.value('outlet_id') or 'unknown'}-{day}-{record.sha256[:8]}"


@dataclass(frozen=True)
class _File:
    """The keys of a record. Their values are checked separately, so that every fault of a record is listed."""

    article_id: Any
    sha256: Any
    spans: Any
    facts: Any
    private_persons: Any = ()
    charset: Any = None


@dataclass(frozen=True)
class _KnownFact:
    """The keys of a fact with a value."""

    value: Any
    basis: Any
    confidence: Any
    note: str = ""


@dataclass(frozen=True)
class _UnknownFact:
    """The keys of a fact that was looked for and not found."""

    basis: Any
    note: str


def _span_problems(raw: dict[str, Any], number: int) -> Iterator[str]:
    what = f"span {number}"
    span, problems = structure(Span, raw | {"role": str(raw["role"])} if "role" in raw else raw, what)
    yield from problems
    if "role" in raw and not _is_term(raw["role"], "role"):
        yield f"{what}: there is no role {raw['role']!r}; roles: {', '.join(schema().vocabularies['role'])}"
    if span and (span.line < 1 or not 0 <= span.start < span.end):
        yield f"{what}: lines count from 1, characters from 0, and the end lies after the start"
    if span and (large := max(span.line, span.start, span.end)) > _LARGEST:
        yield f"{what}: {large} exceeds {_LARGEST}"


def _is_term(value: object, vocabulary: str) -> bool:
    return isinstance(value, str) and value in schema().vocabularies[vocabulary]


def _has_type(field: str, value: Any) -> bool:
    if FACTS[field] is list:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, str)


def _value_problems(field: str, value: Any) -> Iterator[str]:
    what = f"fact {field}"
    if not _has_type(field, value):
        yield f"{what}: {value!r} is not a {'list of strings' if FACTS[field] is list else 'string'}"
    elif not all(part.strip() for part in ([value] if isinstance(value, str) else value)):
        yield f"{what}: {value!r} contains no text; remove the fact, or give it the basis unknown"
    elif field in _VOCABULARY and not _is_term(value, _VOCABULARY[field]):
        yield f"{what}: {value!r} is not one of {list(schema().vocabularies[_VOCABULARY[field]])}"
    elif field in _FORM and not _FORM[field].fullmatch(value):
        yield f"{what}: {value!r} does not have the form {_FORM[field].pattern}"
    elif field == "published" and precision(value) is None:
        yield f"{what}: {value!r} is not a date; write e.g. 2019, 2019-07, 2019-07-23 or 2019-07-23T19:13:40"
    elif field == "updated" and precision(value) != "day":
        yield f"{what}: {value!r} is not a day; write e.g. 2019-07-23"
    elif field == "event_ids" and (not value or len(set(value)) != len(value)):
        yield f"{what}: name at least one event, each once"


def _fact_problems(field: str, raw: Any) -> Iterator[str]:
    what = f"fact {field}"
    if field not in FACTS:
        yield f"there is no fact {field!r}; facts: {', '.join(FACTS)}"
        return
    if not isinstance(raw, dict):
        yield f"{what} must be a table with value, basis, confidence"
        return
    kind: type[_KnownFact | _UnknownFact] = _UnknownFact if raw.get("basis") == "unknown" else _KnownFact
    yield from structure(kind, raw, what)[1]
    for key in ("basis", "confidence"):
        if key in raw and not _is_term(raw[key], key):
            yield f"{what}: {key} {raw[key]!r} is not one of {list(schema().vocabularies[key])}"
    if "value" in raw:
        yield from _value_problems(field, raw["value"])


def _unregistered(facts: Any, registries: Registries) -> Iterator[str]:
    """Yield the ids of outlets and events that are in no registry; other values are ignored."""
    for field, name in REGISTRY.items():
        fact = facts.get(field) if isinstance(facts, dict) else None
        value = fact.get("value") if isinstance(fact, dict) else None
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                yield from (f"{field} {problem}" for problem in explain_unknown(registries, name, item))


def _read_spans(raw: Any) -> list[Span]:
    """Return the well-formed spans of a record, in order of their place."""
    given = [span for span in raw if isinstance(span, dict)] if isinstance(raw, list) else []
    read = (structure(Span, span | {"role": str(span.get("role"))}, "span")[0] for span in given)
    return sorted((span for span in read if span), key=lambda span: (span.line, span.start))


def _overlaps(spans: list[Span]) -> Iterator[str]:
    for before, after in pairwise(spans):
        if before.line == after.line and after.start < before.end:
            where = f"line {after.line}, characters {before.start}-{before.end} and {after.start}-{after.end}"
            yield f"spans overlap: {where}"


def _event_problems(spans: list[Span], facts: dict[str, Fact]) -> Iterator[str]:
    """Yield spans that name an event twice, or an event that the article does not name."""
    known = facts["event_ids"].value or ()
    for span in spans:
        if len(set(span.events)) != len(span.events) or not set(span.events) <= set(known):
            where = f"line {span.line}, characters {span.start}-{span.end}"
            yield f"{where}: events are {list(span.events)}; name events of the fact event_ids, each once"


def _find_gaps(facts: Any, text: str, *, allow_gaps: bool) -> Iterator[str]:
    """Yield required facts that have no value; with `allow_gaps`, only those that the record does not name."""
    for field in REQUIRED_FACTS:
        fact = facts.get(field) if isinstance(facts, dict) else None
        if isinstance(fact, dict) and ("value" in fact or (allow_gaps and fact.get("basis") == "unknown")):
            continue
        found = re.search(rf"^[ \t]*\[[ \t]*facts[ \t]*\.[ \t]*{field}[ \t]*\]", text, re.MULTILINE)
        where = f"line {text.count(chr(10), 0, found.start()) + 1}: " if found else ""
        known = f"; `espress-build list {REGISTRY[field]}` lists them" if field in REGISTRY else ""
        yield f"{where}fact {field} is required; give it a value, basis and confidence{known}"


def _problems(raw: dict[str, Any]) -> Iterator[str]:
    yield from structure(_File, raw, "the record")[1]
    charset = raw.get("charset")
    if charset is not None and not (isinstance(charset, str) and is_charset(charset)):
        yield f"charset {charset!r} is not a character set; name a text codec of Python, such as utf-8 or cp1250"
    persons = raw.get("private_persons", [])
    if not (isinstance(persons, list) and all(isinstance(names, list) and names for names in persons)):
        yield "private_persons must be a list with a list of names for each person"
    if not re.fullmatch("[0-9a-f]{64}", str(raw.get("sha256"))):
        yield f"sha256 {raw.get('sha256')!r} is not 64 lower-case hex digits"
    if not ARTICLE_ID.fullmatch(str(raw.get("article_id"))):
        yield f"article_id {raw.get('article_id')!r} must be <outlet_id>-<yyyymmdd or undated>-<8 hex digits>"
    spans, facts = raw.get("spans", []), raw.get("facts", {})
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        yield "spans must be a list of {line, start, end, role}, each with events if it does not report all"
        spans = []
    if not isinstance(facts, dict):
        yield "facts must be a table"
        facts = {}
    for number, span in enumerate(spans, 1):
        yield from _span_problems(span, number)
    for field, fact in facts.items():
        yield from _fact_problems(field, fact)


def parse_record(
    text: str, registries: Registries | None = None, *, allow_gaps: bool = False
) -> tuple[Record | None, list[str]]:
    """Parse the text of a record.

    Args:
        text: the text of record.toml.
        registries: if given, ids of outlets and events are looked up there.
        allow_gaps: whether a fact that an article needs may be unknown, as in a draft.

    Returns:
        The record, or None if it cannot be read; and every problem found.
    """
    try:
        raw = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        return None, [f"not TOML: {explain_json_error(error)}"]
    problems = [*_problems(raw), *_find_gaps(raw.get("facts"), text, allow_gaps=allow_gaps)]
    unknown = list(_unregistered(raw.get("facts"), registries)) if registries else []
    spans = _read_spans(raw.get("spans"))
    if problems:
        return None, problems + unknown + list(_overlaps(spans))
    facts = {
        field: Fact(field, fact.get("value"), fact["basis"], fact.get("confidence"), fact.get("note"))
        for field, fact in raw["facts"].items()
    }
    persons = tuple(tuple(sorted(map(str, names), key=len, reverse=True)) for names in raw.get("private_persons", []))
    record = Record(raw["article_id"], raw["sha256"], tuple(spans), facts, persons, raw.get("charset"))
    problems = unknown + list(_overlaps(spans)) + list(_event_problems(spans, facts))
    if record.article_id != (expected := expected_id(record)):
        given = f"article_id is {record.article_id!r}"
        problems.append(f"{given}, but outlet, day and hash give {expected!r}; change it and the name of the folder")
    return record, problems
