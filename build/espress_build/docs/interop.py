"""The generated blocks of docs/user/interop.md: what clients read, as `make interop` last saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown
from espress_build.docs.markdown import measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def interop(dataset: Path) -> str:
    """Each client with its version, what it reads, how much, the hash of all of it, and what it must restore."""
    rows = [
        (
            one["name"],
            one["version"],
            one["reads"],
            one["rows"],
            f"`{one['sha256'][:12]}`",
            one["status"],
            one["restores"] or "–",
        )
        for one in measured(dataset, "interop", "make interop")["clients"]
    ]
    return format_markdown(rows, ["client", "version", "reads", "rows", "hash", "result", "restored by the client"])


def interop_tables(dataset: Path) -> str:
    """Each table with its rows and the hash of its content on which all clients agree, and the version of the data."""
    seen = measured(dataset, "interop", "make interop")
    rows: list[tuple[object, ...]] = [
        (f"`{name}`", t["rows"], f"`{t['sha256']}`") for name, t in seen["tables"].items()
    ]
    return f"Version {seen['version']}:\n\n{format_markdown(rows, ['table', 'rows', 'content hash'])}"


SECTIONS: dict[str, Callable[[Path], str]] = {"interop": interop, "interop-tables": interop_tables}
