"""WARC files of any number of pages, made from our fixtures and from real pages that packages ship for their tests."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

from benchmarks.extraction.saved_pages import PAGES
from benchmarks.extraction.shipped import real_pages

SHIPPED = Path(".make/pages")  # `make pages` and `make bench-scale` fetch them


def read_pages() -> list[bytes]:
    """Return all HTML pages of fixtures and packages, each once, in random order."""
    fixtures = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))]
    shipped = [page.payload for page in real_pages(SHIPPED)] if SHIPPED.is_dir() else []
    pages = sorted({*fixtures, *shipped})
    random.Random(0).shuffle(pages)  # noqa: S311 - not for secrets
    return pages


def _vary(page: bytes, number: int) -> bytes:
    """Return a page with a number in its paragraphs, so that no two pages of an archive are equal."""
    return page.replace(b"</p>", b" Item %d.</p>" % number, 3) + b"<!-- %d -->" % number


def _pack(page: bytes, number: int) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
    names = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\n"
        b"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: https://site%d.example/%d\r\n"
        b"WARC-Identified-Payload-Type: text/html\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
    ) % (number, number % 97, number, len(head) + len(page))
    return gzip.compress(names + head + page + b"\r\n\r\n", 6, mtime=0)


def write_archives(folder: Path, count: int, files: int) -> tuple[int, int]:
    """Write that many pages to files of about equal size; return their bytes and the number of different pages."""
    pages = read_pages()
    folder.mkdir(parents=True)
    by_length = sorted(range(count), key=lambda number: (len(pages[number % len(pages)]), number))
    for file in range(files):
        records = [
            _pack(_vary(pages[number % len(pages)], number), number) for number in sorted(by_length[file::files])
        ]
        (folder / f"pages-{file:03d}.warc.gz").write_bytes(b"".join(records))
    return sum(path.stat().st_size for path in folder.iterdir()), min(count, len(pages))
