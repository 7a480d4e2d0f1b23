"""The coding sheet: one JSON line a unit, as a coder fills it in, turned into judgements.

The sheet names units by opaque numbers (A1.01) that hide outlet and date. Articles are numbered in the order of the
hashes of their sources, units by their place in the article.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress_build.inputs.judgements import ENTRY_FIELDS, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Where = tuple[str, str, int]  # item, proposition, source number
    Place = tuple[int | None, int | None, str]  # start, end, words


NOWHERE = (None, None, "")


@dataclass(frozen=True)
class Unit:
    """A unit as the coder sees it, and the item that it stands for."""

    item_id: str
    text: str


@dataclass(frozen=True)
class Key:
    """What the opaque numbers of a sheet stand for."""

    units: dict[str, Unit]
    articles: dict[str, str]  # A1 -> article_id
    events: dict[str, list[str]]  # A1 -> event ids, E1 first


def input_lines(articles: list[dict[str, Any]], sentences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of the masked input, articles in order of raw_sha256, units in reading order."""
    lines = []
    for number, article in enumerate(sorted(articles, key=lambda row: str(row["raw_sha256"])), 1):
        for unit in sentences:
            if unit["article_id"] == article["article_id"]:
                name = f"A{number}.{unit['unit_no']:02d}"
                lines.append(
                    {"unit": name, "role": unit["role"], "paragraph": unit["paragraph"], "text": unit["text_masked"]}
                )
    return lines


def key_of(articles: list[dict[str, Any]], sentences: list[dict[str, Any]]) -> Key:
    """Return the key of the sheet for these articles."""
    ordered = sorted(articles, key=lambda row: str(row["raw_sha256"]))
    names = {row["article_id"]: f"A{number}" for number, row in enumerate(ordered, 1)}
    units = {
        f"{names[row['article_id']]}.{row['unit_no']:02d}": Unit(row["sentence_id"], row["text_masked"])
        for row in sentences
        if row["article_id"] in names
    }
    return Key(
        units,
        {name: article for article, name in names.items()},
        {names[r["article_id"]]: r["event_ids"] for r in ordered},
    )


def study_key(lines: Iterable[dict[str, Any]]) -> Key:
    """Return the key of a study whose units are no units of the corpus: each stands for itself."""
    return Key({line["unit"]: Unit(line["unit"], line["text"]) for line in lines}, {}, {})


def _place(text: str, quote: str | None, number: int | None) -> Place:
    """Return where the quote stands in the text, its n-th occurrence; raises ValueError if it does not."""
    if not quote:
        return NOWHERE
    at = -1
    for _ in range(number or 1):
        at = text.find(quote, at + 1)
        if at < 0:
            raise ValueError(f"the words {quote!r} do not stand in the unit")
    return at, at + len(quote), quote


class _Rows:
    """Makes judgements of one annotator."""

    def __init__(self, annotator: str, codebook: str) -> None:
        self._annotator, self._codebook = annotator, codebook

    def one(self, where: Where, field: str, value: str | None, reason: str, place: Place = NOWHERE) -> Judgement:
        """Return one judgement; `place` says which words of the unit it names."""
        item, proposition, source_no = where
        start, end, quote = place
        return Judgement(
            self._annotator, item, proposition, source_no, field, value or "", start, end, quote, reason, self._codebook
        )  # fmt: skip


def _entry(rows: _Rows, unit: Unit, entry: dict[str, Any]) -> Iterator[Judgement]:
    where = (unit.item_id, entry["proposition_id"], entry["source_no"])
    for field in ENTRY_FIELDS:
        if field.endswith("_span"):
            stem = field.removesuffix("_span")
            quote = entry.get(f"{stem}_quote")
            place = _place(unit.text, quote, entry.get(f"{stem}_quote_nth"))
            yield rows.one(where, field, quote, entry["reason"], place)
        else:
            yield rows.one(where, field, entry.get(field), entry["reason"])


def _unit(rows: _Rows, unit: Unit, line: dict[str, Any]) -> Iterator[Judgement]:
    yield rows.one((unit.item_id, "", 0), "aspect", line["aspect"], line["aspect_reason"])
    for proposition, (value, reason) in line["bears_on"].items():
        yield rows.one((unit.item_id, proposition, 0), "bears_on", value, reason)
    for entry in line["entries"]:
        yield from _entry(rows, unit, entry)


def _article(rows: _Rows, key: Key, line: dict[str, Any]) -> Iterator[Judgement]:
    article = key.articles[line["article"]]
    if line["kind"] == "guess":
        reason = f"{line['reason']} (confidence {line['confidence']})"
        yield rows.one((article, "", 0), "outlet_guess", line["outlet"], reason)
        yield rows.one((article, "", 0), "country_guess", line["country"], reason)
        return
    item = f"{article}/{key.events[line['article']][int(line['event'][1:]) - 1]}"
    if line["kind"] == "claim":
        units = " ".join(key.units[unit].item_id for unit in line["units"])
        of_claim = (f"{item}/{line['claim']:02d}", "", 0)
        yield rows.one(of_claim, "claim", line["status"], line["reason"])
        yield rows.one(of_claim, "claim_units", units, line["reason"])
        return
    yield rows.one((item, "", 0), "focal_proposition", line["focal_proposition"], line["reason"])
    yield rows.one((item, "", 0), "stance", line["stance"], f"{line['reason']} “{line['quote']}”")


def read_sheet(path: Path, key: Key, annotator: str, codebook: str) -> list[Judgement]:
    """Turn a filled sheet into judgements, in the order of the sheet.

    Raises:
        InputError: a line cannot be read or names an unknown unit, article or words; all are listed with their line.
    """
    rows, judgements, problems = _Rows(annotator, codebook), [], []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            unit = key.units[line["unit"]] if "unit" in line else None
            judgements += list(_unit(rows, unit, line) if unit else _article(rows, key, line))
        except (KeyError, IndexError, ValueError, TypeError) as error:
            problems.append(f"{path}, line {number}: {type(error).__name__} {error}.")
    if problems:
        raise InputError(problems)
    return judgements
