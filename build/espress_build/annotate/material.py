"""Read what coders judge: masked units under opaque names, propositions, sources, events and claims.

The names hide outlet and date: articles are numbered in the order of the hashes of their source files (A1), units
by their place in the article (A1.01). `raw/annotations/input*.jsonl` keep every masked input from which anybody coded;
`passes.toml` names the input of a pass by its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import EspressError, InputError
from espress.files import write_new
from espress.schema import schema
from espress_build.inputs.registries import read_registries

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.build import Places

    Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Unit:
    """A unit's id and the masked text that the coder sees."""

    item_id: str
    text: str


@dataclass(frozen=True, eq=False)  # compared by identity, so that results can be cached
class Material:
    """Everything that a coder sees, and the meaning of the opaque names."""

    units: dict[str, Unit]  # by name, such as A1.01
    articles: dict[str, str]  # A1 -> article_id
    article_events: dict[str, list[str]]  # A1 -> event ids, E1 first
    lines: tuple[dict[str, Any], ...]  # lines of the masked input, in reading order
    propositions: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    events: dict[str, str]  # event id -> what happened
    claims: dict[str, list[str]]  # claims by event, for events that have claims
    codebook: str  # version
    input_sha256: str

    def select_lines(self, article: str) -> list[dict[str, Any]]:
        """Return the lines of one article, given its opaque name, such as A1."""
        return [line for line in self.lines if line["unit"].split(".")[0] == article]


def name_units(articles: Rows, sentences: Rows) -> dict[str, dict[str, Any]]:
    """Return the rows of `sentences` by opaque name, articles in the order of raw_sha256, units in reading order."""
    named = {}
    for number, article in enumerate(_order_articles(articles), 1):
        for unit in sentences:
            if unit["article_id"] == article["article_id"]:
                named[f"A{number}.{unit['unit_no']:02d}"] = unit
    return named


def make_input(articles: Rows, sentences: Rows) -> Rows:
    """Return the lines of the masked input: what coders see of each unit."""
    return [
        {"unit": name, "role": unit["role"], "paragraph": unit["paragraph"], "text": unit["text_masked"]}
        for name, unit in name_units(articles, sentences).items()
    ]


def read_material(places: Places) -> Material:
    """Read what coders judge from the dataset and the registries.

    Raises:
        EspressError: there is no dataset.
        InputError: no stored input equals the masked text of this dataset, so a pass could not name its input.
    """
    articles, sentences = _read_tables(places)
    lines = make_input(articles, sentences)
    content = _encode(lines)
    if _find_input(places, content) is None:
        problem = (
            f"{places.raw / 'annotations'}: no input*.jsonl equals the masked text of the dataset, because an article "
            "or the mask has changed. Type `espress-build annotate renew-input`, and commit the new file before "
            "anybody codes from it."
        )
        raise InputError([problem])
    registries = read_registries(places.registries)
    named = {f"A{number}": row for number, row in enumerate(_order_articles(articles), 1)}
    return Material(
        units={n: Unit(row["sentence_id"], row["text_masked"]) for n, row in name_units(articles, sentences).items()},
        articles={name: row["article_id"] for name, row in named.items()},
        article_events={name: row["event_ids"] for name, row in named.items()},
        lines=tuple(lines),
        propositions=registries.propositions,
        sources=registries.sources,
        events={event: str(row["description"]) for event, row in registries.events.items()},
        claims=registries.claims,
        codebook=str(schema().guidance["version"]),
        input_sha256=hashlib.sha256(content).hexdigest(),
    )


def renew_input(places: Places) -> Path:
    """Write the masked input of the dataset to a new file, unless a file has it already; return the file's path."""
    content = _encode(make_input(*_read_tables(places)))
    path = _find_input(places, content)
    if path is None:
        path = places.raw / "annotations" / f"input-{hashlib.sha256(content).hexdigest()[:12]}.jsonl"
        write_new(path, content)
    return path


def _find_input(places: Places, content: bytes) -> Path | None:
    kept = sorted((places.raw / "annotations").glob("input*.jsonl"))
    return next((path for path in kept if path.read_bytes() == content), None)


def _encode(lines: Rows) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _order_articles(articles: Rows) -> Rows:
    return sorted(articles, key=lambda row: str(row["raw_sha256"]))


def _read_tables(places: Places) -> tuple[Rows, Rows]:
    data = places.dataset / "data"
    if not (data / "sentences.parquet").is_file():
        raise EspressError(f"{places.dataset} has no table of units. Type `espress-build run` first.")
    articles, sentences = (pq.read_table(data / f"{name}.parquet").to_pylist() for name in ("articles", "sentences"))
    return articles, sentences
