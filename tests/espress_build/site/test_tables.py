"""Pages of tables: every row is shown, counts equal those of the tables, and hostile values are shown as text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html  # type: ignore[import-untyped]

from espress_build.site import build
from espress_build.site.dataset import Dataset
from espress_build.site.places import Map, draw_maps, name_country
from espress_build.site.sections import audit, catalogue, constructed, registries
from espress_build.site.set_results import read_figures

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

SECTIONS = (audit, catalogue, constructed, registries)


def read(folder: Path, path: str) -> html.HtmlElement:
    """Parse a page."""
    return html.fromstring((folder / path).read_text(encoding="utf-8"))


def count_rows(page: html.HtmlElement, table: str) -> int:
    """Return the number of rows of a table."""
    return len(page.xpath(f"//table[@id='{table}']/tbody/tr"))


def read_choices(page: html.HtmlElement, name: str) -> dict[str, int]:
    """Return the values of a filter with the number that each names."""
    options = page.xpath(f"//select[@name='{name}']/option[@value!='']")
    return {option.get("value"): int(option.text.rpartition(", ")[2]) for option in options}


def test_the_catalogue_shows_every_entry_and_its_filters_count_as_the_table_does(
    site_folder: Path, dataset: Dataset
) -> None:
    page, rows = read(site_folder, catalogue.PATH), dataset.table("catalogue")
    assert {row.get("id") for row in page.xpath("//table[@id='catalogue']/tbody/tr")} == {
        row["catalogue_id"] for row in rows
    }
    assert page.xpath("string(//output[@data-count='catalogue'])") == f"{len(rows)} of {len(rows)} entries"
    assert read_choices(page, "lang") == Counter(row["language"] for row in rows)
    assert read_choices(page, "event") == Counter(row["event_id"] for row in rows)
    assert read_choices(page, "country") == Counter(row["outlet_country"] or "unknown" for row in rows)
    assert read_choices(page, "year") == Counter(
        (row["published"] or "unknown")[: 4 if row["published"] else None] for row in rows
    )
    same = Counter(row[7].text.strip() for row in page.xpath("//table[@id='catalogue']/tbody/tr"))
    coded = [row for row in rows if row["opening_voice_b"]]
    assert same["same"] == sum(row["opening_voice_a"] == row["opening_voice_b"] for row in coded)
    assert same["one coder"] == len(rows) - len(coded)


def test_links_to_articles_elsewhere_pass_nothing_on(site_folder: Path) -> None:
    for path in (catalogue.PATH, registries.EVENTS, registries.OUTLETS):
        away = [link for link in read(site_folder, path).xpath("//a[@href]") if "://" in link.get("href")]
        assert away
        assert all("noreferrer" in link.get("rel").split() for link in away)


def test_a_page_that_must_not_be_requested_has_no_link(site_folder: Path, dataset: Dataset) -> None:
    page = read(site_folder, catalogue.PATH)
    for row in dataset.table("catalogue"):
        links = page.xpath(f"//tr[@id='{row['catalogue_id']}']//a[contains(@href, '://')]")
        assert bool(links) == (row["fetch"] == "may_fetch")


def test_registries_show_every_row(site_folder: Path, dataset: Dataset) -> None:
    events = read(site_folder, registries.EVENTS)
    shown = {one.get("id") for one in events.xpath("//article[contains(@class, 'event')]")}
    assert shown == {row["event_id"] for row in dataset.table("events")}
    assert len(events.xpath("//article//details//a[@target]")) == sum(
        row["fetch"] == "may_fetch" for row in dataset.table("catalogue")
    )
    assert "unknown" not in set(events.xpath("//article//dd/text()"))
    sources = read(site_folder, registries.SOURCES)
    lapsed = sum(row["lapsed"] == "yes" for row in dataset.table("entries") if row["source_id"] == "outlet")
    assert f"{lapsed} of the" in sources.xpath("string(//tr[@id='outlet']/td[1])")
    outlets = read(site_folder, registries.OUTLETS)
    assert count_rows(outlets, "outlets") == len(dataset.table("outlets"))
    assert sum(int(cell.get("data-value")) for cell in outlets.xpath("//table[@id='outlets']/tbody/tr/td[4]")) == len(
        dataset.table("catalogue")
    )
    assert sum(int(cell.get("data-value")) for cell in sources.xpath("//table[@id='sources']/tbody/tr/td[5]")) == len(
        dataset.table("entries")
    )


def test_an_outlet_with_articles_has_a_page_with_every_fact_and_its_source(site_folder: Path, dataset: Dataset) -> None:
    outlets = {row["outlet_id"]: row for row in dataset.table("outlets")}
    for outlet_id in {row["outlet_id"] for row in dataset.table("articles")}:
        page = read(site_folder, f"outlets/{outlet_id}.html")
        facts = outlets[outlet_id]["facts"]
        assert len(page.xpath("//table[@class='facts']/tbody/tr")) == len(facts)
        linked = {link.get("href") for link in page.xpath("//table[@class='facts']//a")}
        assert linked == {fact["source"] for fact in facts if fact["source"]}


def test_every_kept_case_is_on_the_page_of_its_function(site_folder: Path, dataset: Dataset) -> None:
    index = read(site_folder, constructed.INDEX)
    assert sum(int(cell.text) for cell in index.xpath("//table[@id='functions-table']/tbody/tr/td[5]")) == sum(
        row["kept"] for row in dataset.table("check")
    )
    shown_pairs = {
        row[0][0].text: row[5].get("data-value") for row in index.xpath("//table[@id='functions-table']/tbody/tr")
    }
    negated = {row["pair_id"] for row in dataset.table("check") if row["function"] == "cue_negated_factive"} - {None}
    assert shown_pairs["cue_negated_factive"] == str(len(negated))
    assert len(index.xpath("//div[@class='cases pair']/div[@class='case']")) == 2
    own = [row for row in dataset.table("check") if (row["function"], row["language"]) == ("invariance_states", "en")]
    page = read(site_folder, "constructed/invariance_states.html")
    shown = Counter(" ".join(case.xpath("string(p[1])").split()) for case in page.xpath("//div[@class='case']"))
    assert shown == Counter(" ".join([*row["context_before"], row["text"], *row["context_after"]]) for row in own)
    assert all(group.xpath(".//mark") for group in page.xpath("//div[contains(@class, 'many')]"))


def test_every_page_of_constructed_texts_holds_the_canary(site_folder: Path, dataset: Dataset) -> None:
    canary = dataset.table("check")[0]["canary"]
    pages = list((site_folder / "constructed").glob("*.html"))
    assert len(pages) > len(dataset.table("stance_articles")) / 21
    assert [path.name for path in pages if canary not in path.read_text(encoding="utf-8")] == []


def test_a_fact_sheet_shows_every_article_and_its_copies_beside_it(site_folder: Path, dataset: Dataset) -> None:
    own = [row for row in dataset.table("stance_articles") if row["sheet_id"] == "s001"]
    page = read(site_folder, "constructed/stance-s001.html")
    shown = {text.text_content().strip() for text in page.xpath("//article[@class='version']/div[@class='text']")}
    assert shown == {row["text"] for row in own}
    for row in page.xpath("//details[@class='copies']/div"):
        assert len(row.xpath("article")) == 3
        assert row.xpath("article[position() > 1]//mark")


def test_results_have_one_row_for_each_function_and_system(site_folder: Path, project: Path) -> None:
    page = read(site_folder, constructed.RESULTS)
    shown = {
        (row[0].text_content(), row[1].text.strip()): row[5].text for row in page.xpath("//table[@id='rates']/tbody/tr")
    }
    figures = [
        one for one in read_figures(project) if (one.set, one.language, one.measure) == ("check", "en", "pass rate")
    ]
    assert shown == {(one.group, one.system): f"{one.value:.2f}" for one in figures}
    assert ("cue_negated_factive", "lexicon") in shown
    explained = {name.text for name in page.xpath("//dl/div/dt/code")}
    assert {one.system for one in read_figures(project)} <= explained
    few = page.xpath("//td[contains(@class, 'few')]")
    by_state = [one for one in read_figures(project) if one.measure == "flips by acting state"]
    assert len(few) == sum(one.items < constructed.FEWEST for one in by_state)


def test_the_audit_shows_the_whole_table_of_rules_without_text(site_folder: Path, dataset: Dataset) -> None:
    page = read(site_folder, audit.PATH)
    assert count_rows(page, "shortcuts") == len(dataset.table("shortcuts"))
    assert page.xpath("//section[@id='position']//table")
    assert "espress audit votes.csv" in page.text_content()
    assert "position can be guessed in part from proposition_id alone" in page.text_content()
    assert "-py3-none-any.whl[audit]" in page.xpath("string(//pre[@id='audit-install'])")


def render(dataset: Dataset, section: ModuleType) -> Iterator[tuple[str, html.HtmlElement]]:
    """Yield every page of a section."""
    site = build.Site("ESPRESS", "1.0.0", "full", "0" * 64, (), frozenset(), frozenset(), None)
    environment = build.make_environment()
    for page in section.make_pages(dataset):
        yield page.path, html.fromstring(build._render(environment, page, site))


@pytest.fixture
def hostile(project: Path, dataset: Dataset) -> Dataset:
    """A dataset whose texts of others hold markup, right-to-left marks and a word of 10,000 characters."""
    changed = Dataset(project / "dataset", project)
    bad = "<script>alert(1)</script>\u202e\u05d0\" onmouseover='x' " + "a" * 10_000
    tables: dict[str, tuple[dict[str, Any], int]] = {
        "catalogue": ({"outlet": bad, "opening_named_side_a": bad, "url": "javascript:alert(1)"}, 3),
        "outlets": ({"name": bad, "domains": [bad], "aliases": [bad]}, 3),
        "events": ({"description": bad, "alleging": bad, "source": "javascript:alert(1)"}, 3),
        "sources": ({"name": bad, "aliases": [bad]}, 3),
        "check": ({"text": bad, "context_before": [bad], "source_start": 2, "source_end": 9}, 12),
        "stance_articles": ({"title": bad, "text": bad}, 21),
        "practice": ({"text": bad, "why": bad}, 3),
        "shortcuts": ({"metric": bad}, 3),
    }
    for name in ("articles", "article_stance", "entries"):
        changed._tables[name] = []
    for name, (values, number) in tables.items():
        changed._tables[name] = [row | values for row in dataset.table(name)[:number]]
    return changed


@pytest.mark.parametrize("section", SECTIONS, ids=lambda module: str(module.__name__).rpartition(".")[2])
def test_texts_of_others_are_shown_as_text(hostile: Dataset, section: ModuleType) -> None:
    seen = False
    for path, page in render(hostile, section):
        assert [script for script in page.xpath("//script") if "alert" in (script.text or "")] == [], path
        assert page.xpath("//@onmouseover") == []
        assert [link for link in page.xpath("//a/@href") if "javascript:" in link] == []
        seen = seen or "<script>alert(1)</script>" in page.text_content()
    assert seen


def test_each_country_is_on_one_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn = """{"world": {"width": 9, "height": 9, "land": "M0 0", "points": {"CZ": [1, 1], "CN": [2, 2]}},
        "europe": {"width": 9, "height": 9, "land": "M0 0", "points": {"CZ": [3, 3]}}}"""
    monkeypatch.setattr("espress_build.site.places._draw_coastlines", lambda _: drawn)
    world, europe = draw_maps(tmp_path, {"CZ": 8, "CN": 2})
    assert isinstance(world, Map)
    assert [(one.code, one.number) for one in world.circles] == [("CN", 2)]
    assert [(one.code, one.x, one.name) for one in europe.circles] == [("CZ", 3, "Czech Republic")]
    assert europe.circles[0].radius == pytest.approx(2 * world.circles[0].radius)
    assert draw_maps(None, {"CZ": 8}) == ()


def test_without_npm_the_page_says_how_to_get_the_map(site_folder: Path) -> None:
    page = read(site_folder, catalogue.PATH).text_content()
    assert "There is no map" in page
    assert "make site" in page


def test_an_unknown_country_is_named_so() -> None:
    assert [name_country(code) for code in ("CZ", "XV", None)] == ["Czech Republic", "XV", "unknown"]
