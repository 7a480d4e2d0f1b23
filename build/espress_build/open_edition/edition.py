"""Write the open edition: the tables and columns of the full edition without the articles' words.

Withheld columns are null; in columns that quote articles, references replace the words. `espress.rejoin` restores both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.data.integrity import compare_with_sums
from espress.errors import DamagedDataError, InputError
from espress.rejoining.quote_positions import escape
from espress.schema import schema
from espress_build.build import ChecksFailedError, seal
from espress_build.checks.validate import Outcome, validate
from espress_build.inputs.params import Editions, Params, read_params
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.open_edition.leak_check import CHECK, find_leaks
from espress_build.open_edition.quote_positions import Units, hide
from espress_build.pipeline.package import write_metadata, write_parquet

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Column, Table

    Row = dict[str, Any]


class Hiding:
    """Replaces quoted words in cells by references to their position in the units."""

    def __init__(self, sentences: list[Row], limits: Editions) -> None:
        """Index the units of all articles, and of each article."""
        by_article: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in sentences:
            by_article[row["article_id"]].append((row["sentence_id"], row["text"]))
        self._of_article = {article: Units(units) for article, units in by_article.items()}
        self._of_all = Units((row["sentence_id"], row["text"]) for row in sentences)
        self._limits = limits

    def hide_text(self, text: str | None, column: Column, row: Row, field: str | None) -> str | None:
        """Return the text of a column with references; `field` names the field that a judgement is about."""
        if text is None:
            return None
        unit = row.get("sentence_id") or row.get("item_id")
        if column.quotes == "passages" or (column.quotes == "whole" and field == "devices"):
            units = self._of_article[row["article_id"]]
            return hide(text, units, self._limits.quoted_words, quoted=1, first=unit)
        if column.quotes == "whole":
            # Votes and judgements quote only if they are about a span; other values are labels or ids.
            if field is not None and not field.endswith("_span"):
                return escape(text)
            return hide(text, self._of_article[row["article_id"]], 1, first=unit)
        return hide(text, self._of_all, self._limits.named_words)

    def hide_value(self, column: Column, row: Row) -> Any:
        """Return the value of a column that quotes or has members that quote."""
        value = row[column.name]
        if column.quotes and isinstance(value, list):
            return [self.hide_text(text, column, row, None) for text in value]
        if column.quotes:
            return self.hide_text(value, column, row, row.get("field"))
        members = [member for member in column.members if member.quotes]
        return [
            item | {one.name: self.hide_text(item[one.name], one, row, row.get("field")) for one in members}
            for item in value
        ]


def _withhold(table: Table, rows: Any, hiding: Hiding) -> Any:
    """Return one table in the form of the open edition, as a `pyarrow.Table`."""
    as_dicts = None
    for place, column in enumerate(table.columns):
        field = rows.schema.field(place).with_nullable(column.nullable or column.withheld)
        if column.withheld:
            rows = rows.set_column(place, field, pa.nulls(rows.num_rows, field.type))
        elif column.quotes or any(member.quotes for member in column.members):
            as_dicts = as_dicts or rows.to_pylist()
            values = [hiding.hide_value(column, row) for row in as_dicts]
            rows = rows.set_column(place, field, pa.array(values, field.type))
    return rows


def write_open(full: Path, open_: Path, params: Params) -> str:
    """Write tables, metadata and licence of the open edition into a new or empty folder; return the version.

    It runs no check; otherwise it raises the errors of `open_edition`.
    """
    if open_.exists() and (not open_.is_dir() or any(open_.iterdir())):
        raise InputError([f"{open_} is not empty. Name a folder that does not exist yet."])
    if problems := compare_with_sums(full):
        raise DamagedDataError(
            f"{full}, {problems[0].path}: {problems[0].what}. Build or download the full edition again."
        )
    package = json.loads((full / "datapackage.json").read_bytes())
    if package.get("edition", "full") != "full":
        raise InputError([f"{full} is an open edition already. Name the full one."])
    hiding = Hiding(pq.read_table(full / "data" / "sentences.parquet").to_pylist(), params.editions)
    for table in schema().files:
        name = f"data/{table.name}.parquet"
        file = pq.ParquetFile(full / name)
        groups = map(file.read_row_group, range(file.num_row_groups))  # the open edition has the same row groups
        rows = (_withhold(table, group, hiding) for group in groups)
        write_parquet(open_ / name, rows, table.name, params.package, edition="open")
    day = package.get("created", "")[:10] or None
    facts = describe_dataset(open_, version=package["version"], released=day, edition="open")
    write_metadata(open_, (full / "LICENSE-DATA").read_bytes(), facts)
    return str(package["version"])


def open_edition(full: Path, open_: Path) -> Outcome:
    """Write the open edition of a dataset into a new or empty folder; return the outcome of its checks.

    The same dataset gives the same bytes. Version and day of release are those of the full edition.

    Raises:
        InputError: the folder is not empty, or the dataset is an open edition itself.
        DamagedDataError: the dataset differs from its SHA256SUMS.
        ChecksFailedError: the open edition fails a check, or quotes an article.
    """
    params = read_params()
    version = write_open(full, open_, params)
    inside = validate(open_, range(2, 5))
    seal(open_, inside + Outcome((CHECK,), (), {}), version, "open")
    leaks = find_leaks(open_, full, params.editions)
    outcome = inside + validate(open_, range(1, 2)) + Outcome((CHECK,), (leaks,) if leaks else (), {})
    if outcome.errors:
        raise ChecksFailedError(outcome, open_)
    return outcome
