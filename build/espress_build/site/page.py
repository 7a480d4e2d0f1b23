"""Pages of the site, each with its address, template and search entries, and files that are not pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any


def root_prefix(path: str) -> str:
    """Return the relative address of the site's root from a page, such as "../"."""
    return "../" * (len(PurePosixPath(path).parts) - 1)


@dataclass(frozen=True)
class SearchEntry:
    """One thing that the search finds.

    `path` is an address within the site, with an anchor if it is a part of a page. `kind` names what is found, such as
    "unit" or "term"; the search page lists results by kind. `language` is a language tag, None for English.
    """

    path: str
    title: str
    text: str
    kind: str
    language: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of the site.

    `path` is its address within the site, such as "articles/index.html". `template` is a file of `site/templates/`
    that extends `base.html.j2`; it gets the entries of `context`, and `page`, `root`, `link` and `site`. `scripts` and
    `styles` are names of files of the site's folder `assets/`, in order; a script that needs npm is left out of a site
    that was built without it.
    """

    path: str
    title: str
    template: str
    context: dict[str, Any]
    description: str = ""
    search: tuple[SearchEntry, ...] | list[SearchEntry] = ()
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file of the site that is not a page, such as a picture."""

    path: str
    data: bytes
