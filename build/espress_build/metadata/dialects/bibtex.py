"""The citation as BibTeX, as the dataset's own files carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.citation import format_bibtex

if TYPE_CHECKING:
    from espress_build.metadata.facts import About


def bibtex(about: About) -> str:
    """Return a BibTeX entry; without the content hash, which covers the file that this stands in: `espress cite`."""
    fields = {
        "title": about.title,
        "author": " and ".join(f"{{{creator}}}" for creator in about.creators),
        "year": about.released[:4] if about.released else str(about.year),
        "version": about.version,
        "note": f"Data set, {about.edition} edition",
        "doi": about.doi,
    }
    return format_bibtex(about.name, fields)
