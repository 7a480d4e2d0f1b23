"""Check the expectations of level 3 in one SQL query a table.

Great Expectations holds a table in pandas and makes several passes over it for each expectation. DuckDB reads the file
once for all of them. The incidents are the same, except that pandas shows whole numbers beside nulls as `5.0`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress_build.checks.incident import SHOWN_ROWS, Check, Incident
from espress_build.checks.sql_checks import quote_path
from espress_build.tables import list_files

if TYPE_CHECKING:
    from pathlib import Path

# The characters that Python's \\s matches; that of RE2 matches ASCII alone.
_SPACE = r"\x{9}-\x{d}\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_REWRITTEN = {
    r"[\s\S]": r"[\x{0}-\x{10ffff}]", r"[^\s]": f"[^{_SPACE}]", r"\s": f"[{_SPACE}]", r"\S": f"[^{_SPACE}]",
    r"$)\Z": r")\z", r"\Z": r"\z", r"(?:": "(?:",
}  # fmt: skip
# `\\u2028`, `\\x0b` and escaped punctuation are translated for RE2; patterns with other special parts are not.
_PART = re.compile(
    "|".join(map(re.escape, _REWRITTEN)) + r"|\\u(?P<u>[0-9a-f]{4})|\\x(?P<x>[0-9a-f]{2})"
    r"|(?P<c>\\[nrt])|(?P<e>\\[^\w\s])|(?P<bad>\\|\$|\(\?)|(?P<plain>[\s\S])"
)


def translate_pattern(pattern: str) -> str | None:
    """Return a pattern of Python in the syntax of RE2, or None if Python and RE2 read a part of it differently."""

    def rewrite(part: re.Match[str]) -> str:
        code = part["u"] or part["x"]
        return _REWRITTEN.get(part[0]) or (rf"\x{{{code}}}" if code else part[0])

    parts = list(_PART.finditer(pattern))
    return None if any(part["bad"] for part in parts) else "".join(map(rewrite, parts))


def _quote(value: object) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _name(column: object) -> str:
    return '"' + str(column).replace('"', '""') + '"'


def _bounds(value: str, given: dict[str, Any]) -> str | None:
    least, most = given.get("min_value"), given.get("max_value")
    if not all(isinstance(one, int | float | None) for one in (least, most)) or set(given) - _BOUNDS:
        return None
    broken = [f"{value} < {least}"] * (least is not None) + [f"{value} > {most}"] * (most is not None)
    return "(" + " OR ".join(broken) + ")"


_BOUNDS = {"column", "min_value", "max_value"}


def _is_float(check: Check) -> bool:
    """Return whether the column of a check may hold NaN, which pandas takes for null."""
    name = dict(check.arguments).get("column")
    columns = schema().table(str(check.table)).columns
    return any(column.name == name and column.type.startswith("float") for column in columns)


def make_condition(check: Check) -> str | None:
    """Return the SQL condition of a row that violates an expectation about one value; None for other expectations."""
    given = dict(check.arguments)
    column = _name(given.get("column"))
    missing = f"{column} IS NULL" + (f" OR isnan({column})" if _is_float(check) else "")
    filled = f"NOT ({missing}) AND "
    if check.gx == "ExpectColumnValuesToNotBeNull":
        return missing
    if check.gx == "ExpectColumnValuesToBeInSet":
        allowed: Any = given["value_set"]
        return filled + f"{column} NOT IN ({', '.join(map(_quote, allowed))})"
    if check.gx in ("ExpectColumnValuesToBeBetween", "ExpectColumnValueLengthsToBeBetween"):
        broken = _bounds(column if check.gx == "ExpectColumnValuesToBeBetween" else f"length({column})", given)
        return broken and filled + broken
    if check.gx in ("ExpectColumnValuesToMatchRegex", "ExpectColumnValuesToNotMatchRegex"):
        pattern = translate_pattern(str(given["regex"]))
        matches = f"regexp_matches({column}, {_quote(pattern)})"
        wrong = f"NOT {matches}" if check.gx == "ExpectColumnValuesToMatchRegex" else matches
        return pattern and filled + wrong
    return None


def _unique_columns(check: Check) -> list[str]:
    """Return the columns whose values must differ together; none for other expectations."""
    given = dict(check.arguments)
    if check.gx == "ExpectColumnValuesToBeUnique":
        return [str(given["column"])]
    several: Any = given["column_list"] if check.gx == "ExpectCompoundColumnsToBeUnique" else ()
    return list(several)


class _Table:
    """The Parquet files of a table, queried with DuckDB."""

    def __init__(self, connection: Any, folder: Path, table: str) -> None:
        """Name the files of a table of a dataset."""
        listed = ", ".join(quote_path(path) for path in list_files(folder, table))
        self._key = schema().table(table).key
        self._rows = f"read_parquet([{listed}], filename=true, file_row_number=true)"
        self._order = f"list_position([{listed}], filename), file_row_number"
        self._connection = connection

    def count(self, conditions: list[str]) -> list[int]:
        """Return how many rows meet each condition, in one pass over the files."""
        counted = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
        query = f"SELECT [{counted}]::BIGINT[] FROM {self._rows}"
        return list(self._connection.execute(query).fetchall()[0][0]) if conditions else []

    def repeated(self, columns: list[str]) -> tuple[int, str]:
        """Return how many rows share their values in these columns with another, and the condition of such a row."""
        names = ", ".join(map(_name, columns))
        some = " OR ".join(f"{_name(column)} IS NOT NULL" for column in columns)
        groups = f"SELECT {names}, count(*) AS times FROM {self._rows} WHERE {some} GROUP BY ALL HAVING times > 1"
        counted = self._connection.execute(f"SELECT coalesce(sum(times), 0)::BIGINT FROM ({groups})").fetchall()[0][0]
        same = " AND ".join(f"given.{_name(column)} IS NOT DISTINCT FROM groups.{_name(column)}" for column in columns)
        return counted, f"EXISTS (FROM ({groups}) AS groups WHERE {same})" if counted else ""

    def report(self, check: Check, count: int, condition: str, columns: list[str]) -> Incident:
        """Return the incident of an expectation that these rows violate."""
        wanted = dict.fromkeys((*self._key, *columns))
        rows = self._connection.execute(
            f"SELECT {', '.join(map(_name, wanted))} FROM {self._rows} AS given WHERE {condition} "
            f"ORDER BY {self._order} LIMIT {SHOWN_ROWS}"
        ).fetchall()
        found = [dict(zip(wanted, row, strict=True)) for row in rows]
        keys = tuple("/".join(str(row[part]) for part in self._key) for row in found)
        values = [row[columns[0]] if len(columns) == 1 else {name: row[name] for name in columns} for row in found[:3]]
        shown = ", ".join(repr(value) for value in values if value is not None)
        detail = f"{check.gx} does not hold" + (f", found {shown}" if shown else "")
        return Incident(check.id, check.level, check.severity, check.why, count, keys, detail)


def run_in_sql(connection: Any, folder: Path, table: str, checks: list[Check]) -> tuple[list[Incident], list[Check]]:
    """Run the expectations of a table that can be written in SQL; returns incidents, and the checks that cannot."""
    conditions = [(check, make_condition(check)) for check in checks]
    rest = [check for check, condition in conditions if not condition and not _unique_columns(check)]
    counted = [(check, condition) for check, condition in conditions if condition]
    found = []
    given = _Table(connection, folder, table)
    for (check, condition), count in zip(counted, given.count([one for _, one in counted]), strict=True):
        if count:
            found.append(given.report(check, count, condition, [str(dict(check.arguments)["column"])]))
    for check in checks:
        if columns := _unique_columns(check):
            count, condition = given.repeated(columns)
            found += [given.report(check, count, condition, columns)] if count else []
    return found, rest
