"""`datasets` loads every config from the folder, as from the Hub; labels are integers there, and become their names.

A table without rows is no config, as the library cannot load one.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

import datasets
from reporting import report


def tables(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each config's name and rows."""
    for name in datasets.get_dataset_config_names(str(folder)):
        with tempfile.TemporaryDirectory() as cache:
            (loaded,) = datasets.load_dataset(str(folder), name, cache_dir=cache).values()
            labels = {key: kind for key, kind in loaded.features.items() if isinstance(kind, datasets.ClassLabel)}
            yield name, [_named(row, labels) for row in loaded]


def _named(row: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    return row | {key: kind.int2str(row[key]) for key, kind in labels.items() if row[key] is not None}


report(datasets.__version__, tables(Path(sys.argv[1]) / "dataset"))
