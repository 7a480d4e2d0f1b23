"""How fast bodies are read, and how well, on pages that packages ship in their source archives.

Usage: .venv/bin/python benchmarks/shipped_pages.py FOLDER; FOLDER holds the archives of benchmarks/shipped_pages.in.
Writes benchmarks/shipped_pages.json: ids, digests and figures, no text. Where a page states its article's text for
machines (schema.org `articleBody`), that is the reference; no reader is shown it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
import time
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.saved_pages import f1

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HELD = Path(__file__).with_suffix(".json")
LEAST_STATED = 400  # characters of a stated text that is more than a teaser
LEAST_READ = 800  # characters that trafilatura finds on what may be an article
ROUNDS = 3
_DATA = re.compile(r"<script[^>]*ld\+json[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each page in the archives of a folder, each content once."""
    seen: set[bytes] = set()
    for archive in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(archive) as opened:
            for member in opened:
                if member.name.endswith(".html") and member.isfile() and "test" in member.name:
                    held = opened.extractfile(member)
                    payload = held.read() if held else b""
                    if payload not in seen:
                        seen.add(payload)
                        yield member.name, payload


def _stated_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(body := value.get("articleBody"), str):
            yield body
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _stated_in(inner)


def stated(html: str) -> str:
    """Return the text that a page states for machines; empty where it states none."""
    found = [""]
    for block in _DATA.finditer(html):
        try:
            found += _stated_in(json.loads(block[1], strict=False))
        except ValueError:
            continue
    return re.sub(r"<[^>]+>", " ", unescape(unescape(max(found, key=len))))


def readers() -> dict[str, Callable[[str], str]]:
    """Return the readers that are compared: ours, and the libraries'."""
    from resiliparse.extract.html2text import extract_plain_text
    from trafilatura import extract

    from espress_build.pages.body import body_of_html

    return {
        "ESPRESS": lambda html: body_of_html(html).text,
        "trafilatura": lambda html: extract(html, include_comments=False) or "",
        "resiliparse": lambda html: extract_plain_text(html, main_content=True, alt_texts=False, comments=False),
    }


def timed(read: Callable[[str], str], htmls: list[str]) -> tuple[list[str], float]:
    """Return what a reader finds, and the processor seconds of its best round."""
    best, found = float("inf"), []
    for _ in range(ROUNDS):
        start = time.process_time()
        found = [read(html) for html in htmls]
        best = min(best, time.process_time() - start)
    return found, best


def main() -> None:
    """Measure and write what was found."""
    folder = Path(sys.argv[1])
    held = dict(pages(folder))
    htmls = [payload.decode("utf-8", "replace") for payload in held.values()]
    wanted = {at: text for at, html in enumerate(htmls) if len(text := stated(html)) >= LEAST_STATED}
    found = {name: timed(read, htmls) for name, read in readers().items()}
    theirs, _ = found["trafilatura"]
    articles = [at for at, text in enumerate(theirs) if len(text) >= LEAST_READ]
    result = {
        "archives": sorted(path.name for path in folder.glob("*.tar.gz")),
        "pages": len(htmls),
        "stated": len(wanted),
        "readers": {
            name: {
                "pages_a_second": round(len(htmls) / seconds, 1),
                "stated_f1": round(sum(f1(texts[at], text) for at, text in wanted.items()) / max(1, len(wanted)), 4),
                "agreement": round(sum(f1(texts[at], theirs[at]) for at in articles) / max(1, len(articles)), 4),
            }
            for name, (texts, seconds) in found.items()
        },
        "digests": {name: hashlib.sha256(payload).hexdigest()[:16] for name, payload in sorted(held.items())},
    }
    HELD.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["readers"], indent=1))


if __name__ == "__main__":
    main()
