"""Each check that follows from the schema fails on a value that breaks its promise, and no other check of its level.

The values are made from the schema too: a column added to schema/tables/ is tested without a line here.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from itertools import count, cycle, islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.espress_build.checks import loader

from espress.schema import schema
from espress_build.checks import expectations, sql_checks
from espress_build.checks.catalogue import generated_checks, is_free_text
from espress_build.checks.validate import all_checks, validate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress.schema import Column, Table

TABLES = schema().tables
NAMES = [table.name for table in TABLES]
FOREIGN = "no such term"


def _miss_pattern(pattern: str, sound: str) -> list[str]:
    """Return values that are off the pattern, most of all by one character at an end."""
    near = [f"{sound}\n", f"!{sound}", f"{sound}𠮷", "𠮷", ""]
    return [value for value in near if not re.fullmatch(pattern, value)]


def _break(column: Column, sound: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name of the promise, a value that breaks it) for a scalar column or member."""
    if not column.nullable:
        yield "not-null", None
    if column.values or column.labels:
        yield "in-vocabulary", FOREIGN
    if column.pattern:
        yield from (("pattern", value) for value in _miss_pattern(column.pattern, sound or ""))
    if column.minimum is not None:
        yield "range", column.minimum - 1
    if column.maximum is not None:
        yield "range", column.maximum + 1


def _break_list(column: Column, sound: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield (name of the promise, a list of which one item breaks it)."""
    if not column.nullable:
        yield "not-null", None
    if column.type == "list<string>":
        yield "item-not-null", [*(sound or []), None]
        yield "item-not-blank", [*(sound or []), " "]
        yield "items-distinct", [*(sound or ["one"]), (sound or ["one"])[0]]
    for member in column.members:
        for promise, value in _break(member, sound[0].get(member.name)):
            yield f"{member.name}.item-{promise}", [*sound, sound[0] | {member.name: value}]


@dataclass
class Violations:
    """A table of which every row but those of the sound dataset breaks one promise, and which row breaks which."""

    table: Table
    rows: list[dict[str, Any]]
    expected: dict[str, list[str]] = field(default_factory=dict)  # check -> keys

    def __post_init__(self) -> None:
        """Number the keys to come."""
        self._template, self._numbers = copy.deepcopy(self.rows[0]), count()
        self._key = self.table.column(self.table.key[0])

    def _new_key(self) -> str:
        """Return a key that no row has, of the form that the schema promises."""
        like = str(self._template[self._key.name])
        taken = {row[self._key.name] for row in self.rows}
        for number in islice(self._numbers, 1000):
            digits = f"{number:02d}"
            letters = digits.translate(str.maketrans("0123456789", "abcdefghij"))
            width = len(next(iter(re.findall("[0-9]+", like)), ""))
            inside = re.sub("[0-9]+", str(number).zfill(width), like, count=1)
            # Of one length, as patterns ask.
            for key in (*(like[: -len(digits)] + ending for ending in (digits, letters)), inside):
                if key not in taken and re.fullmatch(self._key.pattern or ".*", key):
                    return key
        raise AssertionError

    def add(self, promise: str, column: str, value: Any) -> None:
        """Add a row with that value, which breaks that promise of the column alone."""
        row = copy.deepcopy(self._template) | {self._key.name: self._new_key()} | {column: value}
        self.rows.append(row)
        inside = ".item" in f".{promise}"  # a query, which names the row by the first part of its key
        self.expected.setdefault(f"{self.table.name}.{column}.{promise}", []).append(self._show_key(row, inside=inside))

    def _show_key(self, row: dict[str, Any], *, inside: bool = False) -> str:
        parts = [row[name] for name in (self.table.key[:1] if inside else self.table.key)]
        return "/".join(map(str, parts))

    def add_blank(self) -> None:
        """Add a row with a blank in the first column of free text, if the table has one."""
        for column in [one.name for one in self.table.columns if is_free_text(self.table, one)][:1]:
            row = copy.deepcopy(self._template) | {self._key.name: self._new_key(), column: " "}
            self.rows.append(row)
            self.expected[f"{self.table.name}.not-blank"] = [self._show_key(row, inside=True)]

    def add_twins(self) -> None:
        """Add two sound rows with one key."""
        key = self._new_key()
        twins = [copy.deepcopy(self._template) | {self._key.name: key} for _ in range(2)]
        self.rows += twins
        self.expected[f"{self.table.name}.key-unique"] = [self._show_key(twin) for twin in twins]


def _find_sound(rows: list[dict[str, Any]], column: Column) -> Any:
    """Return a sound value of the column that is neither null nor empty."""
    found = next((row[column.name] for row in rows if row.get(column.name)), None)
    assert found or not column.members, f"validation/cases/base.json needs a row with a value in {column.name}"
    return found


def _violate(table: Table) -> Violations:
    # The few labels of base.json give no shortcuts; a case adds one.
    case = loader.read_case(loader.CASES / "shortcuts-computed" / "case.toml")
    made = Violations(
        table, (loader.changed_rows(case) if table.name == "shortcuts" else loader.base_rows())[table.name]
    )
    for column in table.columns:
        value = _find_sound(made.rows, column)
        broken = _break_list(column, value) if column.type.startswith("list") else _break(column, value)
        for promise, wrong in list(broken):
            made.add(promise, column.name, wrong)
    made.add_blank()
    made.add_twins()
    return made


def _list_checks(level: int, table: str) -> list[str]:
    return [
        check.id for check in generated_checks(schema()) if check.level == level and check.id.startswith(f"{table}.")
    ]


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_promise_of_a_column_is_checked_and_each_row_fails_for_its_own_reason_only(
    table: Table, tmp_path: Path
) -> None:
    made = _violate(table)
    assert sorted(made.expected) == sorted(_list_checks(3, table.name))

    tables = loader.tables_of(loader.base_rows() | {table.name: made.rows}, sound=False)
    loader.write_tables(tmp_path, tables)
    checks = [check for check in all_checks() if check.level == 3]
    found = expectations.run_expectations(
        tmp_path, [check for check in checks if check.gx and check.table == table.name]
    )
    with sql_checks.connect(tmp_path) as connection:
        found += sql_checks.run_queries(connection, [check for check in checks if check.sql])
    shown = {one.check: sorted(one.keys) for one in found}
    assert shown == {check: sorted(keys) for check, keys in made.expected.items()}
    assert all(one.count == len(one.keys) for one in found)


def _rename(table: Any) -> Any:
    return table.rename_columns([*table.column_names[:-1], "renamed"])


def _reorder(table: Any) -> Any:
    return table.select(table.column_names[::-1])


def _shorten(table: Any) -> Any:
    return table.select(table.column_names[:-1])


def _lengthen(table: Any) -> Any:
    return table.append_column("more", pa.nulls(table.num_rows, pa.string()))


def _add_index(table: Any) -> Any:
    """A column that pandas takes for its index and does not list among the columns."""
    frame = table.to_pandas()
    frame.index = frame.index.rename("hidden") + 1
    return table.append_column("hidden", pa.array(frame.index, pa.int64())).replace_schema_metadata(
        pa.Table.from_pandas(frame.iloc[:, :0], preserve_index=True).schema.metadata
    )


def test_columns_are_checked_by_name_and_order(tmp_path: Path) -> None:
    """All tables at once, each damaged in one way: `parquet-types`, which looks up columns by name, finds no type."""
    tables = loader.tables_of(loader.base_rows())
    folder = loader.write_dataset(tmp_path, tables)
    damages = cycle([_rename, _reorder, _shorten, _lengthen, _add_index])
    parts = loader.split_into_files(tables)
    for table, damage in zip(TABLES, damages, strict=False):
        for file in table.files:
            pq.write_table(damage(parts[file]), folder / "data" / f"{file}.parquet")
    found = validate(folder, range(2, 3)).incidents
    assert [one.check for one in found] == [
        "parquet-types",
        *(check for name in NAMES for check in _list_checks(2, name)),
    ]
    assert "metadata of its own: pandas" in found[0].detail


def _list_references() -> list[tuple[Table, Column]]:
    return [(table, column) for table in TABLES for column in table.columns if column.references]


def test_every_reference_to_nowhere_is_found(tmp_path: Path) -> None:
    """All at once, each in the last row of its table, among sound ids where the column is a list."""
    rows, expected = loader.base_rows(), {}
    for table, column in _list_references():
        row = rows[table.name][-1]
        row[column.name] = [*row[column.name], "nowhere"] if column.type.startswith("list") else "nowhere"
        expected[f"{table.name}.{column.name}.references"] = (row[table.key[0]],)
    assert list(expected) == [check for name in NAMES for check in _list_checks(4, name)]

    outcome = validate(loader.write_tables(tmp_path, loader.tables_of(rows)), range(4, 5))
    assert {one.check: one.keys for one in outcome.incidents} == expected


@pytest.mark.parametrize(
    ("table", "column"), _list_references(), ids=[f"{t.name}.{c.name}" for t, c in _list_references()]
)
def test_a_reference_to_nowhere_is_the_only_incident(table: Table, column: Column, tmp_path: Path) -> None:
    """Checks that join rows wait until they can, and say so: else each would report the same fault in its own words."""
    rows = loader.base_rows()
    rows[table.name][0][column.name] = ["nowhere"] if column.type.startswith("list") else "nowhere"
    outcome = validate(loader.write_tables(tmp_path, loader.tables_of(rows)), range(4, 5))
    assert [one.check for one in outcome.incidents] == [f"{table.name}.{column.name}.references"]
    waiting = sum(check.level == 4 for check in all_checks()) - len(outcome.ran)
    assert outcome.skipped == {4: f"{waiting} of its checks, because rows refer to rows that do not exist"}
    assert {check.id for check in outcome.ran} == {check for name in NAMES for check in _list_checks(4, name)}
