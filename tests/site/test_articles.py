"""The article reader in a browser: text and marks are those of the tables; addresses, keyboard and views work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.espress.reader import invented

import espress
from espress.reader.article import find_mark, gather
from espress.reader.render import render_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import OpenPage

ARTICLES = espress.load("articles", as_="arrow")["article_id"].to_pylist()
# Where a word of a text begins, in pixels from the left.
_PLACE = """(text, word) => {
    const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    while (!nodes.nextNode().data.includes(word));
    const range = document.createRange();
    range.setStart(nodes.currentNode, nodes.currentNode.data.indexOf(word));
    range.setEnd(nodes.currentNode, range.startOffset + 1);
    return range.getBoundingClientRect().x;
}"""
LAPSED = "global-times-20191106-1e8ce4fb"


def _rows(table: str, article_id: str) -> list[dict[str, Any]]:
    rows = espress.load(table, as_="arrow", where={"article_id": article_id}).to_pylist()
    return list(rows)


def _mask(unit: dict[str, Any], start: int, end: int) -> str:
    """Return a part of a unit in which placeholders stand for the names of private persons."""
    text = unit["text"]
    for mask in reversed(unit["masks"]):
        if mask["mask"].startswith("[PERSON") and start < mask["mask_end"] and mask["mask_start"] < end:
            start, before = min(start, mask["mask_start"]), max(end, mask["mask_end"])
            text = text[: mask["mask_start"]] + mask["mask"] + text[mask["mask_end"] :]
            end = before + len(mask["mask"]) - (mask["mask_end"] - mask["mask_start"])
    return str(text[start:end])


@pytest.mark.parametrize("article_id", ARTICLES)
def test_units_and_spans_are_those_of_the_tables(open_page: OpenPage, article_id: str) -> None:
    page = open_page(f"articles/{article_id}.html")
    units = {row["sentence_id"]: row for row in _rows("sentences", article_id)}
    shown = page.eval_on_selector_all("[data-unit]", "all => all.map(one => [one.dataset.unit, one.textContent])")
    assert shown == [[find_mark(name), _mask(row, 0, len(row["text"]))] for name, row in units.items()]
    marks = page.eval_on_selector_all(
        ".reader mark[data-entry]",
        "all => all.map(one => [one.closest('.unit').id, one.dataset.entry, one.className, one.textContent])",
    )
    numbers = {
        row["proposition_id"]: number
        for number, row in enumerate(espress.load("propositions", as_="arrow").to_pylist(), 1)
    }
    for row in _rows("entries", article_id):
        mark = find_mark(row["sentence_id"])
        key = f"{mark}-{numbers[row['proposition_id']]}-{row['source_no']}"
        for kind in ("source", "cue"):
            words = "".join(
                text
                for unit, entries, kinds, text in marks
                if unit == mark and key in entries.split() and f"{kind}-words" in kinds.split()
            )
            start, end = row[f"{kind}_span_start"], row[f"{kind}_span_end"]
            assert words == ("" if start is None else _mask(units[row["sentence_id"]], start, end))


def test_an_address_leads_to_its_unit(open_page: OpenPage) -> None:
    page = open_page(f"articles/{LAPSED}.html#p08.01")
    unit = page.locator("[id='p08.01']")
    assert unit.bounding_box()["y"] == pytest.approx(16, abs=20)
    page.get_by_role("link", name="unit p16.01").click()
    assert page.url.endswith("#p16.01")


def test_lapsed_attribution_is_found_without_help(open_page: OpenPage) -> None:
    page = open_page("articles/index.html")
    lapsed = {row["sentence_id"] for row in _rows("entries", LAPSED) if row["lapsed"] == "yes"}
    row = page.locator(".article-list li", has_text="State TV")
    assert f"{len(lapsed)} of 32 units" in row.inner_text()
    row.get_by_role("link", name="p05.02").click()
    assert page.locator("[id='p05.02'] .lapse").is_visible()
    page.get_by_label("where attribution is lapsed").check()
    visible = page.eval_on_selector_all(
        ".unit", "all => all.filter(one => one.querySelector('.notes').checkVisibility()).map(one => one.id)"
    )
    assert set(visible) == {find_mark(name) for name in lapsed}
    page.get_by_label("text alone").check()
    assert page.locator(".notes:visible").count() == 0


def test_a_fact_is_explained_by_pointer_and_keyboard(open_page: OpenPage) -> None:
    page = open_page(f"articles/{LAPSED}.html")
    why = page.locator("#why-outlet_country")
    assert not why.is_visible()
    page.locator(".of-outlet_country button").focus()
    assert "confidence: high" in why.inner_text()
    assert "2011-10-31" in why.inner_text()
    page.keyboard.press("Escape")
    assert not why.is_visible()
    page.locator(".of-outlet_country button").hover()
    assert why.is_visible()


def test_facts_are_folded_on_a_narrow_screen_and_the_stance_is_not(open_page: OpenPage, page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    open_page(f"articles/{LAPSED}.html")
    fact = page.locator(".of-outlet_country button")
    assert page.locator(".stance").first.is_visible()
    assert not fact.is_visible()
    page.locator(".facts > summary").click()
    assert fact.is_visible()


def test_votes_open_by_keyboard_and_entries_light_up_their_words(open_page: OpenPage) -> None:
    page = open_page(f"articles/{LAPSED}.html")
    unit = page.locator("[id='p05.02']")
    unit.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "units-at-random no" in " ".join(unit.locator(".votes").inner_text().split())
    entry = page.locator("[id='p09.01'] .label-entry").first
    entry.hover()
    assert page.locator("[id='p09.01'] mark.on").all_inner_texts() == [
        "arrested",
        "the Beijing Municipal National Security Bureau",
    ]


@pytest.mark.parametrize("width", [320, 360, 820, 1280])
def test_nothing_is_wider_than_the_screen(open_page: OpenPage, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in (f"articles/{LAPSED}.html", "articles/index.html", "compare/huawei-cz-2019.html"):
        open_page(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_is_text(page: Any, tmp_path: Path) -> None:
    tables = invented.make_tables()
    word = "x" * 10_000
    texts = [
        "<script>document.title = 'run'</script>",
        "\u202eright then left",
        f"a {word}",
        "e\u0301 و שלום 中文 \u200f",
    ]
    units = tables["sentences"]
    for unit, text in zip(units, texts, strict=False):
        unit |= {"text": text, "text_start": 0, "text_end": len(text), "masks": []}
    for entry in (row for row in tables["entries"] if row["sentence_id"].endswith("t.01")):
        entry |= {"source_span_start": 4, "source_span_end": 30, "cue_span_start": 9, "cue_span_end": 12}
    path = tmp_path / "page.html"
    shown = gather(invented.ARTICLE, lambda name: tables[name])
    path.write_text(render_page(shown, "version"), encoding="utf-8")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        assert page.eval_on_selector_all("[data-unit]", "all => all.map(one => one.textContent)")[:4] == texts
        assert page.title() != "run"
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    words = page.locator(".text").nth(1)
    assert words.evaluate(_PLACE, "right") < words.evaluate(_PLACE, "left"), "the control changes no direction"


# ---------------------------------------------------------------- two outlets, one event


def test_the_comparison_counts_and_lists_what_the_tables_say(open_page: OpenPage) -> None:
    page = open_page("compare/huawei-cz-2019.html")
    rows = espress.load("claim_matrix", as_="arrow").to_pylist()
    for side, article in (("left", "epoch-times"), ("right", "kafkadesk")):
        missing = {
            row["claim"] for row in rows if row["article_id"].startswith(article) and row["status"] == "left_out"
        }
        summary = page.locator(f"#left-out-{side}")
        summary.locator("summary").click()
        listed = summary.locator("li").all_inner_texts()
        assert len(listed) == len(missing)
        assert all(any(claim in text for text in listed) for claim in missing)
        other = "left" if side == "right" else "right"
        page.locator(f"input[value='{other}']").check()
        assert page.locator(".claims tbody tr:visible").count() == len(missing)


def test_each_line_joins_a_claim_and_a_unit(open_page: OpenPage) -> None:
    page = open_page("compare/huawei-cz-2019.html")
    rows = espress.load("claim_matrix", as_="arrow").to_pylist()
    wanted = {
        (
            f"claim-{row['claim_no']}",
            f"{'left' if row['article_id'].startswith('epoch') else 'right'}-{find_mark(unit)}",
        )
        for row in rows
        for unit in row["sentence_ids"]
    }
    drawn = page.eval_on_selector_all(
        ".lines path[data-unit]", "all => all.map(one => [one.dataset.claim, one.dataset.unit])"
    )
    assert {tuple(line) for line in drawn} == wanted
    page.locator("#claim-1").hover()
    assert page.locator(".side .unit.on").count() == 6
    page.set_viewport_size({"width": 600, "height": 900})
    assert page.locator(".lines").is_hidden()


@pytest.mark.parametrize("path", ["articles/index.html", f"articles/{LAPSED}.html", "compare/huawei-cz-2019.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_when_all_details_are_open(
    open_page: OpenPage, page: Any, axe: str, path: str, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    open_page(path)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run('main', {preload: false})")["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]][:5]) for one in found] == []


def test_the_open_edition_shows_no_text(open_page: OpenPage, open_site: Path) -> None:
    for article_id in ARTICLES:
        page = open_page(f"articles/{article_id}.html", open_site)
        assert all("characters withheld" in text for text in page.locator("[data-unit]").all_inner_texts())
    shown = open_page("articles/index.html", open_site).content() + page.content()
    shown += open_page("compare/huawei-cz-2019.html", open_site).content()
    texts = [row["text"] for row in espress.load("sentences", as_="arrow").to_pylist()]
    assert [text for text in texts if len(text) > 20 and text in shown] == []
