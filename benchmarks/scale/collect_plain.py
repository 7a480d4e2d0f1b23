"""A script as users might write it: read archives with trafilatura and langdetect, in processes, into Parquet.

python collect_plain.py ARCHIVES OUT WORKERS
"""

import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastwarc.warc import ArchiveIterator, WarcRecordType
from langdetect import DetectorFactory, detect
from langdetect.lang_detect_exception import LangDetectException
from trafilatura import bare_extraction


def find_pages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield address and bytes of each page."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response):
                yield record.headers["WARC-Target-URI"], record.reader.read()


def read(page: tuple[str, bytes]) -> dict[str, Any] | None:
    """Return title, authors, date (trafilatura asks htmldate), text and language of a page."""
    url, payload = page
    found: Any = bare_extraction(payload, url=url, with_metadata=True, include_comments=False)
    if found is None or not found.text:
        return None
    try:
        language = detect(found.text)
    except LangDetectException:
        language = None
    return {"url": url, "title": found.title, "author": found.author, "date": found.date, "text": found.text,
            "language": language}  # fmt: skip


def main(archives: Path, out: Path, workers: int) -> None:
    """Write articles.parquet."""
    DetectorFactory.seed = 0
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        rows = [row for row in pool.imap(read, find_pages(archives), chunksize=8) if row is not None]
    out.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), out / "articles.parquet")
    print(len(rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
