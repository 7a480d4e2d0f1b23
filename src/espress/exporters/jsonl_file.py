"""JSON lines: one object a row, columns in the table's order, lists and structs as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from espress.data.content_hash import canonical

if TYPE_CHECKING:
    from pathlib import Path

    from espress.exporters.tables import Sheet


def write(sheet: Sheet, path: Path) -> None:
    """Write UTF-8, LF; dates and times are ISO text, every null is written, numbers are numbers."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for batch in sheet.batches():
            file.writelines(f"{json.dumps(_plain(row), ensure_ascii=False, allow_nan=False)}\n" for row in batch)


def _plain(value: Any) -> Any:
    """Return the canonical form, but floats as numbers, all their digits kept."""
    if isinstance(value, float):
        return value
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else canonical(value)
