"""What a user gets from a commit on the Hub: prints, as JSON, the hash of every file or of every table's content.

Started as a process of its own, `python -m espress_build.release.publish.readback files|tables OWNER/NAME COMMIT`,
so that nothing that was sent, cached or imported before can stand in for what the server gives.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.content_hash import content_hash
from espress.files import hash_file

if TYPE_CHECKING:
    from collections.abc import Callable


def _files(name: str, commit: str) -> dict[str, str]:
    from huggingface_hub import snapshot_download

    folder = Path(snapshot_download(name, revision=commit, repo_type="dataset"))
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in folder.rglob("*") if path.is_file()}


def _as_text(table: Any, features: Any) -> Any:
    """Return the table with the names of its labels, which the client holds as numbers."""
    import pyarrow as pa
    from datasets import ClassLabel

    for place, (name, feature) in enumerate(features.items()):
        if isinstance(feature, ClassLabel):
            numbers = table[name].to_pylist()
            labels = [None if number is None else feature.int2str(number) for number in numbers]
            table = table.set_column(place, name, pa.array(labels, pa.string()))
    return table


def _tables(name: str, commit: str) -> dict[str, str]:
    from datasets import get_dataset_config_names, load_dataset

    hashes = {}
    for config in get_dataset_config_names(name, revision=commit):
        (split,) = load_dataset(name, config, revision=commit).values()
        hashes[config] = content_hash(_as_text(split.with_format("arrow")[:], split.features))
    return hashes


_KINDS: dict[str, Callable[[str, str], dict[str, str]]] = {"files": _files, "tables": _tables}


def main(kind: str, name: str, commit: str) -> None:
    """Print path -> SHA-256 of files, or config -> content hash of tables."""
    json.dump(_KINDS[kind](name, commit), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
