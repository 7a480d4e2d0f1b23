"""The stage `normalise`: turn spans into articles, one row each, and passages, with their position in the source."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from espress.text import words
from espress_build.inputs.record import KEPT_ROLES, precision
from espress_build.pipeline.language import resolve
from espress_build.pipeline.passages import Passage, Piece, nfc
from espress_build.tables import ARTICLES, PASSAGES, Step, Tables, rejects_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.inputs.params import Params

    Outlets = dict[str, dict[str, Any]]

_FIELD = {"title": "title", "standfirst": "standfirst", "dateline": "text", "body": "text", "sub-heading": "text"}
SEPARATOR = {"title": " ", "standfirst": "\n\n", "text": "\n\n"}
# Facts of the record whose column has another name.
_COLUMN = {
    "republisher_id": "republisher", "agency_id": "agency", "updated": "updated_date", "language": "language_declared",
}  # fmt: skip
_LISTS = ("authors", "event_ids")


def _parts(spans: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each span of a paragraph with its text; a gap between two kept spans becomes a space or nothing."""
    for number, span in enumerate(spans):
        if span["role"] in KEPT_ROLES:
            yield span, span["raw"]
        elif spans[number - 1]["role"] in KEPT_ROLES:  # otherwise the previous span has given a space already
            alone = spans[number + 1]["role"] in KEPT_ROLES
            yield span, span["raw"] if span["role"] == "gap" and alone else " "


def _join(spans: list[dict[str, Any]]) -> Passage:
    """Join the spans of one paragraph."""
    raw, pieces = "", []
    for span, part in _parts(spans):
        inner = span["pieces"] or [{"at": 0, "source_start": span["source_start"], "width": None}]
        pieces += [Piece(len(raw) + one["at"], one["source_start"], one["width"]) for one in inner]
        raw += part
    return Passage(raw, tuple(pieces))


def source_pieces(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the byte ranges that the fields of one article consist of, each with the white space before it."""
    found, seen = [], set()
    for field, _, paragraph in _paragraphs(spans):
        before = SEPARATOR[field] if field in seen else ""
        seen.add(field)
        for span, part in _parts(paragraph):
            if span["role"] in KEPT_ROLES:
                place = {"source_byte_start": span["source_start"], "source_byte_end": span["source_end"]}
                found.append({"field": field, "before": before} | place)
            before = "" if span["role"] in KEPT_ROLES else part
    return found


def _paragraphs(spans: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Yield (field, role, spans) of each paragraph in source order: the spans of one line and field."""
    inside = [span for span in spans if span["raw"] is not None]
    for _, line in groupby(inside, key=lambda span: span["line"]):
        on_line = list(line)
        kept = [number for number, span in enumerate(on_line) if span["role"] in KEPT_ROLES]
        kinds = groupby(
            kept, key=lambda number: (_FIELD[on_line[number]["role"]], on_line[number]["role"] == "sub-heading")
        )
        for (field, heading), numbers in kinds:
            run = list(numbers)
            role = "sub-heading" if heading else "body" if field == "text" else field
            yield field, role, on_line[run[0] : run[-1] + 1]


def _passages(article_id: str, spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    length, count = dict.fromkeys(SEPARATOR, 0), dict.fromkeys(SEPARATOR, 0)
    for field, role, paragraph in _paragraphs(spans):
        passage = _join(paragraph)
        start = length[field] + (len(SEPARATOR[field]) if count[field] else 0)
        count[field] += 1
        length[field] = start + len(passage.text)
        rows.append(
            {"article_id": article_id, "field": field, "paragraph": count[field], "role": role, "start": start,
             "text": passage.text, "raw": passage.raw, "pieces": [vars(piece) for piece in passage.pieces],
             "events": list(dict.fromkeys(event for span in paragraph for event in span.get("events") or ()))}
        )  # fmt: skip
    return rows


def _date_columns(facts: dict[str, Any]) -> dict[str, Any]:
    published, zone = facts.get("published"), facts.get("published_zone")
    grain = precision(published) if published else None
    instant = None
    if grain == "second" and zone:
        instant = datetime.fromisoformat(f"{published}{zone}").astimezone(UTC)
    to_the_day = grain in ("day", "minute", "second")
    return {
        "published": published,
        "published_year": int(published[:4]) if published else None,
        "published_precision": grain,
        "published_date": date.fromisoformat(published[:10]) if published and to_the_day else None,
        "published_at": instant,
        "published_zone": zone,
        "updated_date": date.fromisoformat(updated) if (updated := facts.get("updated")) else None,
    }


def _basis_rows(
    rows: list[dict[str, Any]], dateline: str | None, country: dict[str, Any] | None, *, is_declared: bool
) -> list[dict[str, Any]]:
    """Return the basis of each column that a fact fills; `is_declared`: whether `language` is the declared one."""
    found = [
        {"field": _COLUMN.get(row["field"], row["field"])} | {key: row[key] for key in ("basis", "confidence", "note")}
        for row in rows
    ]
    found += [row | {"field": "language"} for row in found if is_declared and row["field"] == "language_declared"]
    if dateline:
        found.append({"field": "dateline", "basis": "text", "confidence": "high", "note": None})
    if country:
        found.append({"field": "outlet_country"} | {key: country[key] for key in ("basis", "confidence", "note")})
    return sorted(found, key=lambda entry: str(entry["field"]))


def _outlet_columns(facts: dict[str, Any], outlets: Outlets) -> dict[str, Any]:
    outlet = outlets[facts["outlet_id"]]
    name = {key: outlets[facts[key]]["name"] if facts.get(key) else None for key in ("republisher_id", "agency_id")}
    return {
        "outlet_id": facts["outlet_id"],
        "outlet": outlet["name"],
        "outlet_country": outlet["country"],
        "republisher": name["republisher_id"],
        "agency": name["agency_id"],
    }


def _fact_values(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the value of each fact in NFC, like the text; None if the value is unknown."""
    found: dict[str, Any] = {}
    for row in rows:
        values = None if row["values"] is None else [nfc(value) for value in row["values"]]
        found[row["field"]] = values if values is None or row["field"] in _LISTS else values[0]
    return found


def hash_text(text: str | None) -> str | None:
    """Return the SHA-256 of a text; None for null."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def _article(source: dict[str, Any], spans: list[dict[str, Any]], passages: list[dict[str, Any]],
             outlets: Outlets, params: Params) -> dict[str, Any]:  # fmt: skip
    facts = _fact_values(source["facts"])
    text = {
        field: joint.join(row["text"] for row in passages if row["field"] == field) or None
        for field, joint in SEPARATOR.items()
    }
    dateline = next((nfc(span["raw"]) for span in spans if span["role"] == "dateline"), None)
    country = next((fact for fact in outlets[facts["outlet_id"]]["facts"] if fact["field"] == "country"), None)
    body = text["text"] or ""
    declared = facts.get("language")
    detection = resolve(f"{text['title']}\n\n{body}", declared, params.language)
    is_declared = declared is not None and detection.language == declared and detection.probability is None
    plain = (
        "authors", "section", "event_ids", "event_country", "url", "url_kind", "genre", "rights_tier", "rights_basis",
    )  # fmt: skip
    return (
        {"article_id": source["article_id"]}
        | text
        | _outlet_columns(facts, outlets)
        | {name: facts.get(name) for name in plain}
        | {"dateline": dateline}
        | _date_columns(facts)
        | {
            **detection.columns,
            "language_declared": declared,
            "raw_sha256": source["raw_sha256"],
            **{f"{field}_sha256": hash_text(text[field]) for field in SEPARATOR},
            "source_pieces": source_pieces(spans),
            "n_paragraphs": sum(row["field"] == "text" for row in passages),
            "n_words": len(words(body)),
            "source_bytes": source["source_bytes"],
            "kept_bytes": sum(b["source_end"] - b["source_start"] for b in spans if b["role"] in KEPT_ROLES),
            "basis": _basis_rows(source["facts"], dateline, country, is_declared=is_declared),
        }
    )


def normalise(tables: Tables, params: Params) -> Step:
    """Turn `received` and `spans` into `articles` (the columns that depend on one article alone) and `passages`."""
    outlets = {row["outlet_id"]: row for row in tables["outlets"].to_pylist()}
    spans = {key: list(rows) for key, rows in groupby(tables["spans"].to_pylist(), key=lambda row: row["article_id"])}
    articles, passages = [], []
    for source in tables["received"].to_pylist():
        own = spans[source["article_id"]]
        found = _passages(source["article_id"], own)
        passages += found
        articles.append(_article(source, own, found, outlets, params))
    kept = {
        "articles": pa.Table.from_pylist(articles, schema=ARTICLES),
        "passages": pa.Table.from_pylist(passages, schema=PASSAGES),
    }
    return Step(kept, rejects_table())
