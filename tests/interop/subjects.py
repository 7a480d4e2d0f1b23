"""What the clients read: a dataset folder beside its exports; the published one, and one full of hard characters."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.helpers import DATASET, PROJECT, copy_tables, describe

import espress
from espress.data.content_hash import content_hash
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OFFSETS = ("units", "utf16", "places")  # what offsets must give, beside the tables
# Format -> where it goes beside the dataset.
EXPORTS: Mapping[str, str] = {"csv": "csv", "dta": "dta", "sav": "sav", "sqlite": "espress.sqlite"}
# One code point for one, so that every offset still fits: letters beyond the basic plane, what CSV, JSON and SQL quote,
# a tab, a line separator, a combining accent, a joiner, what spreadsheets take for a formula.
HARD = str.maketrans("etaoinshrdluTAI", "𝒆😀\"'\\\t,\u2028;ß\u0301\u200d=@+")


def published(place: Path, exports: Mapping[str, str] = EXPORTS) -> Path:
    """Return a subject with the dataset as it is."""
    shutil.copytree(DATASET, place / "dataset")
    return _add_exports(place, exports)


def hard(place: Path, exports: Mapping[str, str] = EXPORTS) -> Path:
    """Return a subject with the same tables, hard characters in place of common ones in all words of articles."""
    folder = place / "dataset"
    copy_tables(folder)
    for path in (folder / "data").glob("*.parquet"):
        pq.write_table(_harden(pq.read_table(path), path.stem), path)
    describe(folder, "0.0.0-dev")
    return _add_exports(place, exports)


def _harden(table: pa.Table, name: str) -> pa.Table:
    for column in schema().file(name).columns:
        if column.withheld and column.name in table.column_names:
            words = [word and word.translate(HARD) for word in table[column.name].to_pylist()]
            place = table.column_names.index(column.name)
            table = table.set_column(place, table.field(place), pa.chunked_array([pa.array(words, pa.string())]))
    return table


def _add_exports(place: Path, exports: Mapping[str, str]) -> Path:
    """Put exports, units and the page on offsets beside the dataset."""
    for form, name in exports.items():
        espress.export(form, place / name, source=place / "dataset")
    (place / "units.json").write_text(json.dumps(_units(place), ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(PROJECT / "docs" / "user" / "offsets.md", place / "offsets.md")
    return place


def _units(subject: Path) -> list[dict[str, object]]:
    """Return each unit's text with the text that its offsets point into: text, start, end, unit."""
    articles = {row["article_id"]: row for row in pq.read_table(subject / "dataset/data/articles.parquet").to_pylist()}
    sentences = pq.read_table(subject / "dataset/data/sentences.parquet")
    sentences = sentences.filter(pc.is_valid(sentences["text"]))
    return [
        {
            "text": articles[row["article_id"]][row["field"]],
            "start": row["text_start"],
            "end": row["text_end"],
            "unit": row["text"],
        }
        for row in sentences.to_pylist()
    ]


def expected(subject: Path) -> dict[str, tuple[int, str]]:
    """Return what every client must find: name -> rows and hash, of each table, and of what the offsets give."""
    found = {}
    for path in sorted((subject / "dataset" / "data").glob("*.parquet")):
        table = pq.read_table(path)
        found[path.stem] = (table.num_rows, content_hash(table))
    given = json.loads((subject / "units.json").read_text(encoding="utf-8"))
    places = [(one["text"], one["start"], one["end"]) for one in given]
    lines = {
        "units": [one["unit"] for one in given],
        "places": [f"{start} {end}" for _, start, end in places],
        "utf16": [f"{_utf16(text[:start])} {_utf16(text[:end])}" for text, start, end in places],
    }
    digests = {name: hashlib.sha256("\n".join(each).encode()).hexdigest() for name, each in lines.items()}
    return found | {name: (len(given), digest) for name, digest in digests.items()}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
