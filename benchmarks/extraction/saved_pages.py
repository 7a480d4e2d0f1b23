"""Measure how well title, date, authors, outlet and body of the pages in tests/fixtures/pages are read, by part.

Usage: python -m benchmarks.extraction.saved_pages; writes results/saved_pages.json. The part of a page follows from its
outlet, so that no outlet is in both parts. F1 is computed over shingles of four tokens; in scripts without spaces, a
token is a character. We wrote these few pages: the scores show losses, and say little about other pages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.files import RESULTS, write_result

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.pages.propose import PageProposal

PAGES = Path("tests/fixtures/pages")
HELD = RESULTS / "saved_pages.json"
FIELDS = ("title", "published_date", "authors", "outlet")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_SHINGLE = 4


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Count the runs of four tokens of a text."""
    tokens = _TOKEN.findall(text.casefold())
    return Counter(tuple(tokens[at : at + _SHINGLE]) for at in range(max(1, len(tokens) - _SHINGLE + 1)))


def f1(found: str, wanted: str) -> float:
    """Return the F1 score of the shingles of a text against those of another one; 1 if they are equal."""
    ours, theirs = shingles(found), shingles(wanted)
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def digest(folder: Path = PAGES) -> str:
    """Return the SHA-256 of all pages and their right values, with the names of the files."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".html", ".txt", ".json"):
            whole.update(f"{path.name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _plain(value: object) -> object:
    """Return a value without case, quotation marks and repeated spaces; lists as sets."""
    if isinstance(value, list):
        return frozenset(_plain(one) for one in value)
    return " ".join(re.sub(r"[\"'‘’‚“”„«»]", "", str(value)).casefold().split())


def part_of(outlet: str) -> str:
    """Return the part to which the pages of an outlet belong."""
    return "tuning" if hashlib.sha256(outlet.encode()).digest()[0] % 2 else "held-out"


def score(propose: Callable[[Path], PageProposal], folder: Path = PAGES) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each part and measure the mean over its pages and their number.

    `propose` returns the proposal (`facts`, `paragraphs`) for a path.
    """
    values: dict[str, dict[str, list[float]]] = {"tuning": {}, "held-out": {}}
    for path in sorted(folder.glob("*.json")):
        wanted = json.loads(path.read_text(encoding="utf-8"))
        page = next(path.with_suffix(end) for end in (".html", ".txt") if path.with_suffix(end).is_file())
        proposal = propose(page)
        measures = values[part_of(wanted["outlet"])]
        text = "\n\n".join(paragraph.text for paragraph in proposal.paragraphs)
        body = "body of HTML" if page.suffix == ".html" else "body of plain text"
        measures.setdefault(body, []).append(f1(text, wanted["text"]))
        for name in FIELDS if page.suffix == ".html" else ():
            found = proposal.facts.get(name)
            right = found is not None and _plain(found.value) == _plain(wanted[name])
            measures.setdefault(name, []).append(float(right))
    return {
        part: {
            name: {"mean": round(sum(ones) / len(ones), 4), "pages": len(ones)} for name, ones in sorted(held.items())
        }
        for part, held in values.items()
    }


def proposer() -> Callable[[Path], PageProposal]:
    """Return a function that reads one page of a folder as `espress-build propose` does."""
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries
    from espress_build.pages.propose import PageProposal, propose_saved
    from espress_build.pages.read import find_saved
    from espress_build.pages.saved import Failure, Saved

    registries, params = read_registries(Path("schema/registries")), read_params()

    def propose(path: Path) -> PageProposal:
        (saved,) = (one for one in find_saved(path, params.pages) if isinstance(one, Saved | Failure))
        proposal = propose_saved(saved, registries, params)
        if not isinstance(proposal, PageProposal):
            raise EspressError(f"{path}: {proposal.reason}: {proposal.detail}")
        return proposal

    return propose


def main() -> None:
    """Measure, write and print the scores."""
    held = {"digest": digest(), "scores": score(proposer())}
    write_result("saved_pages", held)
    print(json.dumps(held["scores"], indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
