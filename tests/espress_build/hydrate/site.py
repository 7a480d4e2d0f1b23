"""A site on this machine, a dataset whose catalogue lists its pages, and a folder that is hydrated from both."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.web_server import Server, response

import espress
from espress_build.hydrate import drafts
from espress_build.hydrate.run import hydrate
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable, Iterator

    from tests.web_server import Behaviour, Request

    from espress_build.hydrate.choose import Corpus
    from espress_build.hydrate.outcomes import Hydrated, Outcome
    from espress_build.hydrate.output_folder import Folder, History

PAGES = Path(__file__).resolve().parents[2] / "fixtures" / "pages"
VERSION = "0.0.1+dev"
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # of our commands
PATIENCE = 120  # seconds; a busy machine loads libraries slowly


class Site(Server):
    """A server of pages (path -> status, content type, bytes) that answers 304 if a page did not change."""

    def __init__(self) -> None:
        """Begin without pages."""
        super().__init__()
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self._turns: threading.Semaphore | None = None  # limits the number of answers

    def let_through(self, number: int | None) -> None:
        """Send this many more answers and hold back the rest; None sends all."""
        waited, self._turns = self._turns, None if number is None else threading.Semaphore(number)
        if waited is not None:
            waited.release(1000)

    def respond(self, request: Request) -> Behaviour:
        """Return a page, or status 304 if it did not change."""
        status, kind, body = self.pages.get(request.target, (404, "text/plain", b"no such page\n"))
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and request.headers.get("if-none-match") == etag:
            status, body = 304, b""
        request.status = status
        if self._turns is not None and request.path != "/robots.txt":
            self._turns.acquire(timeout=60)
        return response(body, status, kind, ETag=etag)

    def asked(self) -> list[tuple[str, int]]:
        """Return path and status of each request, without robots.txt."""
        return [(one.target, one.status) for one in self.requests if one.path != "/robots.txt"]

    def put(self, name: str) -> str:
        """Serve a page of tests/fixtures/pages with its own address in it, and return the address."""
        body = (PAGES / name).read_bytes().replace(expected(name)["url"].encode(), f"{self.root}/{name}".encode())
        self.pages[f"/{name}"] = (200, "text/html; charset=utf-8", body)
        return f"{self.root}/{name}"


def expected(name: str) -> dict[str, Any]:
    """Return the expected facts and text of a page of tests/fixtures/pages."""
    found: dict[str, Any] = json.loads((PAGES / name).with_suffix(".json").read_bytes())
    return found


def entry(url: str, **other: Any) -> dict[str, Any]:
    """Return a catalogue entry for an address."""
    return {"catalogue_id": f"cat-{hashlib.sha256(url.encode()).hexdigest()[:12]}", "url": url} | other


def write_dataset(project: Path, folder: Path, entries: list[dict[str, Any]]) -> Path:
    """Copy the dataset to a folder, with a catalogue of its own articles and these entries."""
    shutil.copytree(project / "dataset", folder)
    path = folder / "data" / "catalogue.parquet"
    table = pq.ParquetFile(path).read()
    rows = table.to_pylist()
    plain = next(row for row in rows if not row["own_article"] and row["fetch"] == "may_fetch")
    blank = plain | {name: None for name in plain if name.startswith(("published", "opening_", "wire_", "republisher"))}
    mine = [row for row in rows if row["own_article"]] + [blank | one for one in entries]
    mine.sort(key=lambda row: str(row["catalogue_id"]))
    pq.write_table(pa.Table.from_pylist(mine, schema=table.schema), path)
    package = json.loads((folder / "datapackage.json").read_bytes()) | {"version": VERSION}
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / "SHA256SUMS").unlink()
    write_sums(folder)
    return folder


def read_in_this_process(
    rows: Iterable[Any], folder: Folder, history: History, corpus: Corpus
) -> Iterator[Outcome]:  # fmt: skip
    """Read pages without the processes that guard against bad ones: their libraries take seconds to load."""
    for job in drafts.list_jobs(rows, folder, history):
        yield drafts.read_job(job, corpus.registries, corpus.params)


def added(table: Any) -> list[dict[str, Any]]:
    """Return the rows of hydrated articles."""
    return [row for row in table.to_pylist() if row.get("rights_tier") == "hydrate"]


class World:
    """A site, a dataset whose catalogue lists its pages, and a folder to hydrate."""

    def __init__(self, project: Path, folder: Path, site: Site, names: list[str]) -> None:
        """Serve the pages of those names, and list them and a missing page."""
        self.site, self.base, self.folder = site, site.root, folder / "mine"
        entries = []
        for name in names:
            told = expected(name)
            dated = {"published": told["published_date"], "published_precision": "day", "published_source": "page"}
            day = {"published_date": date.fromisoformat(told["published_date"])}
            entries.append(entry(site.put(name), language=told["language"], **dated, **day))
        self.ids = {name: one["catalogue_id"] for name, one in zip(names, entries, strict=True)}
        self.missing = entry(f"{site.root}/none.html")
        self.source = write_dataset(project, folder / "dataset", [*entries, self.missing])

    def hydrate(self, **how: Any) -> Hydrated:
        """Hydrate the folder, by default without pauses and archives."""
        given: dict[str, Any] = {"source": self.source, "delay": 0, "allow_private": True, "archive": None}
        return hydrate(self.folder, **(given | how))

    def options(self) -> list[str]:
        """Return the same as arguments of the command."""
        given = ["--source", str(self.source), "--delay", "0", "--allow-private", "--no-archive"]
        return ["hydrate", str(self.folder), *given]

    def start(self, **variables: str) -> subprocess.Popen[str]:
        """Start the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "espress.cli.main", *self.options()], env=ENVIRONMENT | variables, text=True,
            encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def stop(self, after: int, how: signal.Signals) -> tuple[int, str, str]:
        """Start the command and end it after this many answers; return its exit code, stdout and stderr."""
        self.site.let_through(after)
        process = self.start()
        deadline = time.monotonic() + PATIENCE
        while len(self.site.asked()) <= after and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(how)
        self.site.let_through(None)
        said, wrong = process.communicate(timeout=PATIENCE)
        return process.returncode, said, wrong

    def load(self, config: str = "articles", **how: Any) -> Any:
        """Load a table of the corpus and the folder, by default as Arrow."""
        load: Any = espress.load
        return load(config, **({"source": self.source, "hydrated": self.folder, "as_": "arrow"} | how))

    def titles(self, **how: Any) -> set[str]:
        """Return the titles of the hydrated articles."""
        return {row["title"] for row in added(self.load(**how))}

    def asked(self) -> list[tuple[str, int]]:
        """Return path and status of the requests since the last call, without robots.txt."""
        asked = sorted(self.site.asked())
        self.site.requests.clear()
        return asked

    def reasons(self) -> dict[str, str]:
        """Return why entries have no article."""
        return {row["id"]: row["reason"] for row in self.load("rejects").to_pylist()}

    def provenance(self) -> list[dict[str, Any]]:
        """Return where pages came from."""
        rows: list[dict[str, Any]] = pq.ParquetFile(self.folder / "data" / "provenance.parquet").read().to_pylist()
        return rows
