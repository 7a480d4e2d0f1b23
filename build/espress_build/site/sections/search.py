"""The search page; what it finds is collected from the pages of all sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.site.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset

ORDER = 100
NAVIGATION = None
KINDS = {  # kind of entry -> what the page calls it
    "check": "checks of the data",
    "claim": "claims of articles",
    "documentation": "documentation",
    "event": "events",
    "function": "groups of test cases",
    "label": "labels",
    "outlet": "outlets",
    "page": "pages of this site",
    "reference": "Python and commands",
    "sheet": "invented events",
    "source": "quoted sources",
    "term": "glossary",
    "unit": "text of articles",
}


def make_pages(dataset: Dataset) -> Iterator[Page]:  # noqa: ARG001  every section has this signature
    """Yield the search page."""
    yield Page(
        path="search.html",
        title="Search",
        template="search.html.j2",
        context={"names": KINDS},
        description="Search articles, registries, constructed sets, documents, terms and the reference.",
        scripts=("search-entries.js", "search.js"),
    )
