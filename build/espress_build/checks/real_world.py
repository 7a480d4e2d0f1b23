"""Checks of level 4 against what exists outside the dataset: countries, time zones, addresses, and the codebook."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from espress.schema import schema
from espress.urls import host_of, is_tracking, lies_in, page_key
from espress_build.checks.dataset_files import edition_of
from espress_build.inputs.countries import countries, zones
from espress_build.inputs.judgements import current, find_contradictions, from_rows, list_problems
from espress_build.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Found = Iterator[tuple[str, str]]

_PUBLISHED = ("article_id", "published", "published_zone", "outlet_country", "basis")
COUNTRY = "^[A-Z]{2}$"  # the pattern of every column with an ISO 3166-1 alpha-2 code


def list_offsets(moment: datetime, codes: set[str]) -> set[str]:
    """Return the offsets from UTC, such as +01:00, that clocks in these countries showed at a local time."""
    names = {name for code in codes for name in zones().get(code, ())}
    return {moment.replace(tzinfo=ZoneInfo(name)).isoformat()[-6:] for name in names}


def countries_exist(folder: Path) -> Found:
    """Yield codes of countries that ISO 3166-1 does not have."""
    for table in schema().tables:
        columns = [column.name for column in table.columns if column.pattern == COUNTRY]
        for row in read_rows(folder, table.name, {*table.key, *columns}) if columns else ():
            key = "/".join(str(row[part]) for part in table.key)
            for column in columns:
                if row[column] is not None and row[column] not in countries():
                    yield key, f"{table.name}.{column} is {row[column]}, which is no country of ISO 3166-1"


def zones_exist(folder: Path) -> Found:
    """Yield offsets from UTC that no clock showed on the day of publication.

    An inferred offset must occur in the outlet's country. An offset that the page states may be that of a server
    elsewhere.
    """
    for row in read_rows(folder, "articles", _PUBLISHED):
        if row["published_zone"] is None:
            continue
        own = {row["outlet_country"]} - {None}
        basis = {entry["basis"] for entry in row["basis"] if entry["field"] == "published_zone"}
        moment = datetime.fromisoformat(row["published"])
        everywhere = list_offsets(moment, set(zones())) | {"+00:00"}
        there = list_offsets(moment, own) if own and basis == {"inferred"} else everywhere
        if row["published_zone"] not in there:
            what = f"published_zone is {row['published_zone']}, but clocks in {', '.join(sorted(own)) or 'any country'}"
            yield row["article_id"], f"{what} showed {', '.join(sorted(there))} on that day"


def _spell_code(code: re.Match[str]) -> str:
    """Return a percent-encoded byte in upper case, or the character if it needs no encoding (RFC 3986, 6.2.2)."""
    character = chr(int(code[0][1:], 16))
    return character if character.isascii() and (character.isalnum() or character in "-._~") else code[0].upper()


def spell_address(url: str) -> str:
    """Return an address in the one spelling that the dataset uses.

    Scheme and host are in lower case, percent-encoding is in upper case and only where it is needed, and user, default
    port, fragment and tracking parameters are left out.
    """
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, {"http": 80, "https": 443}.get(parts.scheme)) else ""
    host = parts.netloc.rpartition("@")[2].partition(":")[0].lower()
    query = "&".join(part for part in parts.query.split("&") if not is_tracking(part.partition("=")[0]))
    return re.sub(
        "%[0-9A-Fa-f]{2}", _spell_code, f"{parts.scheme}://{host}{port}{parts.path}{'?' * bool(query)}{query}"
    )


def addresses_spelled(folder: Path) -> Found:
    """Yield addresses in another spelling or at another site, pages listed twice, and own articles without a mark."""
    outlets = {row["outlet_id"]: row for row in read_rows(folder, "outlets")}
    by_name = {row["name"]: row for row in outlets.values()}
    articles, seen = dict[str, str](), dict[str, str]()
    for row in read_rows(folder, "articles", {"article_id", "url", "outlet_id", "republisher"}):
        if row["url"] is None:
            continue
        articles[page_key(row["url"])] = row["article_id"]
        yield from _check_spelling(row["article_id"], row["url"])
        holders = [outlets[row["outlet_id"]], by_name.get(row["republisher"])]
        domains = [domain for one in holders if one for domain in one["domains"]]
        if domains and not any(lies_in(host_of(row["url"]), domain) for domain in domains):
            yield row["article_id"], f"no domain of its outlet or republisher holds {row['url']}"
    for row in read_rows(folder, "catalogue"):
        yield from _check_spelling(row["catalogue_id"], row["url"])
        key = page_key(row["url"])
        if key in seen:
            yield row["catalogue_id"], f"points to the same page as {seen[key]}: {row['url']}"
        seen[key] = row["catalogue_id"]
        if key in articles and not row["own_article"]:
            yield row["catalogue_id"], f"points to {articles[key]}, and is not marked as an article of this corpus"


def _check_spelling(key: str, url: str) -> Found:
    try:
        wanted = spell_address(url)
    except ValueError as error:
        yield key, f"{url} is no address: {error}"
        return
    if url != wanted:
        yield key, f"the address is spelled {url}, not {wanted}"


def judgements_sound(folder: Path) -> Found:
    """Yield judgements, counted or not, that the codebook does not allow or that contradict each other."""
    rows = list(read_rows(folder, "annotations"))
    if edition_of(folder) == "open":  # which withholds the words of a quote, and keeps its place
        rows = [row | ({"quote": "…"} if row["quote_start"] is not None else {}) for row in rows]
    judgements = from_rows(rows)
    made_by: dict[str, tuple[Any, ...]] = {}
    for row, one in zip(rows, judgements, strict=True):
        own = tuple(row[name] for name in ("annotator_kind", "family", "codebook"))
        if made_by.setdefault(one.annotator, own) != own:
            yield (
                row["judgement_id"],
                f"is by {own}, but other judgements of {one.annotator} by {made_by[one.annotator]}",
            )
        yield from ((row["judgement_id"], problem) for problem in list_problems(one))
    sources = {row["source_id"] for row in read_rows(folder, "sources")}
    units = {row["sentence_id"] for row in read_rows(folder, "sentences", {"sentence_id"})} if rows else set()
    names = {id(one): row["judgement_id"] for row, one in zip(rows, judgements, strict=True)}
    for one, problem in find_contradictions(current(judgements)[0].values(), sources, units):
        yield names[id(one)], problem


FUNCTIONS: dict[str, Callable[[Path], Found]] = {
    function.__name__: function for function in (countries_exist, zones_exist, addresses_spelled, judgements_sound)
}
