"""The shortcut audit of the natural tables, as JSON for the site; it holds no words of an article."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from espress.errors import EspressError
from espress.shortcut_audit.audit import audit
from espress_build.metadata.labels import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress.shortcut_audit.result import Audit

PATH = "docs/generated/audit.json"
AUDITED = (
    ("relevance", "bears_on"),
    ("entries", "position"),
    ("entries", "attribution"),
    ("entries", "cue_strength"),
)  # table, label
GROUPS = ("outlet", "event_id", "proposition_id")
CLUSTER = "article_id"
_DIGITS = 4


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, _DIGITS)


def _interval(found: dict[str, Any]) -> list[float | None]:
    return [_round(found[name]) for name in ("value", "low", "high")]


def _describe_column(found: dict[str, Any]) -> dict[str, Any]:
    null = found["null"] or {}
    return {
        "columns": found["columns"],
        "status": found["status"],
        "found_by": found["found_by"],
        "macro_f1": _interval(found["interval"]),
        "gain_share": _interval(found["gain_share"]),
        "p": _round(null.get("p_adjusted")),
        "gain_p": _round(null.get("gain_p_adjusted")),
    }


def _describe_shares(found: dict[str, Any]) -> dict[str, Any]:
    groups = [{"group": one["group"], "n": one["n"], "counts": one["counts"]} for one in found["shown"]]
    return {"column": " × ".join(found["columns"]), "labels": found["labels"], "groups": groups}


def _describe(table: str, label: str, found: Audit) -> dict[str, Any]:
    parts = found.to_dict()
    text = next(one for one in parts["references"] if one["name"] == "text")
    return {
        "table": table,
        "label": label,
        "rows": parts["data"]["n"],
        "clusters": parts["data"]["clusters"],
        "design": parts["data"]["design"],
        "verdict": parts["verdict"],
        "warnings": parts["warnings"],
        "blind": _round(parts["floor"]["macro_f1"]),
        "text": _interval(text["interval"]),
        "columns": [_describe_column(one) for one in parts["shortcuts"]],
        "shares": [_describe_shares(one) for one in parts["label_shares"]],
    }


def _audit(dataset: Path, table: str, label: str) -> dict[str, Any] | None:
    """Audit one label; None if the table has no text or too few labels, as in a changed corpus or the open edition."""
    columns = ("text", label, *GROUPS, CLUSTER)
    rows = [{name: row[name] for name in columns} for row in read_rows(dataset, table) if row[label] is not None]
    try:
        found = audit(rows, text="text", label=label, groups=list(GROUPS), cluster=CLUSTER)
    except EspressError:
        return None
    return _describe(table, label, found)


def audit_tables(dataset: Path) -> str:
    """Return the audit of each label of the natural tables, with outlet, event and proposition as groups."""
    files = [dataset / "data" / f"{table}.parquet" for table in sorted({table for table, _ in AUDITED})]
    return _audit_files(dataset, sha256(b"".join(path.read_bytes() for path in files)).hexdigest())


@cache
def _audit_files(dataset: Path, content_hash: str) -> str:  # noqa: ARG001 -- the files may change meanwhile
    found = [one for table, label in AUDITED if (one := _audit(dataset, table, label))]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


FILES: dict[str, Callable[[Path], str]] = {PATH: audit_tables}
