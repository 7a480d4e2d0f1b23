# A case is a file validation/cases/<check-id>/<name>.toml: the smallest change to the sound dataset of base.json that
# fails that check and only that check. `case.toml` is the plain case; a file of another name is a trap that the check
# once fell into, or might. Keys of a case:
#
#   level = 4                   the level that fails
#   severity = "warning"        error, if left out
#   keys = ["…"]                the rows that the incident names, in its order; [] in sound-….toml, which must pass
#   beside = ["…"]              further checks that see the same change, because they compute the column again
#
#   [[set]]   table, row (from 0), column, and value or null = true; at = [2, "field"] goes into a list of structs
#   [[add]]   table, like (row to copy, if any), changes = { column = value, … }, nulls = [columns that become null]
#   [[drop]]  table, row
#   [[type]]  table, column, type (an Arrow type name): the column is written with that type
#   [[move]]  table, row, file (of another split): the row is written there, whatever its split
#   [[file]]  path, and one of append, write, replace = [old, new], remove = true; sums = true writes SHA256SUMS anew
#
# They are done in this order. `in = "before"` changes the dataset before, which level 5 compares with, instead of the
# dataset itself; a case without it has no dataset before, but for level 5.
#
# base.json leaves out what follows from the rest: of a judgement its id, its article, its kind (a model has a family),
# codebook 1.0.0, current and counted; of a unit in which nothing is masked, text_masked and masks; of a row of labels,
# its folds.
"""The sound dataset of validation/cases/base.json, and the cases that break it, as dataset folders."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import shutil
import tomllib
from collections import Counter
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from tests.helpers import PROJECT

from espress.paths import licence_file
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.checks import recomputed
from espress_build.checks.expectations import _run_in_duckdb as run_in_duckdb
from espress_build.checks.sql_checks import quote_path, run_queries
from espress_build.checks.validate import Outcome, all_checks, make_record, validate
from espress_build.checks.validate import _run_functions as run_functions
from espress_build.inputs.params import read_params
from espress_build.pipeline.package import as_json, make_metadata, write_metadata, write_parquet, write_sums
from espress_build.tables import list_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.schema import Table
    from espress_build.checks.incident import Check, Incident

CASES = PROJECT / "validation" / "cases"

Rows = dict[str, list[dict[str, Any]]]  # table -> rows; a column left out is null


@dataclass(frozen=True)
class Case:
    """One case: the check that it fails, and what it changes."""

    path: Path
    check: str
    level: int
    severity: str
    keys: tuple[str, ...]
    changes: dict[str, list[dict[str, Any]]]  # kind -> changes
    beside: tuple[str, ...] = ()  # further checks of the level that see the same change

    def __str__(self) -> str:
        """Name it as tests do."""
        return self.check if self.path.stem == "case" else f"{self.check}/{self.path.stem}"


_KINDS = ("set", "add", "drop", "type", "move", "file")


def read_case(path: Path) -> Case:
    """Read one case; an unknown key is an error."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    changes = {kind: raw.pop(kind, []) for kind in _KINDS}
    level, keys, severity = raw.pop("level"), tuple(raw.pop("keys")), raw.pop("severity", "error")
    beside = tuple(raw.pop("beside", ()))
    assert not raw, f"{path}: unknown keys {sorted(raw)}"
    return Case(path, path.parent.name, level, severity, keys, changes, beside)


def all_cases() -> list[Case]:
    """Return every case, in order of checks and names."""
    return [read_case(path) for path in sorted(CASES.glob("*/*.toml"))]


def merged(cases: list[Case]) -> Case:
    """Return a case with the changes of all."""
    changes = {kind: [one for case in cases for one in case.changes[kind]] for kind in _KINDS}
    return Case(Path("merged"), "merged", max(case.level for case in cases), "error", (), changes)


def _judgement(row: dict[str, Any], earlier: Counter[str]) -> dict[str, Any]:
    """Fill in what a judgement of base.json leaves out; `earlier` counts the judgements of each key so far."""
    parts = [row["annotator"], row["item_id"], row.get("proposition_id", ""), row.get("source_no", 0), row["field"]]
    key = ":".join(map(str, parts))
    earlier[key] += 1
    made_by = {"annotator_kind": "model" if "family" in row else "human", "codebook": "1.0.0", "current": True}
    made_by["is_counted"] = row.get("current", True)
    about = {"judgement_id": f"{key}:{earlier[key]}", "article_id": re.split("[./]", row["item_id"])[0]}
    return about | made_by | row


@cache
def _base() -> Rows:
    rows: Rows = json.loads((CASES / "base.json").read_text(encoding="utf-8"))
    earlier: Counter[str] = Counter()
    rows["annotations"] = [_judgement(row, earlier) for row in rows["annotations"]]
    return rows


def base_rows() -> Rows:
    """Return the rows of the sound dataset, yours to change."""
    return copy.deepcopy(_base())


def _apply_set(rows: Rows, change: dict[str, Any]) -> None:
    holder: Any = rows[change["table"]][change["row"]]
    steps: list[Any] = [change["column"], *change.get("at", ())]
    last = steps.pop()
    for step in steps:
        holder = holder[step]
    holder[last] = None if change.get("null") else change["value"]


def changed_rows(case: Case, where: str = "now") -> Rows:
    """Return the rows of the sound dataset with the changes of a case to `now` or `before`."""
    rows = base_rows()
    changes = {kind: [one for one in case.changes[kind] if one.get("in", "now") == where] for kind in _KINDS}
    for change in changes["set"]:
        _apply_set(rows, change)
    for change in changes["add"]:
        own = rows[change["table"]]
        like = copy.deepcopy(own[change["like"]]) if "like" in change else {}
        own.append(like | change["changes"] | dict.fromkeys(change.get("nulls", ())))
    for change in changes["drop"]:
        rows[change["table"]].pop(change["row"])
    return rows


def _parsed(value: Any, wanted: Any) -> Any:
    """Return a value of JSON as Arrow takes it: dates and times are strings there."""
    if not isinstance(value, str):
        return value
    if pa.types.is_date(wanted):
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if pa.types.is_timestamp(wanted) else value


def relaxed(wanted: Any) -> Any:
    """Return an Arrow type or schema in which nulls are allowed everywhere, so that they can be written."""
    if isinstance(wanted, pa.Schema):
        return pa.schema([pa.field(field.name, relaxed(field.type)) for field in wanted])
    if pa.types.is_list(wanted):
        return pa.list_(relaxed(wanted.value_type))
    if pa.types.is_struct(wanted):
        return pa.struct([pa.field(field.name, relaxed(field.type)) for field in wanted])
    return wanted


def _unmasked(row: dict[str, Any]) -> dict[str, Any]:
    return {"text_masked": row["text"] or "-", "masks": []} | row


def _with_folds(rows: list[dict[str, Any]], splits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    folds = {(row.get("split"), row.get("article_id")): row.get("fold") for row in splits}
    return [{f"fold_{way}": folds.get((way, row["article_id"])) for way in ("article", "block")} | row for row in rows]


def tables_of(rows: Rows, *, sound: bool = True) -> dict[str, Any]:
    """Return Arrow tables of the rows; `sound=False` allows nulls where the schema forbids them."""
    labels = {name: _with_folds(rows[name], rows["splits"]) for name in ("relevance", "entries")}
    rows |= {"sentences": [_unmasked(row) for row in rows["sentences"]]} | labels
    return {table.name: _table_of(table, rows[table.name], sound=sound) for table in schema().tables}


_MADE: dict[str, tuple[list[dict[str, Any]], Any]] = {}  # table -> the rows that came first, and their Arrow table


def _table_of(table: Table, rows: list[dict[str, Any]], *, sound: bool) -> Any:
    if sound and table.name in _MADE and _MADE[table.name][0] == rows:
        return _MADE[table.name][1]
    declared = arrow_schema(table)
    own = [{field.name: _parsed(row.get(field.name), field.type) for field in declared} for row in rows]
    made = pa.Table.from_pylist(own, schema=declared if sound else relaxed(declared))
    if sound and table.name not in _MADE:
        _MADE[table.name] = copy.deepcopy(rows), made
    return made


_WRITTEN: dict[str, tuple[Any, bytes]] = {}  # file -> the table that was written first, and its bytes


def write_tables(folder: Path, tables: dict[str, Any], moves: Sequence[dict[str, Any]] = ()) -> Path:
    """Write Arrow tables as the files of a dataset, in the package stage if they have its types; return the folder."""
    for name, table in split_into_files(tables, moves).items():
        path = folder / "data" / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in _WRITTEN and _WRITTEN[name][0].equals(table, check_metadata=True):
            path.write_bytes(_WRITTEN[name][1])
        elif table.schema.equals(arrow_schema(schema().file(name))):
            write_parquet(path, [table], name, read_params().package)
            _WRITTEN.setdefault(name, (table, path.read_bytes()))
        else:
            pq.write_table(table, path)
    return folder


def split_into_files(tables: dict[str, Any], moves: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the table of each Parquet file; rows of no known split are in the first file, unless they are moved."""
    found = {}
    for name, table in tables.items():
        files = schema().table(name).files if name in {one.name for one in schema().tables} else {name: ""}
        splits = table["split"].to_pylist() if len(files) > 1 else []
        first, by_split = next(iter(files)), {split: file for file, split in files.items()}
        places = [by_split.get(split, first) for split in splits]
        for move in moves:
            if move["table"] == name:
                places[move["row"]] = move["file"]
        for file in files:
            own = [place == file for place in places]
            found[file] = table.filter(pa.array(own, pa.bool_())) if len(files) > 1 else table
    return found


@cache
def _no_incidents() -> bytes:
    return as_json(make_record(Outcome(tuple(check for check in all_checks() if check.level < 5), (), {})))


_METADATA: dict[object, dict[str, bytes]] = {}


def _remember_metadata(folder: Path, about: Any) -> dict[str, bytes]:
    """Stand in for `make_metadata`: the check of a dataset makes again what was made when it was written."""
    key = (*((path.name, _digest(path)) for path in sorted((folder / "data").iterdir())), repr(about))
    if key not in _METADATA:
        _METADATA.clear()
        _METADATA[key] = make_metadata(folder, about)
    return _METADATA[key]


def write_dataset(folder: Path, tables: dict[str, Any], moves: Sequence[dict[str, Any]] = ()) -> Path:
    """Write a whole dataset folder of these tables; returns it."""
    write_tables(folder, tables, moves)
    with patch("espress_build.pipeline.package.make_metadata", _remember_metadata):
        write_metadata(folder, licence_file().read_bytes())
    (folder / "incidents.json").write_bytes(_no_incidents())
    write_sums(folder)
    return folder


def sum_anew(folder: Path) -> None:
    """Write SHA256SUMS for the files as they are."""
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    write_sums(folder)


def _apply_file(folder: Path, change: dict[str, Any]) -> None:
    path = folder / change["path"]
    if change.get("remove"):
        path.unlink()
    elif "write" in change:
        path.write_bytes(change["write"].encode())
    elif "append" in change:
        with path.open("ab") as file:
            file.write(change["append"].encode())
    else:
        old, new = change["replace"]
        text = path.read_bytes().decode()
        assert text.count(old) >= 1, f"{change['path']} does not hold {old!r}"
        path.write_bytes(text.replace(old, new, 1).encode())
    if change.get("sums"):
        sum_anew(folder)


def write_case(case: Case, folder: Path, *, described: bool = True) -> tuple[Path, Path | None]:
    """Write the dataset that a case makes, and the one before it if it is of level 5, below `folder`.

    With `described=False`, only the tables are written: all that levels 2 to 4 read.
    """
    tables = tables_of(changed_rows(case))
    for change in case.changes["type"]:
        table, column = tables[change["table"]], change["column"]
        at = table.schema.get_field_index(column)
        wanted = pa.field(column, pa.type_for_alias(change["type"]))
        tables[change["table"]] = table.set_column(at, wanted, table[column].cast(wanted.type))
    if not described:
        write_tables(folder / "now", tables, case.changes["move"])
        return folder / "now", None
    now = write_dataset(folder / "now", tables, case.changes["move"])
    for change in case.changes["file"]:
        _apply_file(now, change)
    if case.level < 5:
        return now, None
    return now, write_dataset(folder / "before", tables_of(changed_rows(case, "before")))


def write_base(folder: Path) -> Path:
    """Write the sound dataset; returns its folder. What stood there before is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return write_dataset(folder, tables_of(base_rows()))


class _Tables:
    """DuckDB connection that holds the tables of many datasets, each distinct one once, and shows those of one dataset.

    It is closed to nobody: `with` leaves it open for the next dataset.
    """

    def __init__(self) -> None:
        """Connect."""
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("CREATE SCHEMA before; CREATE SCHEMA held")
        self._wanted: dict[str, tuple[str, list[Path]]] = {}  # view -> name of its content, files
        self._shown: dict[str, str] = {}

    def show(self, homes: dict[str, Path], digests: dict[tuple[str, str], bytes]) -> None:
        """Let views stand for the tables of a dataset, `main`, and of the one before, `before`, once a query comes."""
        self._wanted = {
            f'{name}."{table.name}"': (
                f"{table.name}_{digests[name, table.name].hex()}",
                list_files(home, table.name),
            )
            for name, home in homes.items()
            for table in schema().tables
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stay open."""

    def execute(self, query: str) -> Any:
        """Run a query on the dataset that is shown."""
        for view, (content, files) in self._wanted.items():
            if self._shown.get(view) != content:
                listed = ", ".join(map(quote_path, files))
                self._connection.execute(
                    f'CREATE TABLE IF NOT EXISTS held."{content}" AS SELECT * FROM read_parquet([{listed}])'  # noqa: S608 -- our own paths
                )
                self._connection.execute(f'CREATE OR REPLACE VIEW {view} AS SELECT * FROM held."{content}"')  # noqa: S608
                self._shown[view] = content
        return self._connection.execute(query)


class Validator:
    """`validate`, but a check that sees the same values again gives what it gave: cases differ in a cell or two.

    An expectation sees its table, a query the tables that it names.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen: dict[tuple[str, bytes], list[Incident]] = {}
        self._expected: dict[object, tuple[list[Incident], list[Check]]] = {}
        self._digests: dict[str, bytes] = {}  # table -> of its files, now and before
        self._tables = _Tables()
        self._files = nullcontext(duckdb.connect())  # which reads Parquet files
        self._reads: dict[str, set[str]] = {}  # check -> the tables that its function reads

    def expectations(
        self, connection: Any, folder: Path, table: str, checks: list[Check]
    ) -> tuple[list[Incident], list[Check]]:
        """Stand in for `_run_in_duckdb`."""
        key = self._digests[table], *(check.id for check in checks)
        if key not in self._expected:
            self._expected[key] = run_in_duckdb(connection, folder, table, checks)
        return self._expected[key]

    def queries(self, connection: Any, checks: list[Check]) -> list[Incident]:
        """Stand in for `run_queries`."""
        found = []
        for check in checks:
            named = set(re.findall(r"\w+", str(check.sql))) & set(self._digests)
            seen = check.id, b"".join(self._digests[name] for name in sorted(named))
            if seen not in self._seen:
                self._seen[seen] = run_queries(connection, [check])
            found += self._seen[seen]
        return found

    def functions(self, folder: Path, checks: list[Check], _cache: None = None) -> list[Incident]:
        """Stand in for `_run_functions`; a function that computes columns again sees the tables that it reads."""
        found = []
        for check in checks:
            if check.python not in recomputed.FUNCTIONS:
                found += run_functions(folder, [check], None)
                continue
            names = self._reads.get(check.id, set())
            seen = check.id, b"".join(self._digests[name] for name in sorted(names))
            if not names or seen not in self._seen:
                with ExitStack() as patched:
                    spies = [
                        patched.enter_context(patch.object(recomputed, name, side_effect=vars(recomputed)[name]))
                        for name in ("read_table", "read_groups", "read_rows")
                    ]
                    own = run_functions(folder, [check], None)
                read = {call.args[1] for spy in spies for call in spy.call_args_list}
                names = self._reads[check.id] = read | names
                self._seen[check.id, b"".join(self._digests[name] for name in sorted(names))] = own
                found += own
            else:
                found += self._seen[seen]
        return found

    def __call__(self, folder: Path, before: Path | None = None, levels: range = range(1, 6)) -> Outcome:
        """Validate a dataset folder."""
        homes = {name: home for name, home in (("main", folder), ("before", before)) if home}
        digests = {
            (name, table.name): hashlib.sha256(b"".join(map(_digest, list_files(home, table.name)))).digest()
            for name, home in homes.items()
            for table in schema().tables
        }
        self._digests = {table.name: b"".join(digests[name, table.name] for name in homes) for table in schema().tables}
        self._tables.show(homes, digests)
        own_duckdb = SimpleNamespace(connect=lambda: self._files, Error=duckdb.Error)
        with (
            patch("espress_build.checks.dataset_files.make_metadata", _remember_metadata),
            patch("espress_build.checks.expectations._run_in_duckdb", self.expectations),
            patch("espress_build.checks.expectations.duckdb", own_duckdb),
            patch("espress_build.checks.validate.all_checks", _all_checks),
            patch("espress_build.checks.validate.connect", lambda *_: self._tables),
            patch("espress_build.checks.validate.run_queries", self.queries),
            patch("espress_build.checks.validate._run_functions", self.functions),
        ):
            return validate(folder, levels, before=before)


_all_checks = cache(all_checks)


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest() if path.is_file() else b""
