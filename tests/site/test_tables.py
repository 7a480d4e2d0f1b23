"""Tables in a browser: filters count as the tables do, an address restores them, the keyboard reaches everything."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import OpenPage

CATALOGUE = "catalogue/index.html"
FILTERS = (
    {"lang": "cs"},
    {"country": "CN", "lang": "en"},
    {"event": "huawei-cz-2019", "country": "CZ"},
    {"year": "2019", "lang": "de"},
    {"country": "unknown"},
    {"outlet": "global-times", "voice": "same"},
    {"voice": "different", "lang": "en", "country": "US"},
    {"lang": "zh", "country": "BR"},  # none
)


@pytest.fixture(scope="module")
def entries(project: Path) -> list[dict[str, Any]]:
    """The rows of the catalogue."""
    rows: list[dict[str, Any]] = pq.read_table(project / "dataset" / "data" / "catalogue.parquet").to_pylist()
    return rows


def select(rows: list[dict[str, Any]], wanted: dict[str, str]) -> set[str]:
    """Return the ids of the entries that fit filters, computed from the table alone."""
    columns = {"lang": "language", "country": "outlet_country", "event": "event_id", "outlet": "outlet_id"}

    def compare(row: dict[str, Any]) -> str:
        a, b = row["opening_voice_a"], row["opening_voice_b"]
        return "one coder" if not a or not b else "same" if a == b else "different"

    def fits(row: dict[str, Any]) -> bool:
        found = {name: row[column] or "unknown" for name, column in columns.items()}
        found |= {"year": (row["published"] or "unknown")[:4], "voice": compare(row)}
        return all(found[name] == value for name, value in wanted.items())

    return {row["catalogue_id"] for row in rows if fits(row)}


def read_shown(page: Any) -> set[str]:
    """Return the ids of the rows that are shown."""
    return set(page.eval_on_selector_all("#catalogue tbody tr:not([hidden])", "rows => rows.map((row) => row.id)"))


def wait_for(page: Any, expected: set[str]) -> None:
    """Wait until the rows with these ids are shown; a change of the address reaches the script a moment later."""
    page.wait_for_function(
        """ids => { const rows = [...document.querySelectorAll("#catalogue tbody tr:not([hidden])")];
        return rows.length === ids.length && rows.every((row) => ids.includes(row.id)); }""",
        arg=sorted(expected),
    )


def read_count(page: Any, table: str = "catalogue") -> str:
    """Return what the page says about the number of rows."""
    return str(page.locator(f"[data-count={table}]").text_content())


@pytest.mark.parametrize("wanted", FILTERS, ids=lambda wanted: "-".join(wanted.values()))
def test_filters_show_what_the_table_holds(
    open_page: OpenPage, entries: list[dict[str, Any]], wanted: dict[str, str]
) -> None:
    page = open_page(CATALOGUE)
    for name, value in wanted.items():
        page.locator(f"form[data-filter=catalogue] [name={name}]").select_option(value)
    expected = select(entries, wanted)
    assert read_shown(page) == expected
    assert read_count(page) == f"{len(expected)} of {len(entries)} entries"
    page.reload()  # the address holds the filters
    assert read_shown(page) == expected
    shown = page.get_by_role("button", name="Show all")
    assert shown.count() == (1 if expected else 2)  # one beside the filters, one beside "Nothing matches"
    shown.last.click()
    page.wait_for_function("!location.hash")
    assert len(read_shown(page)) == len(entries)


@pytest.mark.parametrize("mark", ["#", "?"])
def test_an_address_restores_the_filters(
    open_page: OpenPage, site: Path, entries: list[dict[str, Any]], mark: str
) -> None:
    wanted = {"lang": "cs", "event": "bis-report-2018"}
    page = open_page(CATALOGUE)
    page.goto(f"{(site / CATALOGUE).as_uri()}{mark}{urlencode(wanted)}")
    page.reload()
    assert read_shown(page) == select(entries, wanted)
    assert page.locator("[name=lang]").input_value() == "cs"
    page.locator("[name=lang]").select_option("")
    page.reload()
    assert read_shown(page) == select(entries, {"event": "bis-report-2018"})


def test_a_menu_counts_what_the_other_filters_leave(open_page: OpenPage, entries: list[dict[str, Any]]) -> None:
    page = open_page(f"{CATALOGUE}#lang=cs&year=2019")
    options = page.eval_on_selector_all(
        "[name=country] option", "options => options.map((one) => [one.value, one.text])"
    )
    for value, text in options[1:]:
        number = len(select(entries, {"lang": "cs", "year": "2019", "country": value}))
        assert text.endswith(f", {number}"), value
    titles = page.eval_on_selector_all(
        "#catalogue td:nth-child(2)", "cells => cells.map((one) => [one.textContent.trim(), one.title])"
    )
    assert ["CZ", "Czech Republic (CZ)"] in titles


def test_events_are_found_by_words_and_a_link_to_a_hidden_one_shows_it(open_page: OpenPage) -> None:
    page = open_page("events/index.html")
    page.get_by_role("searchbox", name="Words").fill("embassy apt31")
    assert page.locator("#events > article:not([hidden])").evaluate_all("all => all.map((one) => one.id)") == [
        "apt31-cz-2025"
    ]
    page.evaluate("location.hash = 'asml-2019'")
    page.wait_for_function("!document.getElementById('asml-2019').hidden")


def test_on_a_phone_the_timeline_begins_at_its_end(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    page.set_viewport_size({"width": 360, "height": 800})
    page.reload()
    assert page.locator("[data-end]").evaluate(
        "one => one.scrollLeft > 0 && one.scrollLeft + one.clientWidth >= one.scrollWidth - 1"
    )


def test_each_outlet_can_be_chosen(open_page: OpenPage, entries: list[dict[str, Any]]) -> None:
    page = open_page(CATALOGUE)
    options = page.eval_on_selector_all(
        "[name=outlet] option:not([value=''])", "options => options.map((one) => [one.value, one.text])"
    )
    names = {row["outlet_id"]: row["outlet"] for row in entries}
    counts = Counter(row["outlet_id"] for row in entries)
    assert dict(options) == {outlet_id: f"{names[outlet_id]}, {n}" for outlet_id, n in counts.items()}


def test_an_unknown_filter_in_an_address_changes_nothing(open_page: OpenPage, entries: list[dict[str, Any]]) -> None:
    page = open_page(f"{CATALOGUE}#lang=xx&nothing=%3Cscript%3E")
    assert len(read_shown(page)) == len(entries)


def test_words_are_found_in_names_addresses_and_codes_whatever_their_accents(
    open_page: OpenPage, entries: list[dict[str, Any]]
) -> None:
    page = open_page(CATALOGUE)
    page.get_by_role("searchbox", name="Words").fill("AKTUALNE denies")
    own = {row["catalogue_id"] for row in entries if "aktualne" in row["url"]}
    assert read_shown(page) <= own
    page.get_by_role("searchbox", name="Words").fill("sputnik cesko")
    assert read_shown(page) == {row["catalogue_id"] for row in entries if row["outlet"] == "Sputnik Česko"}


def test_a_year_and_a_country_of_the_pictures_filter_the_table(
    open_page: OpenPage, entries: list[dict[str, Any]]
) -> None:
    page = open_page(CATALOGUE)
    page.get_by_role("link", name="2019: ").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#year=2019'")
    wait_for(page, select(entries, {"year": "2019"}))
    if page.locator(".maps").count():  # not without the libraries from npm
        page.get_by_role("link", name="Czech Republic: ").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_function("location.hash === '#country=CZ'")
        wait_for(page, select(entries, {"country": "CZ"}))


def test_the_circles_of_the_map_hold_the_numbers_of_the_table(
    open_page: OpenPage, entries: list[dict[str, Any]]
) -> None:
    page = open_page(CATALOGUE)
    if not page.locator(".maps").count():
        pytest.skip("the libraries from npm are not installed; type: make site-test")
    names = page.eval_on_selector_all(
        ".maps a", "links => links.map((one) => [one.getAttribute('href'), one.ariaLabel])"
    )
    shown = {href.partition("=")[2]: int(label.rpartition(": ")[2].split()[0]) for href, label in names}
    counts = Counter(row["outlet_country"] for row in entries if row["outlet_country"])
    assert shown == counts


def test_the_keyboard_filters_and_sorts_and_the_count_is_announced(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    page.locator("[name=lang]").focus()
    page.keyboard.press("C")  # Chinese or Czech, whichever is first
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "country"
    status = page.get_by_role("status").filter(has=page.locator("[data-count]"))
    assert not status.inner_text().startswith("446 ")
    page.get_by_role("button", name="Published").focus()
    page.keyboard.press("Enter")
    head = page.locator("#catalogue th").nth(3)
    assert head.get_attribute("aria-sort") == "ascending"
    dates = page.eval_on_selector_all(
        "#catalogue tbody tr:not([hidden])", "rows => rows.map((row) => row.cells[3].textContent.trim())"
    )
    assert dates == sorted(dates)
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"


def test_how_systems_did_on_negated_factives_is_found_from_the_results(open_page: OpenPage) -> None:
    page = open_page("constructed/results.html")
    page.get_by_role("searchbox", name="Words").fill("negated factive lexicon")
    shown = page.locator("#rates tbody tr:not([hidden])")
    assert shown.count() == 1
    shown.get_by_role("link").click()
    page.wait_for_url("**/constructed/cue_negated_factive.html")
    assert page.get_by_role("region", name="Pass rates").get_by_role("row").filter(has_text="lexicon").count() == 1


def test_a_link_from_a_function_shows_its_rows_among_the_results(open_page: OpenPage) -> None:
    page = open_page("constructed/cue_negated_factive.html")
    page.get_by_role("link", name="Beside all other results").click()
    page.wait_for_function("document.querySelectorAll('#rates tbody tr:not([hidden])').length === 13")
    assert set(
        page.eval_on_selector_all(
            "#rates tbody tr:not([hidden]) td:first-child", "cells => cells.map((c) => c.textContent)"
        )
    ) == {"cue_negated_factive"}
