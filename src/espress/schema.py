"""Read `schema/*.toml` into `Table` and `Column`, from which the schema is generated in every other format."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from espress.errors import SchemaError, UnknownNameError
from espress.files import explain_json_error
from espress.paths import schema_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Type = Literal[
    "string", "bool", "int32", "int64", "float64", "date", "timestamp", "list<string>", "list<struct>"
]  # fmt: skip

Edition = Literal["full", "open"]
# The part of a cell that may quote an article: the whole cell, passages between the project's own words, or long names.
Quotes = Literal["whole", "passages", "runs"]
_WITHHELD = "withheld in the open edition; `espress rejoin` fills it in"


@dataclass(frozen=True)
class Column:
    """One column, or one member of a struct: type, constraints and meaning."""

    name: str
    type: Type
    description: str
    null: str | None = None  # meaning of a null; None if the column has no nulls
    pattern: str | None = None  # regular expression that matches each whole value
    values: str | None = None  # name of the closed vocabulary
    labels: str | None = None  # name of the label vocabulary, for a label of the codebook
    references: str | None = None  # "table.column" that contains each value
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    frozen: bool = False  # a published value may change only in a new major version
    provenance: bool = False  # says how a fact is known; `espress-build diff --essential` ignores it
    withheld: bool = False  # words of an article: null in the open edition, even if `null` is None
    quotes: Quotes | None = None  # may quote an article; the open edition refers to positions instead
    members: tuple[Column, ...] = ()  # of a list<struct>

    @property
    def nullable(self) -> bool:
        """Whether nulls are allowed."""
        return self.null is not None

    @property
    def vocabulary(self) -> str | None:
        """The name of the closed list of the column's values; None if they are open."""
        return self.labels or self.values


@dataclass(frozen=True)
class Table:
    """One table of the dataset: one config of the published repository."""

    name: str
    description: str
    key: tuple[str, ...]
    order: int  # position in lists of tables
    columns: tuple[Column, ...]
    splits: tuple[str, ...] = ("train",)

    @property
    def files(self) -> dict[str, str]:
        """The names of the table's Parquet files without `.parquet`, each with the split that it holds."""
        if len(self.splits) == 1:
            return {self.name: self.splits[0]}
        return {f"{self.name}-{split}": split for split in self.splits}

    def column(self, name: str) -> Column:
        """Return the column of that name; raises UnknownNameError."""
        found = {column.name: column for column in self.columns}
        if name not in found:
            raise UnknownNameError("column", f"{self.name}.{name}", list(found))
        return found[name]


@dataclass(frozen=True)
class Schema:
    """All tables in order, the closed vocabularies, and the description of the dataset."""

    tables: tuple[Table, ...]
    vocabularies: dict[str, dict[str, str]]  # list -> term -> meaning; labels among them
    about: dict[str, Any]  # dataset.toml
    codebook: dict[str, dict[str, Any]]  # labels.toml: field -> its question, rule and classes
    guidance: dict[str, Any]  # the codebook's version, rules for open fields and claims, cues, and settled cases

    def table(self, name: str) -> Table:
        """Return the table of that name; raises UnknownNameError."""
        return _find_table("config", name, self.tables)

    @cached_property
    def files(self) -> tuple[Table, ...]:
        """A table for each Parquet file, with the name of the file; a table with several splits has several files."""
        return tuple(replace(table, name=file) for table in self.tables for file in table.files)

    def file(self, name: str) -> Table:
        """Return the table of the Parquet file of that name; raises UnknownNameError."""
        return _find_table("file", name, self.files)

    def select_edition(self, edition: Edition) -> Schema:
        """Return the schema of an edition; in the open edition, withheld columns may be null."""
        if edition == "full":
            return self
        tables = tuple(
            replace(table, columns=tuple(replace(c, null=_WITHHELD) if c.withheld else c for c in table.columns))
            for table in self.tables
        )
        return replace(self, tables=tables)

    def terms(self, column: Column) -> tuple[str, ...] | None:
        """Return the closed list of the column's values, in file order; None if the column has none."""
        return tuple(self.vocabularies[column.vocabulary]) if column.vocabulary else None


def _find_table(kind: str, name: str, tables: Iterable[Table]) -> Table:
    found = {table.name: table for table in tables}
    if name not in found:
        raise UnknownNameError(kind, name, list(found))
    return found[name]


def _read_column(raw: dict[str, Any], where: str) -> Column:
    known = {field.name for field in fields(Column)} - {"members"} | {"member"}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise SchemaError(f"{where}: unknown keys {unknown}. Known: {sorted(known)}.")
    if raw.get("type") not in get_args(Type):
        raise SchemaError(f"{where}: type {raw.get('type')!r} is not one of {list(get_args(Type))}.")
    if raw.get("quotes", "whole") not in get_args(Quotes):
        raise SchemaError(f"{where}: quotes {raw['quotes']!r} is not one of {list(get_args(Quotes))}.")
    members = tuple(_read_column(member, f"{where}.{member.get('name')}") for member in raw.get("member", ()))
    try:
        return Column(**{key: value for key, value in raw.items() if key != "member"}, members=members)
    except TypeError as error:
        raise SchemaError(f"{where}: {error}.") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SchemaError(f"{path}: {explain_json_error(error)}.") from error


def read_table(path: Path) -> Table:
    """Read one table's file; raises SchemaError, naming the file and the key."""
    raw = _read_toml(path)
    columns = tuple(_read_column(column, f"{path}: {column.get('name')}") for column in raw.pop("column", ()))
    try:
        lists: dict[str, Any] = {name: tuple(raw[name]) for name in ("key", "splits") if name in raw}
        table = Table(**{**raw, **lists}, columns=columns)
    except TypeError as error:
        raise SchemaError(f"{path}: {error}.") from error
    names = [column.name for column in columns]
    if table.name != path.stem or len(set(names)) != len(names) or not set(table.key) <= set(names):
        raise SchemaError(
            f"{path}: `name` must be the name of the file, column names must differ, and the key must be among them."
        )
    return table


def read_schema(folder: Path) -> Schema:
    """Read a schema folder; raises SchemaError."""
    tables = sorted((read_table(path) for path in folder.glob("tables/*.toml")), key=lambda table: table.order)
    lists, codebook, about = (
        _read_toml(folder / name) for name in ("vocabularies.toml", "labels.toml", "dataset.toml")
    )
    guidance = {key: codebook.pop(key) for key in ("version", "open_field", "settled")}
    guidance |= {"cue": codebook.pop("cue", []), "claims": codebook.pop("claims", {})}
    labels = {
        field: {term: entry["definition"] for term, entry in rules["classes"].items()}
        for field, rules in codebook.items()
    }
    schema = Schema(tuple(tables), lists | labels, about, codebook, guidance)
    for table in tables:
        for column in (*table.columns, *(member for parent in table.columns for member in parent.members)):
            if column.vocabulary and column.vocabulary not in schema.vocabularies:
                raise SchemaError(f"{table.name}.{column.name}: there is no vocabulary {column.vocabulary!r}.")
    return schema


@cache
def schema() -> Schema:
    """Return the schema that is installed with this code."""
    return read_schema(schema_folder())
