"""The open edition: the full one without the articles' words, in the same tables and columns.

A withheld column is null; in a column that quotes, places stand for the quoted words. `espress.rejoin` undoes both.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from espress.data.integrity import by_sums
from espress.errors import DamagedDataError, InputError
from espress.rejoining.quotations import escape
from espress.schema import schema
from espress_build.checks.validate import Outcome, all_checks, as_record, validate
from espress_build.inputs.params import Editions, Params, read_params
from espress_build.metadata.facts import about
from espress_build.open_edition.leak_check import CHECK, quoting
from espress_build.open_edition.quotations import Units, hide
from espress_build.pipeline import dataset_exchange
from espress_build.pipeline.build import ChecksFailedError
from espress_build.pipeline.package import as_json, write_metadata, write_parquet, write_sums

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.schema import Column, Table


@dataclass(frozen=True)
class Hiding:
    """What cells may quote: the units of each article as (sentence_id, text), and the limits."""

    units: dict[str, list[tuple[str, str]]]
    limits: Editions

    @cached_property
    def _of_article(self) -> dict[str, Units]:
        return {article: Units(units) for article, units in self.units.items()}

    @cached_property
    def _everywhere(self) -> Units:
        return Units(pair for units in self.units.values() for pair in units)

    def _whole(self, text: str, row: dict[str, Any], field: str | None) -> str:
        """A vote or a judgement quotes only where it is for a span; elsewhere its value is a label or an id."""
        if field is not None and not field.endswith("_span"):
            return escape(text)
        return hide(text, self._of_article[row["article_id"]], 1, first=_unit(row))

    def cell(self, text: str | None, column: Column, row: dict[str, Any], field: str | None) -> str | None:
        """Return a cell of a column that quotes, with places for words; `field` is what the value is of, if of one."""
        if text is None:
            return None
        if column.quotes == "whole":
            return self._whole(text, row, field)
        if column.quotes == "passages":
            units = self._of_article[row["article_id"]]
            return hide(text, units, self.limits.quoted_words, quoted=1, first=_unit(row))
        return hide(text, self._everywhere, self.limits.named_words)


def _unit(row: dict[str, Any]) -> str | None:
    return row.get("sentence_id") or row.get("item_id")


def _hidden(column: Column, row: dict[str, Any], hiding: Hiding) -> Any:
    value = row[column.name]
    if column.quotes and isinstance(value, list):
        return [hiding.cell(text, column, row, None) for text in value]
    if column.quotes:
        return hiding.cell(value, column, row, row.get("field"))
    quoting_members = [member for member in column.members if member.quotes]
    return [
        item | {one.name: hiding.cell(item[one.name], one, row, item.get("field")) for one in quoting_members}
        for item in value
    ]


def _emptied(declared: Table, rows: Any, hiding: Hiding) -> Any:
    """Return a `pyarrow.Table` of one config as the open edition has it."""
    as_dicts = None
    for place, column in enumerate(declared.columns):
        field = rows.schema.field(place).with_nullable(column.nullable or column.withheld)
        if column.withheld:
            rows = rows.set_column(place, field, pa.nulls(rows.num_rows, field.type))
        elif column.quotes or any(member.quotes for member in column.members):
            as_dicts = as_dicts or rows.to_pylist()
            rows = rows.set_column(
                place, field, pa.array([_hidden(column, row, hiding) for row in as_dicts], field.type)
            )
    return rows


def _batches(path: Path) -> Iterator[Any]:
    """Yield the row groups of a Parquet file, which the open edition keeps."""
    file = pq.ParquetFile(path)
    for number in range(file.num_row_groups):
        yield file.read_row_group(number)


def _write_tables(full: Path, open_: Path, params: Params) -> dict[str, int]:
    units: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in pq.read_table(full / "data" / "sentences.parquet").to_pylist():
        units[row["article_id"]].append((row["sentence_id"], row["text"]))
    hiding, rows = Hiding(units, params.editions), {}
    for table in schema().tables:
        name = f"data/{table.name}.parquet"
        emptied = (_emptied(table, batch, hiding) for batch in _batches(full / name))
        rows[table.name] = write_parquet(open_ / name, emptied, table.name, params.package, edition="open")
    return rows


def _check(open_: Path, full: Path, version: str, limits: Editions) -> Outcome:
    """Run all checks that see one dataset alone, write incidents and sums, and prove that nothing is quoted."""
    inside = validate(open_, range(2, 5))
    files = Outcome(tuple(one for one in all_checks("open") if one.level == 1), (), {})
    dataset_exchange.write_bytes(
        open_ / "incidents.json", as_json(as_record(files + inside + Outcome((CHECK,), (), {}), version))
    )
    write_sums(open_)
    quoted = quoting(open_, full, limits)
    outcome = inside + validate(open_, range(1, 2)) + Outcome((CHECK,), (quoted,) if quoted else (), {})
    if outcome.errors:
        raise ChecksFailedError(outcome)
    return outcome


def write_open(full: Path, open_: Path, params: Params) -> str:
    """Write tables, metadata and licence of the open edition into an empty or new folder; returns the version.

    Raises as `open_edition` does, but runs no check.
    """
    if open_.exists() and (not open_.is_dir() or any(open_.iterdir())):
        raise InputError([f"{open_} is not empty. Name a folder that does not exist yet."])
    if problems := by_sums(full):
        raise DamagedDataError(f"{full}, {problems[0].path}: {problems[0].what}. Build or fetch the full edition anew.")
    package = json.loads((full / "datapackage.json").read_bytes())
    if package.get("edition", "full") != "full":
        raise InputError([f"{full} is an open edition already. Name the full one."])
    released = package.get("created")
    rows = _write_tables(full, open_, params)
    said = about(open_, version=package["version"], released=released and released[:10], edition="open")
    write_metadata(open_, rows, (full / "LICENSE-DATA").read_bytes(), said)
    return str(package["version"])


def open_edition(full: Path, open_: Path) -> Outcome:
    """Write the open edition of a dataset folder into a folder that is empty or not there yet; returns its checks.

    The same bytes for the same dataset. Version and day of release are those of the full edition.

    Raises:
        InputError: the folder is not empty, or the dataset is an open edition itself.
        DamagedDataError: the dataset is not what its SHA256SUMS says.
        ChecksFailedError: the open edition fails a check, or shares words with an article.
    """
    params = read_params()
    return _check(open_, full, write_open(full, open_, params), params.editions)
