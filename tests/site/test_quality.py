"""One page of each kind: accessible, readable on narrow screens and on paper, silent, and without layout shift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import OpenPage

# Tested beside the index and the largest other page of each folder.
_APART = {
    "constructed/cue_negated_factive.html",
    "constructed/practice.html",
    "constructed/results.html",
    "constructed/stance-s001.html",
    "constructed/stance_articles.html",
    "constructed/zh-attribution_official.html",
    "docs/dictionary.html",
    "docs/generated/codebook.html",
    "docs/maintain/design.html",
    "docs/user/analysis.html",
    "outlets/global-times.html",
}
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = """async (rules) => (
  await axe.run(document, {runOnly: rules, resultTypes: ["violations"], preload: false})).violations
  .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`))"""
# Elements beside the window that are in no region which scrolls.
_TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".table, pre, svg"))
  .map((one) => one.outerHTML.slice(0, 120)).slice(0, 3)"""


def choose_pages(site: Path) -> list[str]:
    chosen = {"index.html", "search.html", *_APART}
    for folder in {path.parent for path in site.rglob("*.html")} - {site}:
        pages = sorted(folder.glob("*.html"), key=lambda path: path.stat().st_size)
        index = [path for path in pages if path.name == "index.html"]
        chosen |= {
            path.relative_to(site).as_posix() for path in (*index, *[one for one in pages if one not in index][-1:])
        }
    return sorted(chosen)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_no_violation(open_page: OpenPage, site: Path, axe: str, scheme: str, width: int) -> None:
    page = open_page("index.html")
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for name in choose_pages(site):
        open_page(name).evaluate(axe)
        if violations := page.evaluate(_AXE, _RULES):
            found[name] = violations
    assert found == {}


@pytest.mark.parametrize("width", [320, 640], ids=["a narrow telephone", "1280 pixels at 200 percent"])
def test_no_page_scrolls_sideways(open_page: OpenPage, page: Any, site: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for name in choose_pages(site):
        open_page(name)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name] = page.evaluate(_TOO_WIDE)
    assert found == {}


def test_nothing_moves_while_a_page_opens(open_page: OpenPage, page: Any, site: Path) -> None:
    page.add_init_script("""window.shift = 0; new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({type: "layout-shift", buffered: true});""")
    moved = {}
    for name in choose_pages(site):
        open_page(name)
        if (shift := page.evaluate("window.shift")) > 0.02:
            moved[name] = shift
    assert moved == {}


def test_a_printed_page_has_no_navigation(open_page: OpenPage, page: Any) -> None:
    open_page("docs/user/labels.html")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.get_by_role("navigation", name="Sections").is_visible()
    assert not page.get_by_role("navigation", name="Documents").is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(252, 251, 248)"
    assert len(page.pdf(format="A4")) > 10_000
