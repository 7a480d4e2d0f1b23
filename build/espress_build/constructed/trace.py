"""Show how a constructed text was made: its file, its columns and its votes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress_build.constructed.frames import CONTRAST
from espress_build.constructed.tables import make_constructed

if TYPE_CHECKING:
    from espress_build.constructed.tables import Inputs

_LEFT_OUT = ("canary", "votes")


def _name_file(item: str) -> str:
    """Return the file of a case or article, and where in it the text is made."""
    parts = item.split("/")
    if parts[0] == CONTRAST:
        return f"schema/check/contrast.csv, sentence {parts[1]}, edit {parts[2]}"
    if len(parts) > 1 and parts[-1].isdigit():
        return f"schema/check/{'/'.join(parts[:-2])}.toml, frame {parts[-2]}, filling {parts[-1]}"
    return f"raw/constructed/stance/{parts[0]}.toml, {' '.join(parts[1:])}"


def trace_constructed(given: Inputs, item: str) -> str:
    """Return what is known of a case or an invented article, one fact a line; "" if there is none of this id."""
    for name, table in make_constructed(given).items():
        key = {"check": "case_id", "stance_articles": "article_id"}.get(name.partition("-")[0])
        rows = [row for row in table.to_pylist() if row[key] == item] if key else []
        for row in rows:
            votes = ", ".join(f"{vote['annotator']} {vote['value']}" for vote in row["votes"]) or "none"
            facts = {
                "made in": _name_file(item),
                **{k: v for k, v in row.items() if k not in _LEFT_OUT},
                "votes": votes,
            }
            width = max(map(len, facts))
            return "\n".join(f"{label:<{width}}  {value}" for label, value in facts.items() if value not in (None, []))
    return ""
