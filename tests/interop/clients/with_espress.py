"""`espress.load` gives a `datasets.Dataset` of every table; labels are integers there, and become their names."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
from reporting import files, report

import espress


def tables(subject: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's name and rows."""
    for path in files(subject):
        loaded = espress.load(path.stem, source=subject / "dataset")
        labels = {key: kind for key, kind in loaded.features.items() if isinstance(kind, datasets.ClassLabel)}
        yield path.stem, [_named(row, labels) for row in loaded]


def _named(row: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    return row | {key: kind.int2str(row[key]) for key, kind in labels.items() if row[key] is not None}


report(f"datasets-{datasets.__version__}", tables(Path(sys.argv[1])))
