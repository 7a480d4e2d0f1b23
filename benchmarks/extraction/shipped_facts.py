"""Measure how well title, authors, day and outlet are read on real pages that packages ship in their archives.

Usage: python -m benchmarks.extraction.shipped_facts FOLDER; FOLDER holds the archives of `shipped.py`. Writes
results/shipped_facts.json: figures, but no words of the pages. shipped_facts_wanted.json holds digests of the right
values. We took these from the pages after we had seen the proposals; some days are those of htmldate's tests.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extraction.shipped import RealPage, real_pages
from benchmarks.files import write_result

if TYPE_CHECKING:
    from collections.abc import Callable

WANTED = Path(__file__).with_name("shipped_facts_wanted.json")
FIELDS = ("title", "published_date", "authors", "outlet")
Facts = dict[str, Any]


def plain(value: object) -> str:
    """Return a value without case, quotation marks and repeated spaces; the names of a list are sorted."""
    if isinstance(value, list):
        return "\n".join(sorted({plain(one) for one in value}))
    return " ".join(re.sub(r"[\"'‘’‚“”„«»]", "", str(value or "")).casefold().split())


def digest(page: str, field: str, value: object) -> str:
    """Return a digest of a fact of a page, because its words must not be published."""
    return hashlib.sha256(f"{page}\0{field}\0{plain(value)}".encode()).hexdigest()[:16]


def ours() -> Callable[[RealPage], Facts]:
    """Return a function that reads the facts of a page as `espress-build propose` does."""
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.dom import Document
    from espress_build.pages.propose import find_facts
    from espress_build.pages.read import Page, read_page
    from espress_build.pages.saved import Saved

    registries, params = read_registries(Path("schema/registries")), read_params()

    def read(page: RealPage) -> Facts:
        held = read_page(Saved(page.id, page.payload), params.pages)
        found = find_facts(Document(held.text), held.url, registries) if isinstance(held, Page) else {}
        return {field: fact.value for field, fact in found.items()}

    return read


def theirs() -> Callable[[RealPage], Facts]:
    """Return a function that reads the facts of a page with trafilatura, which asks htmldate for the day."""
    from trafilatura.metadata import extract_metadata

    def read(page: RealPage) -> Facts:
        found = extract_metadata(page.payload.decode("utf-8", "replace"))
        if found is None:
            return {}
        authors = [name.strip() for name in (found.author or "").split(";") if name.strip()]
        return {"title": found.title, "published_date": found.date, "authors": authors, "outlet": found.sitename}

    return read


def score(read: Callable[[RealPage], Facts], pages: list[RealPage], wanted: dict[str, dict[str, str]]) -> Facts:
    """Return pages a second, and for each part and field the share of right facts and the number of pages."""
    right: dict[str, dict[str, list[bool]]] = {}
    start = time.process_time()
    found = {page.id: read(page) for page in pages}
    seconds = time.process_time() - start
    for page in pages:
        for field, one in wanted[page.id].items():
            empty: object = [] if field == "authors" else ""
            value = found[page.id].get(field) or empty
            right.setdefault(page.part, {}).setdefault(field, []).append(digest(page.id, field, value) == one)
    parts = {
        part: {field: {"share": round(sum(ones) / len(ones), 4), "pages": len(ones)} for field, ones in held.items()}
        for part, held in sorted(right.items())
    }
    return {"pages_a_second": round(len(pages) / seconds, 1), "parts": parts}


def main() -> None:
    """Measure, write and print the scores."""
    wanted = json.loads(WANTED.read_text(encoding="utf-8"))
    pages = [page for page in real_pages(Path(sys.argv[1])) if page.id in wanted]
    readers = {"ESPRESS": ours(), "trafilatura": theirs()}
    result = {"pages": len(pages), "readers": {name: score(read, pages, wanted) for name, read in readers.items()}}
    write_result("shipped_facts", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
