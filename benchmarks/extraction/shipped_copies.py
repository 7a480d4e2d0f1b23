"""Measure how well articles are found in plain-text copies of real pages, and compare with two simple methods.

Usage: python -m benchmarks.extraction.shipped_copies FOLDER [--fit]; FOLDER holds the archives that `make pages`
fetches. Writes results/shipped_copies.json: ids, digests and figures, but no text. Each page is converted to text in
several ways (`ways`), and its article is surrounded by some lines of its page (`stray lines`). The right text is that
of the package, or else that of trafilatura if the text of resiliparse agrees with it. `--fit` fits the weights in
plaintext.toml on the tuning part.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.extraction.saved_pages import f1, shingles
from benchmarks.extraction.shipped import real_pages
from benchmarks.files import write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WEIGHTS = Path("build/espress_build/pages/plaintext.toml")
PARTS = ("tuning", "held-out")
STRAY = "stray lines"
LEAST_WANTED = 800  # characters of an article
AGREED = 0.93  # F1 from which the texts of two readers agree
_SKIP = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "head", "object", "textarea"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "button", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
))  # fmt: skip
_END = re.compile(r"[.!?…。！？][\"'”’»」』)\]）]*$")
_ENDED_WORDS = 8


@dataclass(frozen=True)
class Copy:
    """A page converted to text in one way, and the right text of its article."""

    page: str
    part: str
    way: str
    text: str
    wanted: str


def _elements(html: str) -> Any:
    parser = import_module("lxml.html").HTMLParser(encoding="utf-8", huge_tree=True)
    return import_module("lxml.html").document_fromstring(html.encode("utf-8", "replace"), parser=parser)


def _pieces(root: Any) -> Iterator[str | None]:
    """Yield the text nodes of a page in order, and None where a block begins or ends."""
    work: list[tuple[Any, bool]] = [(root, False)]
    while work:
        element, done = work.pop()
        block = element.tag in _BLOCKS
        if done:
            if block:
                yield None
            yield element.tail or ""
            continue
        work.append((element, True))
        if isinstance(element.tag, str) and element.tag not in _SKIP:
            if block:
                yield None
            yield element.text or ""
            work += [(child, False) for child in reversed(element)]


def block_lines(html: str) -> list[str]:
    """Return the text of a page with one line for each block, as if it was selected and copied in a browser."""
    lines = [""]
    for piece in _pieces(_elements(html)):
        if piece is None:
            lines.append("")
        else:
            lines[-1] += piece
    return [words for line in lines if (words := " ".join(line.split()))]


def _nodes(html: str) -> str:
    return "\n".join(words for piece in _pieces(_elements(html)) if piece and (words := " ".join(piece.split())))


def _wrapped(html: str) -> str:
    broken = (textwrap.fill(line, 78, initial_indent="   ", subsequent_indent="   ") for line in block_lines(html))
    return "\n\n".join(broken)


def _laid_out(html: str) -> str:
    return str(import_module("resiliparse.extract.html2text").extract_plain_text(html, main_content=False))


def _dumped(*command: str) -> Callable[[str], str]:
    def dump(html: str) -> str:
        still = re.sub(r"(?is)<script.*?</script>|<meta[^>]+(?:charset|refresh)[^>]*>|<i?frame[^>]*>", "", html)
        made = subprocess.run(
            command, input=still.encode("utf-8", "replace"), capture_output=True, timeout=30, check=False
        )
        return made.stdout.decode("utf-8", "replace")

    return dump


def ways() -> dict[str, Callable[[str], str]]:
    """Return the ways to convert a page to text; browsers that are not installed are left out."""
    found: dict[str, Callable[[str], str]] = {
        "one block per line": lambda html: "\n".join(block_lines(html)),
        "blocks apart by blank lines": lambda html: "\n\n".join(block_lines(html)),
        "one text node per line": _nodes,
        "wrapped and indented": _wrapped,
        "resiliparse": _laid_out,
    }
    if shutil.which("lynx"):
        options = ("-dump", "-nolist", "-stdin", "-force_html", "-assume_charset=utf-8", "-display_charset=utf-8")
        found["lynx"] = _dumped("lynx", *options)
    if shutil.which("w3m"):
        found["w3m"] = _dumped("w3m", "-dump", "-cols", "80", "-T", "text/html", "-I", "utf-8", "-O", "utf-8")
    return found


def surrounded(wanted: str, lines: list[str], draw: random.Random) -> str | None:
    """Return an article with some lines of its page above, below and inside it; None if the page has too few."""
    paragraphs = [words for line in wanted.split("\n") if (words := " ".join(line.split()))]
    own = shingles(wanted)
    held = set(paragraphs)
    places = [at for at, line in enumerate(lines) if line in held]
    if not places:
        return None

    def others(some: list[str]) -> list[str]:
        return [
            line for line in some if line not in held and 2 * (shingles(line) - own).total() > shingles(line).total()
        ]

    first, last = places[0], places[-1]
    above, within, below = others(lines[:first]), others(lines[first:last]), others(lines[last:])
    most = draw.uniform(0.1, 0.4) * len(wanted)
    head, foot = above[-draw.randint(1, 12) :], below[: draw.randint(3, 25)]
    while head and sum(map(len, head)) > most / 2:
        head.pop(0)
    while foot and sum(map(len, foot)) > most:
        foot.pop()
    for line in within[:3]:
        paragraphs.insert(draw.randint(1, len(paragraphs)), line)
    return "\n\n".join([*head, *paragraphs, *foot]) if head or foot else None


def _wanted(html: str, given: str) -> str:
    """Return the article of a page from the package, or else from two readers that agree; "" if they do not."""
    if given:
        return given
    found = import_module("trafilatura").extract(html, include_comments=False) or ""
    read = import_module("resiliparse.extract.html2text").extract_plain_text
    other = read(html, main_content=True, alt_texts=False, comments=False)
    return found if len(found) >= LEAST_WANTED and f1(found, other) >= AGREED else ""


def copies(folder: Path) -> Iterator[Copy]:
    """Yield the copies of all pages with a known article."""
    from espress_build.pages.charset import decode_page

    for page in real_pages(folder):
        decoded = decode_page(page.payload)
        if decoded is None:
            continue
        html = decoded.text
        wanted = _wanted(html, page.text)
        if len(wanted) < LEAST_WANTED:
            continue
        for way, turn in ways().items():
            yield Copy(page.id, page.part, way, turn(html), wanted)
        stray = surrounded(wanted, block_lines(html), random.Random(page.id))  # noqa: S311 - drawn alike each time
        if stray:
            yield Copy(page.id, page.part, STRAY, stray, wanted)


def densest(text: str) -> str:
    """Return the run of lines with the largest weight of sentence-like lines minus that of the others."""
    lines = [words for line in text.split("\n") if (words := " ".join(line.split()))]
    best, total, start, found = 0.0, 0.0, 0, (0, 0)
    for at, line in enumerate(lines):
        size = len(shingles(line)) + 3
        if total <= 0:
            total, start = 0.0, at
        total += size if size >= _ENDED_WORDS and _END.search(line[-12:]) else -size
        if total > best:
            best, found = total, (start, at + 1)
    return "\n".join(lines[slice(*found)])


def _labels(copy: Copy) -> tuple[list[Any], list[tuple[bool, int]]]:
    """Return the lines of a copy, and for each whether the right text holds it and its number of shingles."""
    from espress_build.pages.plaintext import lines_of

    lines, own = lines_of(copy.text), shingles(copy.wanted)
    flat = " ".join(copy.wanted.casefold().split())
    found = []
    for line in lines:
        runs = shingles(line.text)
        size = runs.total()
        held = (runs & own).total() > size / 2 if size > 2 else line.text.casefold() in flat
        found.append((held, size))
    sure = [at for at, (held, size) in enumerate(found) if held and size >= _ENDED_WORDS]
    within = range(max(0, sure[0] - 2), sure[-1] + 3) if sure else range(0)
    return lines, [(held and (at in within or size >= _ENDED_WORDS), size) for at, (held, size) in enumerate(found)]


def fit(made: list[Copy]) -> None:
    """Write the weights of a logistic regression on the tuning part."""
    from sklearn.linear_model import LogisticRegression

    from espress_build.pages import plaintext

    rows: list[dict[str, float]] = []
    wanted: list[bool] = []
    weights: list[float] = []
    for copy in made:
        if copy.part != "tuning":
            continue
        lines, labels = _labels(copy)
        heavy = [min(size, 80) ** 0.5 for _, size in labels]
        rows += plaintext.features(lines)
        wanted += [held for held, _ in labels]
        weights += [100 * one / sum(heavy) for one in heavy]
    names = sorted(rows[0])
    matrix = [[float(row[name]) for name in names] for row in rows]
    model = LogisticRegression(max_iter=3000).fit(matrix, wanted, sample_weight=weights)
    head = WEIGHTS.read_text(encoding="utf-8").partition("intercept =")[0]
    found = [f"{name} = {weight:.2f}" for name, weight in zip(names, model.coef_[0], strict=True)]
    text = "\n".join([f"{head}intercept = {model.intercept_[0]:.2f}", "", "[weights]", *found, ""])
    WEIGHTS.write_text(text, encoding="utf-8")
    plaintext.read_weights.cache_clear()


def measured(made: list[Copy]) -> dict[str, Any]:
    """Return the mean F1 of each method and the number of pages, by way of conversion and part."""
    from espress_build.pages.plaintext import body_of_text

    readers: dict[str, Callable[[str], str]] = {
        "ESPRESS": lambda text: body_of_text(text).text, "densest run": densest, "everything": str,
    }  # fmt: skip
    sums: dict[str, dict[str, Counter[str]]] = {}
    for copy in made:
        cell = sums.setdefault(copy.way, {part: Counter() for part in PARTS})[copy.part]
        cell["pages"] += 1
        for name, read in readers.items():
            cell[name] += f1(read(copy.text), copy.wanted)  # type: ignore[assignment]
    return {
        way: {
            part: {name: round(total if name == "pages" else total / cell["pages"], 4) for name, total in cell.items()}
            for part, cell in parts.items()
        }
        for way, parts in sums.items()
    }


def main() -> None:
    """Fit the weights if asked; measure, write and print the scores."""
    made = list(copies(Path(sys.argv[1])))
    if "--fit" in sys.argv:
        fit(made)
    ids = {copy.page: hashlib.sha256(copy.wanted.encode()).hexdigest()[:16] for copy in made}
    result = {"ways": measured(made), "wanted": dict(sorted(ids.items()))}
    write_result("shipped_copies", result)
    print(json.dumps(result["ways"], indent=1))


if __name__ == "__main__":
    main()
