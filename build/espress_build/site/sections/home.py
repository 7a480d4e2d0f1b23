"""The first page: what the corpus is, how to load it, how to cite it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.site.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset

ORDER = 0
NAVIGATION = None
_WHAT = (
    "A reproducible corpus of news articles on allegations that the Chinese state spies abroad, or that others spy on "
    "China."
)


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the home page."""
    counts = {name: len(dataset.table(name)) for name in ("articles", "sentences", "entries", "catalogue", "check")}
    yield Page(
        path="index.html",
        title="Home",
        template="home.html.j2",
        context={"counts": counts},
        description=_WHAT,
    )
