"""The open edition and the texts that a user lawfully has become the tables of the full edition again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import DamagedDataError, InputError
from espress.rejoining.match import matched
from espress.rejoining.quotations import quoted_units, restore
from espress.rejoining.user_texts import read_texts
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.data.integrity import Identity
    from espress.rejoining.user_texts import Copy, Fields
    from espress.schema import Column, Table


@dataclass(frozen=True)
class Rejoined:
    """Tables by config name as `pyarrow.Table`, and what became of each article.

    `withheld` says of each article that stays without its text why, `unknown` names texts of articles that the dataset
    does not have.
    """

    version: str
    tables: dict[str, Any]
    filled: tuple[str, ...]
    withheld: dict[str, str]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines for people."""
        total = len(self.filled) + len(self.withheld)
        lines = [f"version {self.version}: {len(self.filled)} of {total} articles have their text"]
        lines += [f"  withheld  {article}: {why}" for article, why in self.withheld.items()]
        lines += [f"  unknown   {article}: this dataset has no such article" for article in self.unknown]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Words:
    """What is known of the articles that are filled in: fields by article; texts, masked and not, by unit."""

    fields: dict[str, Fields]
    units: dict[str, str]
    masked: dict[str, str]
    before: dict[str, str]  # masked text of the unit before


def _masked(text: str, masks: list[dict[str, Any]]) -> str:
    parts, at = [], 0
    for mask in masks:
        parts += [text[at : mask["start"]], mask["mask"]]
        at = mask["end"]
    return "".join([*parts, text[at:]])


def _words(sentences: list[dict[str, Any]], fields: dict[str, Fields]) -> _Words:
    known = _Words(fields, {}, {}, {})
    last: dict[str, str] = {}
    for row in sorted(sentences, key=lambda row: (row["article_id"], row["unit_no"])):
        article, unit = row["article_id"], row["sentence_id"]
        if article not in fields:
            continue
        text = (fields[article][row["field"]] or "")[row["start"] : row["end"]]
        known.units[unit], known.masked[unit] = text, _masked(text, row["masks"])
        if article in last:
            known.before[unit] = known.masked[last[article]]
        last[article] = unit
    return known


def _part(text: str | None, start: int | None, end: int | None) -> str | None:
    return None if text is None or start is None else text[start:end]


# How each withheld cell follows from its row and the words; null where the article stays without its text.
_UNIT: dict[str, Callable[[dict[str, Any], _Words], str | None]] = {
    "text": lambda row, known: known.units.get(row["sentence_id"]),
    "text_masked": lambda row, known: known.masked.get(row["sentence_id"]),
    "context_masked": lambda row, known: known.before.get(row["sentence_id"]),
    "source_span": lambda row, known: _part(
        known.units.get(row["sentence_id"]), row["source_start"], row["source_end"]
    ),
    "cue_span": lambda row, known: _part(known.units.get(row["sentence_id"]), row["cue_start"], row["cue_end"]),
    "quote": lambda row, known: _part(known.masked.get(row["item_id"]), row["start"], row["end"]),
}


def _withheld_cell(table: str, column: str, row: dict[str, Any], known: _Words) -> str | None:
    if table == "articles":
        return known.fields.get(row["article_id"], {}).get(column)
    return _UNIT[column](row, known)


def _unquoted(cell: Any, units: Mapping[str, str]) -> Any:
    """Return a cell, or a list of cells, with words for places; one that quotes a unit without text stays as it is."""
    if isinstance(cell, list):
        return [_unquoted(part, units) for part in cell]
    if cell is None or not quoted_units(cell) <= units.keys():
        return cell
    return restore(cell, units)


def _cell(table: Table, column: Column, row: dict[str, Any], known: _Words) -> Any:
    if column.withheld:
        return _withheld_cell(table.name, column.name, row, known)
    if column.quotes:
        return _unquoted(row[column.name], known.units)
    quoting = [member.name for member in column.members if member.quotes]
    return [item | {name: _unquoted(item[name], known.units) for name in quoting} for item in row[column.name]]


def _filled(rows: Any, declared: Table, known: _Words) -> Any:
    """Return a table with words in it, with the full edition's promise of values wherever it holds again."""
    import pyarrow as pa

    there = [column for column in declared.columns if column.name in rows.schema.names]
    touched = [c for c in there if c.withheld or c.quotes or any(member.quotes for member in c.members)]
    as_dicts = rows.to_pylist() if touched else []
    for column in touched:
        place = rows.schema.get_field_index(column.name)
        field = rows.schema.field(place)
        values = pa.array([_cell(declared, column, row, known) for row in as_dicts], field.type)
        promised = not column.nullable and not values.null_count
        rows = rows.set_column(place, field.with_nullable(not promised), values)
    return rows


def _lengths(sentences: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return article -> field -> length in code points: a field ends with its last unit."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in sentences:
        found[row["article_id"]][row["field"]] = max(found[row["article_id"]].get(row["field"], 0), row["end"])
    return found


def _judged(
    articles: list[dict[str, Any]], copies: dict[str, Copy], lengths: dict[str, dict[str, int]]
) -> tuple[dict[str, Fields], dict[str, str]]:
    """Return the fields of the articles whose copies match, and why each of the others stays withheld."""
    fields: dict[str, Fields] = {}
    withheld: dict[str, str] = {}
    for article in articles:
        name = article["article_id"]
        if name not in copies:
            withheld[name] = f"no text of it is at hand; its address: {article['url'] or 'unknown'}"
            continue
        own, why = matched(article, copies[name], lengths[name])
        if own is None:
            withheld[name] = why
        else:
            fields[name] = own
    return fields, withheld


def _found(dataset: str | Path) -> Identity:
    """Return the open edition that was asked for, with every byte checked."""
    from espress.data.integrity import compare
    from espress.data.resolve import find, is_version

    version = str(dataset) if is_version(str(dataset)) and not Path(dataset).exists() else None
    place = find(version=version, edition="open") if version else find(source=dataset)
    if place.edition != "open":
        raise InputError([f"{place.folder} is the {place.edition} edition, which has its texts. Name an open edition."])
    if problems := compare(place.folder, place.wanted()):
        raise DamagedDataError(f"{place.folder}, {problems[0].path}: {problems[0].what}. Fetch the data anew.")
    return place


def rejoin(dataset: str | Path, texts: Any, out: str | Path | None = None) -> Rejoined:
    """Fill the words of articles that you lawfully have into an open edition, and return its tables.

    A text goes in only if its hashes are those that the open edition holds; the tables are then those of the full
    edition, cell by cell. What does not match stays withheld, and `withheld` says why and what to do.

    Args:
        dataset: a dataset folder or an archive of the open edition, `hub:OWNER/NAME`, or the version of a release.
        texts: a folder of `<article_id>.json`, or of pages as received (`<article_id>/source.txt`,
            `<article_id>.txt`, also .html); a file .jsonl, .json or .parquet; or a data frame, a list of dicts, or a
            dict of dicts, with article_id, title, standfirst (null: none) and text.
        out: a new folder to write the tables to, as a dataset that `espress.load(source=out)` reads.

    Raises:
        InputError: the texts cannot be read, the dataset is no open edition, or `out` holds something.
        DatasetMissingError, UnknownNameError: there is no such dataset.
        DamagedDataError: the dataset's bytes are not what it says.
    """
    import pyarrow.parquet as pq

    if out is not None and Path(out).exists():
        raise InputError([f"{out} exists already. Name a folder that does not."])
    place, copies = _found(dataset), read_texts(texts)
    paths = sorted(name for name in place.wanted() if name.startswith("data/"))
    tables = {Path(name).stem: pq.ParquetFile(place.folder / name).read() for name in paths}
    sentences = tables["sentences"].to_pylist()
    fields, withheld = _judged(tables["articles"].to_pylist(), copies, _lengths(sentences))
    known, declared = _words(sentences, fields), {table.name: table for table in schema().tables}
    full = {name: _filled(rows, declared[name], known) if name in declared else rows for name, rows in tables.items()}
    unknown = tuple(sorted(copies.keys() - fields.keys() - withheld.keys()))
    rejoined = Rejoined(place.version, full, tuple(fields), withheld, unknown)
    if out is not None:
        from espress.rejoining.dataset_folder import write

        write(rejoined, place.folder, Path(out))
    return rejoined
