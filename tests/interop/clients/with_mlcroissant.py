"""mlcroissant reads every record set of croissant.json; text comes as bytes, types are those of datapackage.json."""

import json
import logging
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlcroissant  # type: ignore[import-not-found]
from reporting import described, report
from restoring import restored_row

logging.disable(logging.WARNING)


def tables(subject: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each record set's name and records."""
    card = subject / "dataset" / "croissant.json"
    kinds = described(subject)
    dataset = mlcroissant.Dataset(jsonld=str(card))
    for record_set in json.loads(card.read_text(encoding="utf-8"))["recordSet"]:
        name = record_set["@id"]
        yield name, [restored_row(_short(record), kinds[name]) for record in dataset.records(name)]


def _short(value: Any) -> Any:
    """Return a record, and structs inside, with names without the path before them."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key.split("/")[-1]: _short(inner) for key, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list) else value


report(version("mlcroissant"), tables(Path(sys.argv[1])))
