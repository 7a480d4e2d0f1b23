"""Show one article after each stage, with the columns that the stage changed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import UnknownNameError
from espress_build.inputs.registries import read_registries
from espress_build.pipeline.ingest import article_folders
from espress_build.pipeline.runner import Inputs, read_batch, run
from espress_build.pipeline.stages import run_stages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.build import Places
    from espress_build.inputs.params import Params
    from espress_build.tables import Tables

_SHOWN = 90  # characters of a value that are shown


def _crop(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _select_rows(tables: Tables, name: str, article_id: str) -> list[dict[str, Any]]:
    table = tables[name]
    key = "id" if name == "rejects" else "article_id"
    return [row for row in table.to_pylist() if row[key] == article_id] if key in table.column_names else []


def _list_changes(before: Tables, after: Tables, article_id: str) -> Iterator[str]:
    for name in after:
        if name in before and after[name].equals(before[name]):
            continue
        old = _select_rows(before, name, article_id) if name in before else []
        new = _select_rows(after, name, article_id)
        for number, row in enumerate(new):
            known = old[number] if number < len(old) else {}
            cells = [
                f"{key}={_crop(value)}" for key, value in row.items() if value is not None and known.get(key) != value
            ]
            if cells:
                yield f"  {name}[{number}]  {'  '.join(cells)}"


def trace(where: Places, article_id: str, params: Params) -> str:
    """Return one article after each stage, with changed columns only.

    Raises:
        UnknownNameError: raw/ has no article with this id.
        InputError: its record or source is not valid.
    """
    folders = {folder.name: folder for folder in article_folders(where.raw)}
    if article_id not in folders:
        raise UnknownNameError("article", article_id, list(folders))
    registries = read_registries(where.registries)
    tables = read_batch([folders[article_id]], registries, params)
    lines = ["== ingest", *_list_changes(registries.tables, tables, article_id)]
    seen = dict(tables)

    def watch(stage: str, after: Tables) -> None:
        lines.extend([f"== {stage}", *_list_changes(seen, after, article_id)])
        seen.clear()
        seen.update(after)

    after = run_stages(tables, params, "batch", watch)
    lines += [f"  rejected: {row['reason']}: {row['detail']}" for row in after["rejects"].to_pylist()]
    with tempfile.TemporaryDirectory() as aside:
        batches = run(Inputs(where.raw, registries, where.state), params, Path(aside))
    for stage, made in (("link", {"relations": batches.relations}), ("split", {"splits": batches.splits})):
        lines += [f"== {stage}", *_list_changes({}, made, article_id)]
    return "\n".join(lines)
