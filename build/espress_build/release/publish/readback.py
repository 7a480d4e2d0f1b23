"""Print, as JSON, the SHA-256 of every file or the content hash of every table of a commit on the Hub.

Runs as a process of its own, `python -m espress_build.release.publish.readback files|tables OWNER/NAME COMMIT`, so that
no data sent, cached or imported earlier can replace the server's data.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from espress.data.content_hash import content_hash
from espress_build.release.ledger import list_files


def hash_files(name: str, commit: str) -> dict[str, str]:
    """Download every file of a commit; return path -> SHA-256."""
    from huggingface_hub import snapshot_download

    return {
        file.path: file.sha256
        for file in list_files(Path(snapshot_download(name, revision=commit, repo_type="dataset")))
    }


def _name_labels(table: Any, features: Any) -> Any:
    """Return the table with the names of its labels, which `datasets` stores as numbers."""
    import pyarrow as pa
    from datasets import ClassLabel

    for place, (name, feature) in enumerate(features.items()):
        if isinstance(feature, ClassLabel):
            labels = [None if number is None else feature.int2str(number) for number in table[name].to_pylist()]
            table = table.set_column(place, name, pa.array(labels, pa.string()))
    return table


def hash_tables(name: str, commit: str) -> dict[str, str]:
    """Load every config of a commit with `datasets`; return file of a table -> content hash."""
    from datasets import get_dataset_config_names, load_dataset

    hashes = {}
    for config in get_dataset_config_names(name, revision=commit):
        splits = load_dataset(name, config, revision=commit)
        for part, split in splits.items():
            file = config if len(splits) == 1 else f"{config}-{part}"
            hashes[file] = content_hash(_name_labels(split.with_format("arrow")[:], split.features))
    return hashes


if __name__ == "__main__":
    kind, *arguments = sys.argv[1:]
    json.dump({"files": hash_files, "tables": hash_tables}[kind](*arguments), sys.stdout)
