"""All checks: those generated from the schema, and those written by hand in validation/expectations.toml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from espress.errors import InputError
from espress.masking import CONTEXT_UNITS
from espress.schema import schema
from espress_build.checks.incident import Check
from espress_build.inputs.params import read_params
from espress_build.inputs.toml_files import read_toml, structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.schema import Column, Schema, Table

_PACKED = Path(__file__).parent.parent / "_expectations.toml"  # in a wheel
EXPECTATIONS_FILE = (
    _PACKED if _PACKED.is_file() else Path(__file__).parent.parent.parent.parent / "validation" / "expectations.toml"
)
_WAYS = ("gx", "sql", "python")


def _reference_check(schema: Schema, table: Table, column: Column) -> Check:
    """Return the check that every value of a column is a key of the table that it refers to."""
    reference = str(column.references)
    other, field = reference.split(".")
    schema.table(other).column(field)  # raises an error if the schema has no such column
    value = f"unnest({column.name})" if column.type.startswith("list") else column.name
    sql = (
        f"SELECT key, 'names ' || value || ', which is not in {reference}' "
        f'FROM (SELECT {table.key[0]} AS key, {value} AS value FROM "{table.name}") '
        f'WHERE value IS NOT NULL AND value NOT IN (SELECT {field} FROM "{other}") ORDER BY ALL'
    )
    return Check(f"{table.name}.{column.name}.references", 4, f"each value occurs in {reference}", sql=sql)


def reference_checks(schema: Schema) -> list[Check]:
    """Return one check for each column that refers to another table."""
    columns = [(table, column) for table in schema.tables for column in table.columns if column.references]
    return [_reference_check(schema, table, column) for table, column in columns]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Constraint(NamedTuple):
    """What the schema requires, as an expectation and in SQL."""

    name: str
    why: str
    kind: str  # class of Great Expectations
    arguments: dict[str, Any]
    violated: str = ""  # SQL condition on `value`


def _list_constraints(schema: Schema, column: Column, part: str, *, nullable: bool) -> Iterator[_Constraint]:
    """Yield the constraints of a column; `part` says what each value belongs to."""
    if not nullable:
        why = f"the schema requires a value in each {part}"
        yield _Constraint("not-null", why, "ExpectColumnValuesToNotBeNull", {}, "value IS NULL")
    if terms := schema.terms(column):
        why, listed = f"the vocabulary {column.vocabulary} is closed", ", ".join(map(_quote, terms))
        arguments: dict[str, Any] = {"value_set": list(terms)}
        yield _Constraint("in-vocabulary", why, "ExpectColumnValuesToBeInSet", arguments, f"value NOT IN ({listed})")
    if column.pattern:
        why, violated = "the schema requires this form", f"NOT regexp_full_match(value, {_quote(column.pattern)})"
        arguments = {"regex": rf"^(?:{column.pattern})\Z"}  # Python's `$` also matches before a final line end
        yield _Constraint("pattern", why, "ExpectColumnValuesToMatchRegex", arguments, violated)
    bounds = [f"value < {column.minimum}"] * (column.minimum is not None)
    bounds += [f"value > {column.maximum}"] * (column.maximum is not None)
    if bounds:
        why, arguments = "the schema requires this range", {"min_value": column.minimum, "max_value": column.maximum}
        yield _Constraint("range", why, "ExpectColumnValuesToBeBetween", arguments, " OR ".join(bounds))


def _expect(table: Table, level: int, one: _Constraint, column: str | None = None) -> Check:
    arguments = tuple(sorted((one.arguments | ({"column": column} if column else {})).items()))
    name = ".".join(filter(None, (table.name, column, one.name)))
    return Check(name, level, one.why, table=table.name, gx=one.kind, arguments=arguments)


def expectation_checks(schema: Schema) -> list[Check]:
    """Return the checks for Great Expectations: of each table's columns and key, and of each column's constraints."""
    checks = []
    for table in schema.tables:
        why, listed = "readers rely on the declared columns and their order", [column.name for column in table.columns]
        names = _Constraint("columns", why, "ExpectTableColumnsToMatchOrderedList", {"column_list": listed})
        single = len(table.key) == 1
        kind = "ExpectColumnValuesToBeUnique" if single else "ExpectCompoundColumnsToBeUnique"
        arguments: dict[str, Any] = {"column": table.key[0]} if single else {"column_list": list(table.key)}
        key = _Constraint("key-unique", "each key belongs to one row", kind, arguments)
        checks += [_expect(table, 2, names), _expect(table, 3, key)]
        for column in table.columns:
            for one in _list_constraints(schema, column, "row", nullable=column.nullable):
                if one.name == "not-null" or not column.type.startswith("list"):
                    checks.append(_expect(table, 3, one, column.name))
    return checks


_NOT_BLANK = _Constraint("not-blank", "an item without characters names nothing", "", {}, "trim(value) = ''")


def _item_check(table: Table, stem: str, value: str, one: _Constraint) -> Check:
    column = stem.split(".", maxsplit=1)[0]
    sql = (
        f"SELECT key, 'an item of {stem} is ' || coalesce(value::VARCHAR, 'null') FROM (SELECT key, {value} AS value "
        f'FROM (SELECT "{table.key[0]}" AS key, unnest("{column}") AS item FROM "{table.name}")) '
        f"WHERE {one.violated} ORDER BY ALL"
    )
    return Check(f"{table.name}.{stem}.item-{one.name}", 3, one.why, sql=sql)


def _distinct_check(table: Table, column: Column) -> Check:
    sql = (
        f'SELECT "{table.key[0]}", \'{column.name} names an item twice\' FROM "{table.name}" '
        f'WHERE len(list_filter("{column.name}", lambda item: item IS NOT NULL)) > len(list_distinct("{column.name}")) '
        "ORDER BY ALL"
    )
    return Check(f"{table.name}.{column.name}.items-distinct", 3, "an item named twice counts twice", sql=sql)


def item_checks(schema: Schema) -> list[Check]:
    """Return the checks of level 3 on the items of lists, which Great Expectations does not see, in schema order."""
    checks = []
    for table in schema.tables:
        for column in table.columns:
            if column.type == "list<string>":
                every = (*_list_constraints(schema, column, "item", nullable=False), _NOT_BLANK)
                checks += [_item_check(table, column.name, "item", one) for one in every]
                checks.append(_distinct_check(table, column))
            for member in column.members:
                own = _list_constraints(schema, member, "item", nullable=member.nullable)
                stem, value = f"{column.name}.{member.name}", f'item."{member.name}"'
                checks += [_item_check(table, stem, value, one) for one in own]
    return checks


def is_free_text(table: Table, column: Column) -> bool:
    """Return whether no pattern, vocabulary or key says which strings a column may hold."""
    return column.type == "string" and not (column.pattern or column.vocabulary or column.name in table.key)


def blank_checks(schema: Schema) -> list[Check]:
    """Return one check of level 3 for each table with free text: a string has characters, or the cell is null."""
    checks = []
    for table in schema.tables:
        names = [column.name for column in table.columns if is_free_text(table, column)]
        if not names:
            continue
        listed = ", ".join(f"""CASE WHEN trim("{name}") = '' THEN '{name}' END""" for name in names)
        sql = (
            f"SELECT key, blank || ' is blank' FROM (SELECT \"{table.key[0]}\" AS key, unnest([{listed}]) AS blank "
            f'FROM "{table.name}") WHERE blank IS NOT NULL ORDER BY ALL'
        )
        checks.append(Check(f"{table.name}.not-blank", 3, "what is unknown is null; a blank says nothing", sql=sql))
    return checks


def withheld_checks(schema: Schema) -> list[Check]:
    """Return one check of level 3 for each table of the open edition that withholds columns: they are null."""
    checks = []
    for table in schema.tables:
        for column in table.columns:
            if column.withheld:
                sql = (
                    f'SELECT "{table.key[0]}", \'{column.name} has a value\' FROM "{table.name}" '
                    f'WHERE "{column.name}" IS NOT NULL ORDER BY ALL'
                )
                why = "the open edition is published without permission to use the words of the articles"
                checks.append(Check(f"{table.name}.{column.name}.withheld", 3, why, sql=sql))
    return checks


def generated_checks(schema: Schema) -> list[Check]:
    """Return every check that follows from the schema: for Great Expectations, on items of lists, on references."""
    return expectation_checks(schema) + item_checks(schema) + blank_checks(schema) + reference_checks(schema)


def written_checks(path: Path = EXPECTATIONS_FILE) -> list[Check]:
    """Return the checks written by hand; raises InputError with every fault of every entry.

    `$fewest_passes` and `$context_units` in a reason or a query stand for the values of the build, `$last_year` for the
    year in schema/dataset.toml.
    """
    checks, problems = [], []
    settings = {
        "fewest_passes": read_params().label.fewest_passes, "context_units": CONTEXT_UNITS,
        "last_year": int(schema().about["year"]),
    }  # fmt: skip
    for name, entry in read_toml(path).items():
        for key in {"why", "sql"} & set(entry):
            entry[key] = Template(str(entry[key])).safe_substitute(settings)
        arguments = tuple(sorted(entry.pop("arguments", {}).items()))
        check, found = structure(Check, {"id": name} | entry, f"[{name}]")
        ways = sum(way in entry for way in _WAYS)
        if ways != 1 or "id" in entry or ("gx" in entry) != ("table" in entry):
            found.append(f"[{name}] needs one of {_WAYS} (gx with a table and arguments), and its id is its name")
        checks += [replace(check, arguments=arguments)] if check else []
        problems += [f"{path}: {problem}." for problem in found]
    if problems:
        raise InputError(problems)
    return checks
