"""What every page has: header, theme, skip link; nothing is loaded from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    OpenPage = Callable[..., Any]


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
