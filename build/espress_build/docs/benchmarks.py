"""Sections made from the last results of `benchmarks/`, `make interop`, `make metadata-test` and `make examples`."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read_benchmark(dataset: Path, name: str, command: str) -> Any:
    """Return the last results of `command` in `benchmarks/results/<name>.json`, next to the dataset folder.

    Raises:
        EspressError: there is no such file; the message says what to type.
    """
    path = dataset.parent / "benchmarks" / "results" / f"{name}.json"
    if not path.is_file():
        raise EspressError(f"{path} does not exist. Type: {command}")
    return json.loads(path.read_text(encoding="utf-8"))


def list_clients(dataset: Path) -> str:
    """List each client with its version, what it reads, the number and hash of the rows, and the types to restore."""
    rows = [
        (one["name"], one["version"], one["reads"], one["rows"], f"`{one['sha256'][:12]}`", one["status"],
         one["restores"] or None)
        for one in read_benchmark(dataset, "interop", "make interop")["clients"]
    ]  # fmt: skip
    return format_markdown(
        rows, ["client", "version", "reads", "rows", "hash", "result", "types restored after reading"]
    )


def list_client_tables(dataset: Path) -> str:
    """List each table with its number of rows and the content hash on which all clients agree, and the data version."""
    seen = read_benchmark(dataset, "interop", "make interop")
    rows = [(f"`{name}`", table["rows"], f"`{table['sha256']}`") for name, table in seen["tables"].items()]
    return f"Version {seen['version']}:\n\n{format_markdown(rows, ['table', 'rows', 'content hash'])}"


def list_validators(dataset: Path) -> str:
    """List each validator with its version, the file that it reads and its result."""
    results = read_benchmark(dataset, "validators", "make metadata-test")
    rows = [(f"`{r['looks_at']}`", r["name"], r["version"], r["status"], r["reason"] or None) for r in results]
    return format_markdown(rows, ["file", "validator", "version", "result", "reason"])


def compare_segmenters(dataset: Path) -> str:
    """Compare sentence segmenters with reviewed boundaries."""
    held = read_benchmark(dataset, "segmenters", "make segmenters")
    rows = []
    for result in held["results"]:
        cells = [f"{score['missed']} / {score['extra']}" for score in result["scores"].values()]
        rows.append((result["name"], result["version"], *cells, f"{result['milliseconds']} ms"))
    first = held["results"][0]["scores"]
    head = [f"{language}: missed / extra of {score['reference']}" for language, score in first.items()]
    note = f"Time: {held['paragraphs']} English paragraphs, median of {held['rounds']} rounds."
    return f"{format_markdown(rows, ['library', 'version', *head, 'time'])}\n\n{note}"


def show_example(dataset: Path, name: str) -> str:
    """Return what a Python block of the README printed."""
    return f"```text\n{read_benchmark(dataset, 'examples', 'make examples')[name]}```"


SECTIONS: dict[str, Callable[[Path], str]] = {
    "interop": list_clients,
    "interop-tables": list_client_tables,
    "validators": list_validators,
    "segmenters": compare_segmenters,
    "example-probe": partial(show_example, name="probe"),
    "example-audit": partial(show_example, name="audit"),
    "example-check": partial(show_example, name="check"),
}
