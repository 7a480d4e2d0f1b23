"""The shortcut audit of the corpus's own labels, what rules without text score, and how to audit another corpus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from espress import __version__
from espress_build.site.entries import count_choices
from espress_build.site.page import Page, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.site.dataset import Dataset, Row

ORDER = 60
NAVIGATION = "Audit"
PATH = "audit/index.html"
_DESCRIPTION = "Can the corpus's labels be guessed without reading the text? What a look-up by outlet or event scores."
_UNIT_SPLIT = "unit"


def _read_audits(project: Path) -> list[dict[str, Any]]:
    """Return the audits that `espress-build generate` wrote; none if there are none."""
    path = project / "docs" / "generated" / "audit.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return found


def _find_strongest(rows: list[Row]) -> dict[str, list[Row]]:
    """Return for each split and task the rule without text that has the most skill, if it has any."""
    found: dict[str, list[Row]] = {}
    for split in sorted({row["split"] for row in rows}):
        best = []
        for task in sorted({row["task"] for row in rows}):
            own = [row for row in rows if (row["split"], row["task"]) == (split, task) and row["skill"] is not None]
            if own and (most := max(own, key=lambda row: (row["skill"], row["shortcut"])))["skill"] > 0:
                best.append(most)
        found[split] = best
    return found


def _sort_audits(audits: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the audits that found a shortcut, with its columns; those that found some evidence only; the others."""
    found: list[tuple[dict[str, Any], list[str]]] = []
    unclear: list[dict[str, Any]] = []
    free: list[dict[str, Any]] = []
    for one in audits:
        shortcuts = [" and ".join(own["columns"]) for own in one["columns"] if own["status"] == "shortcut"]
        if shortcuts:
            found.append((one, shortcuts))
        elif any(own["status"] == "some evidence" for own in one["columns"]):
            unclear.append(one)
        else:
            free.append(one)
    return {"found": found, "unclear": unclear, "free": free}


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the page of the audit."""
    shortcuts = dataset.table("shortcuts")
    audits = _read_audits(dataset.project)
    if not shortcuts and not audits:
        return
    yield Page(
        path=PATH,
        title="Audit",
        template="audit.html.j2",
        context={
            "audits": audits,
            **_sort_audits(audits),
            "version": __version__,
            "shortcuts": shortcuts,
            "strongest": _find_strongest(shortcuts),
            "tasks": count_choices(row["task"] for row in shortcuts),
            "splits": count_choices(row["split"] for row in shortcuts),
            "rules": count_choices(row["shortcut"] for row in shortcuts),
            "unit_split": _UNIT_SPLIT,
        },
        description=_DESCRIPTION,
        search=[SearchEntry(PATH, "Shortcut audit", f"{_DESCRIPTION} Audit your own CSV.", "page")],
        scripts=("filter-table.js",),
        styles=("tables.css",),
    )
