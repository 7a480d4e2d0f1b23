"""Every page of the site: links and anchors hold, nothing is loaded from elsewhere, pages are light."""

from __future__ import annotations

from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html  # type: ignore[import-untyped]

_HEAVIEST = 300_000  # bytes of a page with all that it loads, the search index apart
_END_OPTIONAL = {"dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"}  # of the HTML standard
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Nesting(HTMLParser):
    """Collects end tags that do not close the innermost open element."""

    def __init__(self) -> None:
        """Start outside of all elements."""
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those in it whose end tags are optional."""
        if tag in _VOID:
            return
        while self.open and self.open[-1] != tag and self.open[-1] in _END_OPTIONAL:
            self.open.pop()
        if self.open[-1:] != [tag]:
            self.faults.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


@cache
def read_pages(folder: Path) -> dict[str, html.HtmlElement]:
    return {
        path.relative_to(folder).as_posix(): html.fromstring(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.html"))
    }


def list_links(page: html.HtmlElement) -> list[str]:
    return list(page.xpath("//a/@href | //area/@href"))


def list_loaded(page: html.HtmlElement) -> list[str]:
    """Return the addresses that a browser loads by itself."""
    return list(page.xpath("//link/@href | //@src | //@srcset | //@poster | //@data"))


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address).scheme or urlsplit(address).netloc)


def test_every_internal_link_leads_to_a_page_and_an_anchor(site_folder: Path) -> None:
    pages = read_pages(site_folder)
    broken = []
    for name, page in pages.items():
        for link in filter(lambda link: not is_elsewhere(link), list_links(page)):
            target, _, anchor = link.partition("#")
            target = unquote(target.partition("?")[0])
            place = (site_folder / name).parent / target if target else site_folder / name
            found = Path(place).resolve()
            if not found.is_file() or not found.is_relative_to(site_folder.resolve()):
                broken.append(f"{name}: {link}")
            elif anchor and "=" not in anchor and found.suffix == ".html":  # "year=2011" sets a filter
                other = pages[found.relative_to(site_folder.resolve()).as_posix()]
                if not other.xpath("//*[@id = $anchor]", anchor=unquote(anchor)):
                    broken.append(f"{name}: {link} (no such anchor)")
    assert broken == []


def test_links_elsewhere_are_web_addresses(site_folder: Path) -> None:
    schemes = {urlsplit(link).scheme for page in read_pages(site_folder).values() for link in list_links(page)}
    assert schemes <= {"", "http", "https"}


def test_nothing_is_loaded_from_elsewhere(site_folder: Path) -> None:
    outside = [
        f"{name}: {address[:80]}"
        for name, page in read_pages(site_folder).items()
        for address in list_loaded(page)
        if is_elsewhere(address) and not address.startswith("data:image/")
    ]
    assert outside == []
    for path in [*site_folder.rglob("*.css"), *site_folder.rglob("*.svg")]:
        text = path.read_text(encoding="utf-8")
        assert "@import" not in text, path
        assert "url(http" not in text.replace('"', "").replace("'", ""), path


def weigh(site_folder: Path, name: str) -> int:
    page = site_folder / name
    addresses = list_loaded(read_pages(site_folder)[name])
    loaded = {page.parent / unquote(one) for one in addresses if not is_elsewhere(one)}
    sizes = [path.stat().st_size for path in loaded if path.is_file() and path.name != "search-entries.js"]
    return page.stat().st_size + sum(sizes)


def test_every_page_is_light_with_all_that_it_loads(site_folder: Path) -> None:
    heavy = {name: size for name in read_pages(site_folder) if (size := weigh(site_folder, name)) >= _HEAVIEST}
    assert heavy == {}


def test_pages_are_well_formed(site_folder: Path) -> None:
    for name, page in read_pages(site_folder).items():
        nesting = Nesting()
        nesting.feed((site_folder / name).read_text(encoding="utf-8"))
        assert nesting.faults == [], name
        repeated = [one for one, count in Counter(page.xpath("//@id")).items() if count > 1]
        assert repeated == [], name
        assert page.xpath("//img[not(@alt) or @alt = '']/@src") == [], f"{name}: pictures without a description"


@pytest.mark.parametrize("words", ["{{ ", "{%", "Undefined", " object at 0x", "<!--"])
def test_no_page_shows_what_a_template_left(site_folder: Path, words: str) -> None:
    found = [path.name for path in site_folder.rglob("*.html") if words in path.read_text(encoding="utf-8")]
    assert found == []


def test_the_full_edition_says_on_every_page_that_it_is_for_local_use(site_folder: Path) -> None:
    for path in site_folder.rglob("*.html"):
        assert "for local use only" in path.read_text(encoding="utf-8"), path
