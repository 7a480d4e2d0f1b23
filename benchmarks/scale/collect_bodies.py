"""Read archives with our page reader alone, the body of each page, into Parquet.

python collect_bodies.py ARCHIVES OUT WORKERS
"""

from __future__ import annotations

import multiprocessing
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from espress_build.inputs.params import read_params
from espress_build.pages.body import find_body
from espress_build.pages.dom import Document
from espress_build.pages.read import read_page
from espress_build.pages.saved import Failure, Saved
from espress_build.pages.warc import read_warc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Pages


@cache
def _limits() -> Pages:
    return read_params().pages


def find_pages(folder: Path) -> Iterator[Saved]:
    """Yield the pages of all archives."""
    for path in sorted(folder.iterdir()):
        yield from (one for one in read_warc(path, _limits()) if isinstance(one, Saved))


def read(saved: Saved) -> dict[str, str | None] | None:
    """Return the body of a page."""
    page = read_page(saved, _limits())
    if isinstance(page, Failure):
        return None
    text = "\n\n".join(part.text for part in find_body(Document(page.text), title=None).paragraphs)
    return {"url": page.url, "text": text} if text else None


def main(archives: Path, out: Path, workers: int) -> None:
    """Write articles.parquet."""
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        rows = [row for row in pool.imap(read, find_pages(archives), chunksize=8) if row is not None]
    out.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), out / "articles.parquet")
    print(len(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
