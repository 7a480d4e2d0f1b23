"""Where the site is, and from which dataset it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.data.integrity import root_hash

if TYPE_CHECKING:
    from pathlib import Path

# A file that only a site contains, so that a build never replaces another folder; it holds the dataset's root hash.
MARKER = ".espress-site"
HOME = "index.html"


def describe_site(site: Path, dataset: Path) -> str:
    """Say how to open the site of a dataset, or how to build it if it is missing or shows another dataset."""
    marker = site / MARKER
    if not marker.is_file():
        return "To look at it in a browser, type: make site"
    if marker.read_text(encoding="utf-8", errors="replace").strip() != root_hash(dataset):
        return f"{site.resolve()} shows another dataset. To look at this one in a browser, type: make site"
    return f"To look at it in a browser, open {(site.resolve() / HOME).as_uri()}"
