"""Invented registries, articles and tables, small enough to read in one look."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, settings
from tests.helpers import PROJECT

from espress_build.inputs.judgements import Annotations
from espress_build.inputs.params import Params, read_params
from espress_build.inputs.registries import Registries, read_registries
from espress_build.pipeline.ingest import ingest
from espress_build.pipeline.runner import read_batch
from espress_build.pipeline.stages import STAGES, run_stage, run_stages
from espress_build.tables import FOLDS, RECEIVED

# The same examples on every run and machine, and no clock in the verdict.
PROPERTY = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

_OUTLETS = """
[herald]
name = "The Herald"
outlet_kind = "outlet"
aliases = ["Herald"]
domains = ["herald.example"]
[[herald.fact]]
field = "country"
value = "NZ"
basis = "look-up"
confidence = "high"
source = "https://herald.example/about"

[tribune]
name = "Tribune"
outlet_kind = "outlet"
aliases = []
domains = ["tribune.example"]

[wire]
name = "Wire Service"
outlet_kind = "agency"
aliases = ["WSV"]
domains = ["wire.example"]

[mirror-site]
name = "Mirror Site"
outlet_kind = "republisher"
aliases = []
domains = ["mirror.example"]
"""
_EVENT = """
[{id}]
event_kind = "{kind}"
description = "Something happened."
outcome = "alleged"
basis = "text"
source = "https://herald.example/1"
"""
EVENTS = {"case-2020": "event", "trial-2021": "event", "other-cases": "bucket"}

PURE_STAGES = [stage for stage in STAGES if stage.run]
BASIC_PAGE = "A headline\n\nThe first paragraph says it. It says more.\n"


def write_registries(folder: Path) -> Path:
    """Write a registry of each kind below `folder`, which is returned."""
    (folder / "outlets.toml").write_text(_OUTLETS, encoding="utf-8")
    events = "".join(_EVENT.format(id=name, kind=kind) for name, kind in EVENTS.items())
    (folder / "events.toml").write_text(events, encoding="utf-8")
    for name in ("propositions", "sources"):
        (folder / f"{name}.toml").touch()
    return folder


def _read_invented() -> Registries:
    with tempfile.TemporaryDirectory() as folder:
        return read_registries(write_registries(Path(folder)))


PARAMS = read_params()  # the real ones
REGISTRIES = _read_invented()


def beside(registries: Registries = REGISTRIES) -> dict[str, Any]:
    """Return what stages take beside the articles: the registries, their claims, no judgements, no frozen folds."""
    return {
        **registries.tables,
        "claims": registries.claim_table,
        "folds": FOLDS.empty_table(),
        **Annotations().tables(),
    }


@cache
def real_registries() -> Registries:
    """Return the registries of the project."""
    return read_registries(PROJECT / "schema" / "registries")


@cache
def real_articles() -> tuple[Path, ...]:
    """Return the folders of the articles that the project holds, in order of their ids."""
    return tuple(sorted((PROJECT / "raw" / "articles").iterdir(), key=lambda path: path.name))


@cache
def real_tables() -> dict[str, Any]:
    """Return the tables that all batch stages make of the project's own articles."""
    received, problems = ingest(list(real_articles()), real_registries(), PARAMS)
    assert problems == []
    return run_stages({"received": received, **beside(real_registries())}, PARAMS, "batch")


def golden_lines() -> list[str]:
    """Return the units of the project's own articles as JSON lines: places and hashes, so that no text is doubled."""
    kept = {name: name for name in ("sentence_id", "role", "field")} | {"start": "text_start", "end": "text_end"}
    return [
        json.dumps(
            {name: unit[column] for name, column in kept.items()}
            | {"sha256": hashlib.sha256(unit["text"].encode()).hexdigest()}
        )
        for unit in real_tables()["sentences"].to_pylist()
    ]


def lines_of(text: str) -> list[str]:
    """Cut a text into lines, in the plainest way there is: a second opinion on `split_lines`."""
    return re.split("\r\n|\r|\n", text)


def span(line: int, start: int, end: int, role: str) -> dict[str, Any]:
    """Return a span as a sidecar has it."""
    return {"line": line, "start": start, "end": end, "role": role}


def basic_spans(text: str) -> list[dict[str, Any]]:
    """Mark the first line that is not blank as title and each other one as body."""
    marked = [(number, line) for number, line in enumerate(lines_of(text), 1) if line.strip()]
    return [
        span(number, len(line) - len(line.lstrip()), len(line.rstrip()), "body" if at else "title")
        for at, (number, line) in enumerate(marked)
    ]


def fact(field: str, value: Any, basis: str = "text") -> dict[str, Any]:
    """Return a fact as the table `received` has it."""
    values = [value] if isinstance(value, str) else value
    return {"field": field, "values": values, "basis": basis, "confidence": "high", "note": None}


def received(sources: dict[str, bytes], spans: dict[str, list[dict[str, Any]]], **facts: Any) -> Any:
    """Return a `RECEIVED` table of these sources, all with the same facts, without a folder on disk."""
    stated = {"outlet_id": "herald", "event_ids": ["case-2020"], "rights_tier": "full"} | facts
    rows = [
        {
            "article_id": article,
            "source": source,
            "source_bytes": len(source),
            "raw_sha256": hashlib.sha256(source).hexdigest(),
            "spans": sorted(spans[article], key=lambda one: (one["line"], one["start"])),
            "facts": [fact(name, value) for name, value in stated.items()],
        }
        for article, source in sources.items()
    ]
    return pa.Table.from_pylist(rows, schema=RECEIVED)


def run_up_to(name: str, tables: dict[str, Any], params: Params = PARAMS) -> dict[str, Any]:
    """Run the stages up to the one of that name over tables, with conservation checked; rejects of all come along."""
    after, rejects = dict(tables), []
    for stage in PURE_STAGES:
        after, dropped = run_stage(stage, after, params)
        rejects.append(dropped)
        if stage.name == name:
            break
    return {**after, "rejects": pa.concat_tables(rejects)}


def toml(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Corpus:
    """A `raw/` folder of invented articles, each sound until a test breaks it."""

    def __init__(self, raw: Path) -> None:
        """Make the folder, with no article in it."""
        self.raw = raw
        (raw / "articles").mkdir(parents=True)

    def add(
        self,
        source: bytes | str = BASIC_PAGE,
        spans: list[dict[str, Any]] | None = None,
        outlet: str = "herald",
        day: str = "2020-01-02",
        **facts: Any,
    ) -> Path:
        """Write a sound article; returns its folder. Facts given as None are left out."""
        data = source.encode() if isinstance(source, str) else source
        sha256 = hashlib.sha256(data).hexdigest()
        folder = self.raw / "articles" / f"{outlet}-{day.replace('-', '') or 'undated'}-{sha256[:8]}"
        folder.mkdir()
        (folder / "source.txt").write_bytes(data)
        if spans is None:
            spans = basic_spans(data.decode().removeprefix("\ufeff"))
        stated = {
            "outlet_id": outlet,
            "published": day or None,
            "event_ids": ["case-2020"],
            "rights_tier": "full",
        } | facts
        lines = [f"article_id = {toml(folder.name)}", f"sha256 = {toml(sha256)}", "spans = [", "]", ""]
        lines[3:3] = [f"  {toml(one)}," for one in spans]
        for name, value in stated.items():
            if value is not None:
                lines += [f"[facts.{name}]", f"value = {toml(value)}", 'basis = "text"', 'confidence = "high"', ""]
        (folder / "record.toml").write_text("\n".join(lines), encoding="utf-8")
        return folder

    def edit(self, folder: Path, old: str, new: str) -> None:
        """Replace a piece of an article's sidecar, which must be there exactly once."""
        path = folder / "record.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {text}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def folders(self) -> list[Path]:
        """Return the article folders in order of names, unchecked."""
        return sorted((self.raw / "articles").iterdir(), key=lambda path: path.name)

    def received(self, registries: Registries = REGISTRIES, params: Params = PARAMS) -> Any:
        """Ingest all articles; raises InputError as a run does."""
        return read_batch(self.folders(), registries, params)["received"]

    def tables(self, registries: Registries = REGISTRIES, params: Params = PARAMS) -> dict[str, Any]:
        """Ingest all articles and add the registries: what the first stage takes."""
        return {"received": self.received(registries, params), **beside(registries)}
