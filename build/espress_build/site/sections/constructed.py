"""The constructed sets: functions with their pairs, versions of invented articles, practice, and results of systems."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from espress_build.metadata.set_sizes import SPLITS, count_sizes
from espress_build.site.constructed_sets import (
    CONTRAST,
    ENGLISH,
    Function,
    Sheet,
    choose_example,
    group_pairs,
    list_frames,
    list_functions,
    list_sheets,
)
from espress_build.site.entries import count_choices
from espress_build.site.page import Page, SearchEntry
from espress_build.site.places import name_country, name_language
from espress_build.site.set_results import Figure, read_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from espress_build.site.dataset import Dataset, Row

ORDER = 50
NAVIGATION = "Constructed sets"
INDEX, RESULTS = "constructed/index.html", "constructed/results.html"
OTHER_RESULTS = "constructed/results-other-languages.html"
STANCE, PRACTICE = "constructed/stance_articles.html", "constructed/practice.html"
_PICTURE = "docs/generated/check-results.svg"  # the documentation holds it, too
FEWEST = 5  # cases; a share of fewer is shown grey
_STYLES = ("tables.css",)
_SCRIPTS = ("filter-table.js",)


def _make_functions(dataset: Dataset, functions: list[Function], canary: str, figures: list[Figure]) -> Iterator[Page]:
    pairs = group_pairs(dataset.table("check"))
    results: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for one in figures:
        if one.measure == "pass rate":
            results[one.language, one.group].append(one)
    for function in functions:
        language = name_language(function.language)
        own = sorted(results[function.language, function.name], key=lambda one: (-one.value, one.system))
        others = [one for one in functions if one.name == function.name and one.path != function.path]
        yield Page(
            path=function.path,
            title=f"{function.title} ({language})",
            template="function.html.j2",
            context={
                "function": function,
                "language": language,
                "frames": list_frames(function, pairs),
                "results": own,
                "others": [(name_language(one.language), one) for one in others],
                "canary": canary,
                "is_contrast": function.name == CONTRAST,
                "name_state": _name_state,
            },
            description=function.tests or f"Cases of {function.title}.",
            search=[
                SearchEntry(
                    function.path,
                    f"{function.title} ({language})",
                    f"{function.name.replace('_', ' ')}. {function.tests or ''}",
                    "function",
                )
            ],
            styles=_STYLES,
        )


def _read_devices(project: Path) -> dict[str, str]:
    """Return the devices of the author's voice with their meanings; none if their file is missing."""
    path = project / "schema" / "constructed.toml"
    devices: dict[str, str] = (
        tomllib.loads(path.read_text(encoding="utf-8")).get("devices", {}) if path.is_file() else {}
    )
    return devices


def _make_stance(dataset: Dataset, sheets: list[Sheet], canary: str) -> Iterator[Page]:
    titles = {sheet.sheet_id: sheet.stances[0][1][0].row["title"] for sheet in sheets if sheet.stances}
    yield Page(
        path=STANCE,
        title="Invented articles",
        template="stance_articles.html.j2",
        context={
            "sheets": sheets,
            "titles": titles,
            "events": count_choices(sheet.event_type for sheet in sheets),
            "splits": count_choices(sheet.split for sheet in sheets),
            "canary": canary,
            "devices": _read_devices(dataset.project),
        },
        description="Fact sheets, each told in several articles that differ only in the author's own voice.",
        search=[SearchEntry(STANCE, "Invented articles (stance)", "stance_articles fact sheets stance", "page")],
        scripts=_SCRIPTS,
        styles=_STYLES,
    )
    for place, sheet in enumerate(sheets):
        yield Page(
            path=sheet.path,
            title=f"Fact sheet {sheet.sheet_id}",
            template="sheet.html.j2",
            context={
                "sheet": sheet,
                "previous": sheets[place - 1] if place else None,
                "next": sheets[place + 1] if place + 1 < len(sheets) else None,
                "canary": canary,
            },
            description=f"Invented articles of fact sheet {sheet.sheet_id} side by side.",
            search=[SearchEntry(sheet.path, f"Fact sheet {sheet.sheet_id}", titles.get(sheet.sheet_id, ""), "sheet")],
            styles=_STYLES,
        )


def _make_practice(dataset: Dataset, canary: str) -> Iterator[Page]:
    rows = dataset.table("practice")
    units: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        units[row["unit"]].append(row)
    yield Page(
        path=PRACTICE,
        title="Practice sentences",
        template="practice.html.j2",
        context={
            "units": list(units.values()),
            "canary": canary,
            "items": len(rows),
            "kinds": count_choices(own[0]["kind"] for own in units.values()),
        },
        description="Sentences on which annotators practised and were tested, with labels.",
        search=[SearchEntry(PRACTICE, "Practice sentences", "practice calibration held-out sentences labels", "page")],
        scripts=_SCRIPTS,
        styles=_STYLES,
    )


def _find(figures: Iterable[Figure], measure: str, group: str | None = "") -> list[Figure]:
    """Return the figures of a measure, of one group or of all."""
    return [one for one in figures if one.measure == measure and group in (None, one.group)]


def _describe_rates(rates: list[Figure], pages: dict[tuple[str, str], Function]) -> dict[str, Any]:
    """Return what the table of pass rates and its filters show."""
    return {
        "rates": [(one, pages[one.language, one.group]) for one in rates],
        "tasks": count_choices(pages[one.language, one.group].task for one in rates),
        "systems": count_choices(one.system for one in rates),
        "languages": count_choices((one.language for one in rates), name_language),
        "groups": count_choices(one.group for one in rates),
    }


def _name_state(code: str) -> str:
    return "Valdria, an invented state" if code == "XV" else name_country(code)


def _describe_systems(figures: Iterable[Figure]) -> list[tuple[str, str]]:
    """Return every system that has figures, with a description."""
    from espress.probe.baselines import baselines
    from espress.probe.constructed.baselines import PARTIAL

    about = {one.name: one.about for one in (*baselines(), *PARTIAL)}
    names = sorted({one.system for one in figures})
    return [(name, about.get(name, "A language model that was asked without examples.")) for name in names]


def _make_results(project: Path, functions: list[Function], figures: list[Figure], canary: str) -> Iterator[Page]:
    check = [one for one in figures if one.set == "check"]
    stance = [one for one in figures if one.set == "stance"]
    pages = {(one.language, one.name): one for one in functions if one.name != CONTRAST}
    rates = [one for one in check if one.measure == "pass rate" and (one.language, one.group) in pages]
    rates.sort(key=lambda one: (one.language, one.group, -one.value, one.system))
    other_rates = [one for one in rates if one.language != ENGLISH]
    rates = [one for one in rates if one.language == ENGLISH]
    measures = ("pairs all right", "flips", "macro-F1", "triplets all right", "controls right", "right by device")
    english = [one for one in check if one.language == ENGLISH]
    yield Page(
        path=RESULTS,
        title="Results on the constructed sets",
        template="set_results.html.j2",
        context={
            **_describe_rates(rates, pages),
            "other_results": OTHER_RESULTS if other_rates else None,
            "picture": _PICTURE if (project / _PICTURE).is_file() else None,
            "means": sorted(_find(english, "mean pass rate"), key=lambda one: (-one.value, one.system)),
            "mean_others": {
                (one.system, one.language): one for one in _find(check, "mean pass rate") if one.language != ENGLISH
            },
            "other_languages": sorted({one.language for one in check} - {ENGLISH}),
            "flips": sorted(_find(english, "flips", "invariance_states"), key=lambda one: (one.value, one.system)),
            "flips_by_state": {(one.system, one.group): one for one in _find(english, "flips by acting state", None)},
            "states": sorted({one.group for one in _find(english, "flips by acting state", None)}),
            "pairs": {(one.system, one.group): one for one in _find(english, "pairs all right", None)},
            "stance": sorted(_find(stance, "macro-F1"), key=lambda one: (-one.value, one.system)),
            "of_stance": {(one.system, one.measure, one.group): one for one in stance if one.measure in measures},
            "devices": sorted({one.group for one in stance if one.measure == "right by device"}),
            "name_state": _name_state,
            "about_systems": _describe_systems(figures),
            "fewest": FEWEST,
            "canary": canary,
        },
        description="Pass rate of each function and system, flips when states are exchanged, stance by device.",
        search=[
            SearchEntry(
                RESULTS,
                "Results on the constructed sets",
                "baselines, pass rate by function and system, flips by state, negated factives",
                "page",
            )
        ],
        scripts=_SCRIPTS,
        styles=_STYLES,
    )
    if other_rates:
        yield Page(
            path=OTHER_RESULTS,
            title="Results in other languages",
            template="set_results_languages.html.j2",
            context={**_describe_rates(other_rates, pages), "results": RESULTS, "canary": canary},
            description="Pass rate of each function and system in the other languages of the functional tests.",
            search=[SearchEntry(OTHER_RESULTS, "Results in other languages", "pass rate by language", "page")],
            scripts=_SCRIPTS,
            styles=_STYLES,
        )


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the pages of the constructed sets."""
    check, articles = dataset.table("check"), dataset.table("stance_articles")
    if not check:
        return
    figures = read_figures(dataset.project)
    functions = list_functions(check, dataset.project)
    sheets = list_sheets(articles)
    canary = check[0]["canary"]
    lowest: dict[tuple[str, str], Figure] = {}
    for one in _find(figures, "pass rate", None):
        if not one.sees_part:
            key = (one.language, one.group)
            lowest[key] = min(lowest.get(key, one), one, key=lambda own: (own.value, own.system))
    yield Page(
        path=INDEX,
        title="Constructed sets",
        template="constructed.html.j2",
        context={
            "functions": functions,
            "tasks": count_choices(one.task for one in functions),
            "languages": count_choices((one.language for one in functions), name_language),
            "sizes": list(count_sizes([*check, *articles])),
            "sheets": sheets,
            "practice": len(dataset.table("practice")),
            "canary": canary,
            "splits": SPLITS,
            "lowest": lowest,
            "example": choose_example(group_pairs(check)),
        },
        description="Texts written to train and test classifiers: functional tests, invented articles, practice.",
        search=[SearchEntry(INDEX, "Constructed sets", "check stance_articles practice functional tests", "page")],
        scripts=_SCRIPTS,
        styles=_STYLES,
    )
    yield from _make_results(dataset.project, functions, figures, canary)
    yield from _make_functions(dataset, functions, canary, figures)
    if sheets:
        yield from _make_stance(dataset, sheets, canary)
    if dataset.table("practice"):
        yield from _make_practice(dataset, canary)
