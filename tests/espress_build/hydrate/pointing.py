"""A dataset whose catalogue points at a server on this machine, and that server: it counts what it is asked."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = Path(__file__).resolve().parents[2] / "fixtures" / "pages"
VERSION = "0.0.1+dev"


@dataclass
class Site:
    """What a server gives, path -> status, content type, bytes; and what it was asked, method and path."""

    pages: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    _turns: threading.Semaphore | None = None  # as many answers are given, and no more

    def let_through(self, number: int | None) -> None:
        """Give so many answers more, then let who asks wait; null: answer everybody, those who wait, too."""
        waited, self._turns = self._turns, None if number is None else threading.Semaphore(number)
        if waited is not None:
            waited.release(1000)

    def wait(self) -> None:
        """Wait for one's turn."""
        if self._turns is not None:
            self._turns.acquire(timeout=60)

    def paths(self) -> list[str]:
        """Return the paths asked for, robots.txt aside."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def put(self, name: str, base: str = "") -> str:
        """Serve a page of tests/fixtures/pages, which then names itself there, and return its address."""
        told = expected(name)
        body = (PAGES / name).read_bytes().replace(told["url"].encode(), f"{base}/{name}".encode())
        self.pages[f"/{name}"] = (200, "text/html; charset=utf-8", body)
        return f"{base}/{name}"


def expected(name: str) -> dict[str, Any]:
    """Return what a reader finds in a page of tests/fixtures/pages."""
    found: dict[str, Any] = json.loads((PAGES / name).with_suffix(".json").read_bytes())
    return found


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, kind, body = site.pages.get(self.path, (404, "text/plain", b"no such page\n"))
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == etag:
                status, body = 304, b""
            site.asked.append((self.path, status))
            if self.path != "/robots.txt":
                site.wait()
            self.send_response(status)
            for name, value in (("Content-Type", kind), ("ETag", etag), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            with suppress(OSError):  # who asked may have been killed
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Serve a site on this machine, and yield the beginning of its addresses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def pointer(url: str, **other: Any) -> dict[str, Any]:
    """Return what is told of one pointer."""
    return {"catalogue_id": f"cat-{hashlib.sha256(url.encode()).hexdigest()[:12]}", "url": url} | other


def dataset_of(project: Path, folder: Path, pointers: list[dict[str, Any]]) -> Path:
    """Copy the dataset to a folder; of its catalogue only own articles stay, and the pointers come in."""
    shutil.copytree(project / "dataset", folder)
    path = folder / "data" / "catalogue.parquet"
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    plain = next(row for row in rows if not row["own_article"] and row["fetch"] == "may_fetch")
    blank = plain | {name: None for name in plain if name.startswith(("published", "opening_", "wire_", "republisher"))}
    mine = [row for row in rows if row["own_article"]] + [blank | one for one in pointers]
    mine.sort(key=lambda row: str(row["catalogue_id"]))
    pq.write_table(pa.Table.from_pylist(mine, schema=table.schema), path)
    package = json.loads((folder / "datapackage.json").read_bytes()) | {"version": VERSION}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    sums = folder / "SHA256SUMS"
    names = [line.split("  ", 1)[1] for line in sums.read_text(encoding="utf-8").splitlines()]
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    sums.write_text("".join(lines), encoding="utf-8")
    return folder
