"""What every page has: header, theme, skip link; nothing is loaded from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.site.conftest import OpenPage


def test_the_theme_follows_the_system_until_the_reader_chooses(open_page: OpenPage) -> None:
    page = open_page("index.html")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(paper)
    assert light != dark
    toggle = page.get_by_role("button", name="Theme: system")
    toggle.click()
    page.get_by_role("button", name="Theme: light").wait_for()
    assert page.evaluate(paper) == light
    page.reload()
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(paper) == dark


def test_the_first_tab_stop_skips_the_navigation(open_page: OpenPage) -> None:
    page = open_page("index.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_second_tab_stop_of_an_article_skips_to_its_text(open_page: OpenPage) -> None:
    page = open_page("articles/kafkadesk-20190723-7419d615.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.evaluate("document.querySelector('.reader .paragraph .unit').id")
    assert page.evaluate("document.activeElement.closest('.unit').id") == first


def test_header_and_notice_leave_room_on_a_telephone(open_page: OpenPage, page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    for name in ("index.html", "docs/user/labels.html"):
        open_page(name)
        assert page.evaluate("document.querySelector('main').getBoundingClientRect().y + scrollY") <= 150
        if name != "index.html":
            current = page.locator(".site-header nav [aria-current]").bounding_box()
            assert current["x"] >= 0
            assert current["x"] + current["width"] <= 360


def test_a_citation_is_copied_as_espress_prints_it(open_page: OpenPage, page: Any) -> None:
    import espress

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page("index.html")
    for name in ("BibTeX", "APA", "RIS"):
        page.get_by_role("button", name=f"Copy {name}").click()
        page.get_by_role("button", name="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").strip() == espress.cite(style=name).strip()
        page.wait_for_timeout(2100)


def test_a_region_is_a_tab_stop_only_while_it_scrolls(open_page: OpenPage, page: Any) -> None:
    open_page("docs/dictionary.html")
    table = page.locator(".table").first
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("document.querySelector('.table').tabIndex === 0")
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.table').scrollLeft > 0")


def test_the_index_of_documents_is_closed_on_a_narrow_screen(open_page: OpenPage, page: Any) -> None:
    documents = page.get_by_role("navigation", name="Documents")
    open_page("docs/index.html")
    assert documents.is_visible()
    page.set_viewport_size({"width": 400, "height": 800})
    open_page("docs/index.html")
    assert not documents.is_visible()
    page.get_by_text("All documents").click()
    assert documents.is_visible()
