"""Restore the tables of the full edition by filling a user's texts into an open edition."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.data.integrity import compare, read_sums
from espress.data.releases import SUMS
from espress.data.resolve import find, is_version
from espress.errors import DamagedDataError, InputError
from espress.files import hash_file, new_folder
from espress.masking import Mask, apply_masks, find_contexts
from espress.rejoining.match import match_copy
from espress.rejoining.old_names import describe_old_tables, is_old, use_new_names, use_old_names
from espress.rejoining.quote_positions import quoted_units, restore
from espress.rejoining.user_texts import read_texts
from espress.schema import schema
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from espress.data.integrity import Identity
    from espress.rejoining.user_texts import Copy, Fields
    from espress.schema import Column, Table

_CARD, _PACKAGE, _LICENCE = "README.md", "datapackage.json", "LICENSE-DATA"
_NOTE = """
# ESPRESS, rejoined

The open edition of version {version}, with the texts of {filled} of {articles} articles filled in by `espress rejoin`
from copies of its user. The texts are not licensed: do not pass this folder on.
"""


@dataclass(frozen=True)
class Rejoined:
    """Tables by config name as `pyarrow.Table`, and the outcome of each article.

    `withheld` gives the reason for each article whose text is still missing; `unknown` lists articles for which a text
    was given, but which the dataset does not have.
    """

    version: str
    tables: dict[str, Any]
    filled: tuple[str, ...]
    withheld: dict[str, str]
    unknown: tuple[str, ...]

    def __str__(self) -> str:
        """Return the outcome of each article as a few lines of text."""
        total = len(self.filled) + len(self.withheld)
        lines = [f"version {self.version}: {len(self.filled)} of {total} articles have their text"]
        lines += [f"  withheld  {article}: {why}" for article, why in self.withheld.items()]
        lines += [f"  unknown   {article}: this dataset has no such article" for article in self.unknown]
        return "\n".join(map(escape_for_terminal, lines))


def rejoin(dataset: str | Path, texts: Any, out: str | Path | None = None) -> Rejoined:
    """Fill the words of articles that you lawfully have into an open edition, and return its tables.

    A text is filled in only if its hashes are those of the open edition; the tables then equal those of the full
    edition, cell by cell. If a copy does not match, the article's text is still withheld, and `withheld` gives reason
    and remedy.

    Args:
        dataset: a dataset folder or an archive of the open edition, `hub:OWNER/NAME`, or the version of a release.
        texts: a folder of `<article_id>.json`, or of pages as received (`<article_id>/source.txt`,
            `<article_id>.txt`, also .html); a file .jsonl, .json or .parquet; or a data frame, a list of dicts, or a
            dict of dicts, with article_id, title, standfirst (None: the article has none) and text.
        out: a new folder for the tables, which `espress.load(source=out)` reads.

    Raises:
        InputError: the texts cannot be read, the dataset is not an open edition, or `out` exists.
        DatasetMissingError, UnknownNameError: there is no such dataset.
        DamagedDataError: the dataset's bytes differ from their hashes.
    """
    if out is not None and Path(out).exists():
        raise InputError([f"{out} exists already. Name a new folder."])
    place, copies = _find_open_edition(dataset), read_texts(texts)
    paths = sorted(name for name in place.wanted() if name.startswith("data/"))
    tables = {Path(name).stem: pq.ParquetFile(place.folder / name).read() for name in paths}
    declared = {table.name: table for table in schema().tables}
    if before_1 := is_old(tables):
        tables, declared = use_new_names(tables), describe_old_tables()
    sentences = tables["sentences"].to_pylist()
    fields, withheld = _match(tables["articles"].to_pylist(), copies, _measure(sentences))
    words = _collect_words(sentences, fields)
    full = {name: _fill(rows, declared[name], words) if name in declared else rows for name, rows in tables.items()}
    full = use_old_names(full) if before_1 else full
    unknown = tuple(sorted(copies.keys() - fields.keys() - withheld.keys()))
    rejoined = Rejoined(place.version, full, tuple(fields), withheld, unknown)
    if out is not None:
        _write(rejoined, place.folder, Path(out))
    return rejoined


def _find_open_edition(dataset: str | Path) -> Identity:
    """Return the wanted open edition after checking every byte."""
    version = str(dataset) if is_version(str(dataset)) and not Path(dataset).exists() else None
    place = find(version=version, edition="open") if version else find(source=dataset)
    if place.edition != "open":
        raise InputError(
            [f"{place.folder} is the {place.edition} edition, which already has the texts. Name an open edition."]
        )
    if problems := compare(place.folder, place.wanted()):
        raise DamagedDataError(f"{place.folder}, {problems[0].path}: {problems[0].what}. Fetch the data again.")
    return place


def _measure(sentences: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return article -> field -> length in code points: a field ends where its last unit ends."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in sentences:
        found[row["article_id"]][row["field"]] = max(found[row["article_id"]].get(row["field"], 0), row["text_end"])
    return found


def _match(
    articles: list[dict[str, Any]], copies: dict[str, Copy], lengths: dict[str, dict[str, int]]
) -> tuple[dict[str, Fields], dict[str, str]]:
    """Return the fields of the articles whose copies match, and the reason for each of the others."""
    fields: dict[str, Fields] = {}
    withheld: dict[str, str] = {}
    for article in articles:
        name = article["article_id"]
        if name not in copies:
            withheld[name] = f"no text was given for this article; its address: {article['url'] or 'unknown'}"
            continue
        own, why = match_copy(article, copies[name], lengths[name])
        if own is None:
            withheld[name] = why
        else:
            fields[name] = own
    return fields, withheld


@dataclass(frozen=True)
class _Words:
    """The texts of the articles that are filled in: fields by article; text, masked text and context by unit."""

    fields: dict[str, Fields]
    units: dict[str, str]
    masked: dict[str, str]
    contexts: dict[str, tuple[str | None, str | None]]


def _collect_words(sentences: list[dict[str, Any]], fields: dict[str, Fields]) -> _Words:
    rows = [row for row in sentences if row["article_id"] in fields]
    rows.sort(key=lambda row: (row["article_id"], row["unit_no"]))
    units = {
        row["sentence_id"]: (fields[row["article_id"]][row["field"]] or "")[row["text_start"] : row["text_end"]]
        for row in rows
    }
    masked = {
        row["sentence_id"]: apply_masks(units[row["sentence_id"]], [Mask(*mask.values()) for mask in row["masks"]])
        for row in rows
    }
    contexts = find_contexts((row["article_id"], row["sentence_id"], masked[row["sentence_id"]]) for row in rows)
    return _Words(fields, units, masked, contexts)


def _cut(text: str | None, row: dict[str, Any], name: str) -> str | None:
    """Return the words of a text between the places that a row gives for them; None without text or places."""
    start, end = row[f"{name}_start"], row[f"{name}_end"]
    return None if text is None or start is None else text[start:end]


def _last_line(text: str | None) -> str | None:
    """Return the unit before a unit, which was the whole context before 1.0.0."""
    return None if text is None else text.rsplit("\n", 1)[-1]


# How to compute each withheld cell from its row and the texts; None if the article's text is missing.
_CELLS: dict[str, Callable[[dict[str, Any], _Words], str | None]] = {
    "text": lambda row, words: words.units.get(row["sentence_id"]),
    "text_masked": lambda row, words: words.masked.get(row["sentence_id"]),
    "context_masked": lambda row, words: _last_line(words.contexts.get(row["sentence_id"], (None, None))[0]),
    "context_before_masked": lambda row, words: words.contexts.get(row["sentence_id"], (None, None))[0],
    "context_after_masked": lambda row, words: words.contexts.get(row["sentence_id"], (None, None))[1],
    "source_span": lambda row, words: _cut(words.units.get(row["sentence_id"]), row, "source_span"),
    "cue_span": lambda row, words: _cut(words.units.get(row["sentence_id"]), row, "cue_span"),
    "quote": lambda row, words: _cut(words.masked.get(row["item_id"]), row, "quote"),
}


def _fill(rows: Any, declared: Table, words: _Words) -> Any:
    """Return a table with its withheld cells filled, and with the nullability of columns in the full edition."""
    there = [column for column in declared.columns if column.name in rows.schema.names]
    touched = [c for c in there if c.withheld or c.quotes or any(member.quotes for member in c.members)]
    as_dicts = rows.to_pylist() if touched else []
    for column in touched:
        place = rows.schema.get_field_index(column.name)
        field = rows.schema.field(place)
        values = pa.array([_fill_cell(declared, column, row, words) for row in as_dicts], field.type)
        nullable = column.nullable or values.null_count > 0
        rows = rows.set_column(place, field.with_nullable(nullable), values)
    return rows


def _fill_cell(table: Table, column: Column, row: dict[str, Any], words: _Words) -> Any:
    if column.withheld and table.name == "articles":
        return words.fields.get(row["article_id"], {}).get(column.name)
    if column.withheld:
        return _CELLS[column.name](row, words)
    if column.quotes:
        return _restore(row[column.name], words.units)
    quoting = [member.name for member in column.members if member.quotes]
    return [item | {name: _restore(item[name], words.units) for name in quoting} for item in row[column.name]]


def _restore(cell: Any, units: Mapping[str, str]) -> Any:
    """Return a cell or a list of cells with words instead of references; unchanged if a quoted unit has no text."""
    if isinstance(cell, list):
        return [_restore(part, units) for part in cell]
    if cell is None or not quoted_units(cell) <= units.keys():
        return cell
    return restore(cell, units)


def _write(rejoined: Rejoined, open_: Path, out: Path) -> None:
    """Write the tables, the card and the hashes that loading needs to `out`, completely or not at all.

    Raises:
        InputError: `out` cannot be written; the message gives the reason.
    """
    try:
        with new_folder(out) as folder:
            _write_files(rejoined, open_, folder)
    except OSError as error:
        raise InputError([f"{out} cannot be written: {error}. No partial files were left."]) from error


def _write_files(rejoined: Rejoined, open_: Path, folder: Path) -> None:
    (folder / "data").mkdir()
    stated, changed = read_sums(open_), {}
    for name, table in rejoined.tables.items():
        path = folder / "data" / f"{name}.parquet"
        pq.write_table(table, path, compression="zstd")
        changed[stated[f"data/{name}.parquet"]] = hash_file(path)
    shutil.copyfile(open_ / _LICENCE, folder / _LICENCE)
    for name, change in ((_CARD, _change_card), (_PACKAGE, _change_package)):
        text = (open_ / name).read_text(encoding="utf-8")
        for old, new in changed.items():
            text = text.replace(old, new)
        (folder / name).write_text(change(text, rejoined), encoding="utf-8", newline="\n")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{hash_file(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def _change_card(text: str, rejoined: Rejoined) -> str:
    """Return the card's front matter, which `datasets` reads, with a note instead of the rest."""
    front = text.split("---\n", 2)[1]
    articles = len(rejoined.filled) + len(rejoined.withheld)
    note = _NOTE.format(version=rejoined.version, filled=len(rejoined.filled), articles=articles)
    return f"---\n{front}---\n{note}"


def _change_package(text: str, rejoined: Rejoined) -> str:
    """Return datapackage.json with its version marked as rejoined, the new edition, and no file sizes."""
    package = json.loads(text) | {"version": f"{rejoined.version}+rejoined", "edition": "full"}
    for resource in package["resources"]:
        resource.pop("bytes", None)
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"
