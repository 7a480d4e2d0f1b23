"""Read the catalogue: `raw/catalogue/*.csv` become one table of entries with their facts and each coder's codes.

`catalogue.csv` holds the facts, `codes_x.csv` the codes of coder x, and `do_not_fetch.csv` the domains from which
nothing may be fetched. Names, countries and kinds come from the registries.
"""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.errors import InputError
from espress.schema import schema
from espress.urls import host_of, lies_in, page_key
from espress_build.arrow_schema import arrow_schema
from espress_build.inputs.wire_stories import group_wire_stories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

    Row = dict[str, Any]  # column -> text, None where the cell is empty
    Numbered = list[tuple[int, Row]]  # with the number of the line on which it ends

FACTS = (
    "catalogue_id", "url", "outlet_id", "republisher_id", "agency_id", "origin_id", "outlet_note", "language",
    "event_id", "event_country", "published", "published_source", "article_id",
)  # fmt: skip
_NEEDED = ("catalogue_id", "url", "outlet_id", "language", "event_id", "event_country")
_OUTLETS = ("outlet_id", "republisher_id", "agency_id", "origin_id")
_BARRED = ("domain", "reason", "basis", "confidence", "note")
_PRECISION = {4: "year", 7: "month", 10: "day"}  # precision by length of an ISO date


def catalogue_id(url: str) -> str:
    """Return the id of an address: the first digits of its SHA-256, so that entries need no numbering."""
    return f"cat-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def _read(path: Path, columns: tuple[str, ...]) -> tuple[Numbered, list[str]]:
    """Read a CSV file with exactly these columns, and return its rows and its faults."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, cells) for cells in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return [], [f"{path}: {error}. It must be a CSV file in UTF-8 with the columns {list(columns)}."]
    if not lines or tuple(lines[0][1]) != columns:
        return [], [f"{path}: the first line must name the columns {list(columns)}."]
    rows: Numbered = []
    problems = []
    for number, cells in lines[1:]:
        if not any(cells):
            problems.append(f"{path}, line {number}: the line is empty; remove it.")
        elif len(cells) != len(columns):
            problems.append(f"{path}, line {number}: {len(cells)} cells, but there are {len(columns)} columns.")
        else:
            rows.append((number, {name: cell.strip() or None for name, cell in zip(columns, cells, strict=True)}))
    return rows, problems


def _check_facts(row: Row, registries: Registries) -> Iterator[str]:
    """Yield the faults of a row of catalogue.csv."""
    if empty := [name for name in _NEEDED if row[name] is None]:
        yield f"{', '.join(empty)} must not be empty"
        return
    if row["catalogue_id"] != catalogue_id(row["url"]):
        yield f"the catalogue_id of {row['url']} is {catalogue_id(row['url'])}, not {row['catalogue_id']}"
    for name in _OUTLETS:
        if row[name] is not None and row[name] not in registries.outlets:
            yield f"{name} {row[name]!r} is not in schema/registries/outlets.toml; add an entry there"
    if row["event_id"] not in registries.events:
        yield f"event_id {row['event_id']!r} is not in schema/registries/events.toml; add an entry there"
    if (row["published"] is None) != (row["published_source"] is None):
        yield "published and published_source go together: both, or neither"
    if row["published"] and _parse_day(row["published"] + "-01" * (len(row["published"]) == len("2019-07"))) is None:
        yield f"published is {row['published']!r}; it must be a month or a day, such as 2019-07 or 2019-07-23"


def _parse_day(text: str) -> date | None:
    """Return a day; None if the text is not a full date."""
    try:
        return date.fromisoformat(text) if len(text) == len("2019-07-23") else None
    except ValueError:
        return None


def _find_duplicates(rows: Numbered) -> Iterator[tuple[int, str]]:
    """Yield the number of each row that names the same page as an earlier row, and a message."""
    first: dict[str, tuple[int, Row]] = {}
    for number, row in rows:
        if row["url"] is None:
            continue
        above, other = first.setdefault(page_key(row["url"]), (number, row))
        if above != number:
            names = f"{row['catalogue_id']} and {other['catalogue_id']} (line {above})"
            yield number, f"{names} have the same address, {row['url']} and {other['url']}; keep one row"


def _read_codes(path: Path, known: set[str]) -> tuple[dict[str, Row], list[str]]:
    """Read one coder's codes as catalogue_id -> columns of the table `catalogue`, and return them and their faults."""
    coder = path.stem.removeprefix("codes_")
    wanted = [c.name for c in schema().table("catalogue").columns if c.name.startswith("opening_")]
    mine = tuple(name[len("opening_") : -len(coder) - 1] for name in wanted if name.endswith(f"_{coder}"))
    rows, problems = _read(path, ("catalogue_id", *mine))
    codes: dict[str, Row] = {}
    for number, row in rows:
        entry = row.pop("catalogue_id")
        if entry not in known:
            problems.append(f"{path}, line {number}: {entry} is in no row of catalogue.csv.")
        elif entry in codes:
            problems.append(f"{path}, line {number}: {entry} is coded twice; keep one code per page and coder.")
        codes[entry] = {f"opening_{name}_{coder}": value for name, value in row.items()}
    return codes, problems


def _complete(row: Row, registries: Registries, barred: list[Row], withdrawn: frozenset[str]) -> Row:
    """Complete a row of catalogue.csv from the registries and the list of barred domains."""
    outlet = registries.outlets[row["outlet_id"]]
    bar = next((one for one in barred if lies_in(host_of(row["url"]), one["domain"])), None)
    published = row["published"] or ""
    return row | {
        "outlet": outlet["name"],
        "outlet_country": outlet["country"],
        "event_kind": registries.events[row["event_id"]]["event_kind"],
        "published_precision": _PRECISION.get(len(published)),
        "published_date": _parse_day(published),
        "own_article": row["article_id"] is not None,
        "article_id": None if row["article_id"] in withdrawn else row["article_id"],
        "fetch": "do_not_fetch" if bar else "may_fetch",
        "fetch_reason": bar["reason"] if bar else None,
        "fetch_basis": bar["basis"] if bar else None,
    }


def read_catalogue(raw: Path, registries: Registries, params: Params, withdrawn: frozenset[str] = frozenset()) -> Any:
    """Read `raw/catalogue` into the table `catalogue`, in order of ids; without that folder, the table is empty.

    Raises:
        InputError: a line is empty, two rows have the same address, an id is unknown, or a code has no entry; every
            fault of every file is listed.
    """
    declared, folder = arrow_schema(schema().table("catalogue")), raw / "catalogue"
    if not folder.is_dir():
        return declared.empty_table()
    path, bars = folder / "catalogue.csv", folder / "do_not_fetch.csv"
    facts, problems = _read(path, FACTS)
    if problems and not facts:  # without rows, every code would be a fault
        raise InputError(problems)
    barred, found = _read(bars, _BARRED) if bars.exists() else ([], [])
    wrong = [(number, what) for number, row in facts for what in _check_facts(row, registries)]
    problems += found + [
        f"{path}, line {number}: {what}." for number, what in sorted([*wrong, *_find_duplicates(facts)])
    ]
    known = {row["catalogue_id"] for _, row in facts}
    codes = [_read_codes(file, known) for file in sorted(folder.glob("codes_*.csv"))]
    if problems := problems + [problem for _, found in codes for problem in found]:
        raise InputError(problems)
    rows = [_complete(row, registries, [one for _, one in barred], withdrawn) for _, row in facts]
    rows.sort(key=lambda row: str(row["catalogue_id"]))
    agencies = {key for key, outlet in registries.outlets.items() if outlet["outlet_kind"] == "agency"}
    groups = group_wire_stories(rows, agencies, params.catalogue.wire_days)
    for row in rows:
        for coded, _ in codes:
            row.update(coded.get(row["catalogue_id"], {}))
        row.update(groups.get(row["catalogue_id"], {}))
    return pa.Table.from_pylist(rows, schema=declared)
