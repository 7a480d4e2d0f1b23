"""The catalogue of articles on other sites: timeline, map, a table with filters, and how its coders agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.schema import schema
from espress_build.labels.opening_agreement import count_voices, measure_openings, select_coded
from espress_build.site.entries import count_choices, describe_entry
from espress_build.site.page import Page, SearchEntry
from espress_build.site.places import draw_maps, name_country, name_language
from espress_build.site.timeline import make_timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset

ORDER = 40
NAVIGATION = "Catalogue"
PATH = "catalogue/index.html"
_DESCRIPTION = "Articles on other sites, with facts and with the codes of two coders; no title and no text."
_CODES = ("opening_voice", "opening_genre", "opening_main_news", "opening_balance", "opening_confidence")


def _list_codes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every list of codes with the meaning of each code."""
    words = schema().vocabularies
    return [(name.removeprefix("opening_").replace("_", " "), list(words[name].items())) for name in _CODES]


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the page of the catalogue."""
    rows = sorted(
        dataset.table("catalogue"), key=lambda row: (row["published"] or "", row["catalogue_id"]), reverse=True
    )
    if not rows:
        return
    coded = select_coded(rows)
    countries = count_choices((row["outlet_country"] for row in rows), name_country, frequent_first=True)
    years = count_choices(row["published"] and row["published"][:4] for row in rows)
    context = {
        "entries": [describe_entry(row) for row in rows],
        "own": sum(row["own_article"] for row in rows),
        "countries": countries,
        "n_countries": sum(one.value != "unknown" for one in countries),
        "languages": count_choices((row["language"] for row in rows), name_language, frequent_first=True),
        "events": count_choices(row["event_id"] for row in rows),
        "years": sorted(years, key=lambda one: (one.value != "unknown", one.value), reverse=True),
        "timeline": make_timeline((row["published"], row["event_id"]) for row in rows),
        "maps": draw_maps(dataset.npm, {one.value: one.number for one in countries if one.value != "unknown"}),
        "coded": len(coded),
        "agreement": list(measure_openings(coded)) if coded else [],
        "voices": count_voices(coded),
        "codes": _list_codes(),
    }
    yield Page(
        path=PATH,
        title="Catalogue",
        template="catalogue.html.j2",
        context=context,
        description=_DESCRIPTION,
        search=[SearchEntry(PATH, "Catalogue of articles on other sites", _DESCRIPTION, "page")],
        scripts=("filter-table.js",),
        styles=("tables.css",),
    )
