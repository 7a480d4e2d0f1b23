"""What is there to judge: masked units by their opaque names, propositions, sources, events and claims."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.errors import EspressError, InputError
from espress.schema import schema
from espress_build.annotate.coding_sheet import Key, input_lines, key_of
from espress_build.inputs.registries import read_registries

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.pipeline.build import Places


@dataclass(frozen=True, eq=False)  # compared by identity, so that what follows from it can be kept
class Material:
    """All that a coder is shown, and what its names stand for."""

    key: Key
    lines: tuple[dict[str, Any], ...]  # of the masked input, in reading order
    propositions: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    events: dict[str, str]  # event id -> what happened
    claims: dict[str, list[str]]  # of events that have them
    codebook: str  # version
    input_sha256: str

    def of(self, article: str) -> list[dict[str, Any]]:
        """Return the lines of one article, named as A1."""
        return [line for line in self.lines if line["unit"].split(".")[0] == article]


def input_bytes(lines: list[dict[str, Any]]) -> bytes:
    """Return the masked input as its file holds it."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def read_material(where: Places) -> Material:
    """Read what is there to judge from the dataset and the registries.

    Raises:
        EspressError: there is no dataset.
        InputError: the masked input that is kept is not the one of this dataset, so that its hash would say nothing.
    """
    data = where.dataset / "data"
    if not (data / "sentences.parquet").is_file():
        raise EspressError(f"{where.dataset} holds no units. Type `espress-build run` first.")
    articles, sentences = (pq.read_table(data / f"{name}.parquet").to_pylist() for name in ("articles", "sentences"))
    lines = input_lines(articles, sentences)
    whole = input_bytes(lines)
    _compare(where.raw / "annotations" / "input.jsonl", whole)
    registries = read_registries(where.registries)
    events = {event: str(row["description"]) for event, row in registries.events.items()}
    return Material(
        key_of(articles, sentences), tuple(lines), registries.propositions, registries.sources, events,
        registries.claims, str(schema().guidance["version"]), hashlib.sha256(whole).hexdigest(),
    )  # fmt: skip


def _compare(path: Path, whole: bytes) -> None:
    kept = path.read_bytes() if path.is_file() else b""
    if kept == whole:
        return
    pairs = zip(kept.splitlines(), whole.splitlines(), strict=False)
    at = next(
        (n for n, (old, new) in enumerate(pairs, 1) if old != new),
        min(len(kept.splitlines()), len(whole.splitlines())) + 1,
    )
    problem = (
        f"{path}, line {at}: this is not the masked text of the dataset; an article or the mask has changed since. "
        "Type `espress-build annotate renew-input`, and commit the file before anybody codes from it."
    )
    raise InputError([problem])


def renew_input(where: Places) -> Path:
    """Write the masked input of the dataset that stands; returns its path."""
    data = where.dataset / "data"
    articles, sentences = (pq.read_table(data / f"{name}.parquet").to_pylist() for name in ("articles", "sentences"))
    path = where.raw / "annotations" / "input.jsonl"
    path.write_bytes(input_bytes(input_lines(articles, sentences)))
    return path
