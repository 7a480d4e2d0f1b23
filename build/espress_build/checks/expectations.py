"""Run the expectations of levels 2 and 3: with DuckDB, and a second time with Great Expectations if asked."""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.checks.expectation_queries import run_in_sql
from espress_build.checks.incident import SHOWN_ROWS, Check, Incident
from espress_build.tables import count_rows, list_files, read_table

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_IN_PANDAS = 50_000  # rows; larger tables have no pages, because they take minutes and gigabytes


def _context(data_docs: Path | None) -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")  # otherwise the library reports usage statistics
    import great_expectations as gx

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    if data_docs:
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(data_docs.resolve())}
        index = {"class_name": "DefaultSiteIndexBuilder"}
        site = {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": index}
        for old in list(context.variables.data_docs_sites or {}):
            context.delete_data_docs_site(old)
        context.add_data_docs_site(site_name="espress", site_config=site)
    return context


def _incident(check: Check, result: Any, key: tuple[str, ...]) -> Incident:
    raised = result.exception_info  # one entry, or one for each metric that the check needs
    for one in (raised, *(entry for entry in raised.values() if isinstance(entry, dict))):
        if one.get("raised_exception"):
            raise RuntimeError(f"check {check.id} cannot run: {one.get('exception_message')}")
    found = result.result
    rows = found.get("unexpected_index_list") or []
    keys = tuple("/".join(str(row.get(part)) for part in key) for row in rows[:SHOWN_ROWS])
    values = found.get("partial_unexpected_list") or []
    mismatched = (found.get("details") or {}).get("mismatched") or []
    shown = [value for value in values[:3] if value is not None]
    if mismatched:
        detail = f"columns differ from place {mismatched[0]['Expected Column Position']} on: {mismatched[0]}"
    else:
        detail = f"{check.gx} does not hold" + (f", found {', '.join(map(repr, shown))}" if shown else "")
    return Incident(check.id, check.level, check.severity, check.why, found.get("unexpected_count") or 1, keys, detail)


def _escape(value: Any) -> Any:
    """Return a value of a result with all strings escaped for HTML."""
    if isinstance(value, dict):
        return {_escape(key): _escape(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_escape(one) for one in value]
    return escape(value) if isinstance(value, str) else value


def _build_pages(context: Any) -> None:
    """Write Great Expectations' pages; its tables show values as they are, so stored results are escaped first."""
    store = context.validation_results_store
    for key in store.list_keys():
        found = store.get(key)
        for one in found.results:
            one.result = _escape(one.result)
        store.set(key, found)
    context.build_data_docs()


def _run_table(context: Any, table: str, checks: list[Check], frame: Any) -> list[Incident]:
    import great_expectations as gx
    import great_expectations.expectations as kinds

    expected = [getattr(kinds, str(check.gx))(**dict(check.arguments), meta={"id": check.id}) for check in checks]
    suite = context.suites.add(gx.ExpectationSuite(name=table, expectations=expected))
    asset = context.data_sources.add_pandas(table).add_dataframe_asset(table)
    batch = asset.add_batch_definition_whole_dataframe("all")
    definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
    definition = context.validation_definitions.add(definition)
    key = schema().table(table).key
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(key)}
    if not set(key) <= set(frame.columns):
        wanted.pop("unexpected_index_column_names")
    with warnings.catch_warnings():  # pandas warns about groups in patterns, but they are harmless
        warnings.filterwarnings("ignore", "This pattern is interpreted as a regular expression", UserWarning)
        found = definition.run(batch_parameters={"dataframe": frame}, result_format=wanted)
    by_id = {check.id: check for check in checks}
    return [
        _incident(by_id[result.expectation_config.meta["id"]], result, key)
        for result in found.results
        if not result.success
    ]


def _has_columns(check: Check, names: list[list[str]]) -> bool:
    """Return whether a check of the names of columns holds for all files; False for other checks."""
    wanted = dict(check.arguments).get("column_list")
    return check.gx == "ExpectTableColumnsToMatchOrderedList" and all(own == wanted for own in names)


def _run_in_duckdb(
    connection: Any, folder: Path, table: str, checks: list[Check]
) -> tuple[list[Incident], list[Check]]:
    """Run checks in SQL; returns incidents, and the checks that need pandas: all, if DuckDB cannot read the columns."""
    names = [pq.read_schema(path).names for path in list_files(folder, table)]
    checks = [one for one in checks if not _has_columns(one, names)]
    try:
        return run_in_sql(connection, folder, table, checks)
    except duckdb.Error:  # a column is missing or has another type, which a check of level 2 reports
        return [], checks


def _group_by_table(checks: list[Check]) -> dict[str, list[Check]]:
    by_table: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        by_table[str(check.table)].append(check)
    return by_table


def run_in_pandas(folder: Path, checks: list[Check], data_docs: Path | None = None) -> list[Incident]:
    """Run checks with Great Expectations, whose import takes seconds; with `data_docs`, write its pages there."""
    context, incidents = _context(data_docs), []
    for table, own in _group_by_table(checks).items():
        by_name = all(str(check.gx).startswith("ExpectTableColumns") for check in own)
        empty = (pq.read_schema(path).empty_table() for path in list_files(folder, table))
        rows = pa.concat_tables(empty) if by_name else read_table(folder, table)
        # Without `ignore_metadata`, a column that pandas wrote as an index would be hidden.
        incidents += _run_table(context, table, own, rows.to_pandas(ignore_metadata=True))
    if data_docs:
        _build_pages(context)
    return _sort(incidents, checks)


def _sort(incidents: list[Incident], checks: list[Check]) -> list[Incident]:
    """Return incidents in the order of the checks."""
    order = {check.id: number for number, check in enumerate(checks)}
    return sorted(incidents, key=lambda found: order[found.check])


def run_expectations(folder: Path, checks: list[Check], data_docs: Path | None = None) -> list[Incident]:
    """Run checks of one level over the Parquet files of a dataset; returns incidents in the order of the checks.

    DuckDB runs them, in one query for each table. Great Expectations runs those that cannot be written in SQL. If
    `data_docs` names a folder for its pages, which contain times and random ids, it also runs all checks of tables of
    up to `LARGEST_IN_PANDAS` rows a second time; a violation that only one of the two finds is an incident, too.
    """
    incidents, rest = [], []
    with duckdb.connect() as connection:
        for table, own in _group_by_table(checks).items():
            found, left = _run_in_duckdb(connection, folder, table, own)
            incidents += found
            rest += left
    if rest:
        incidents += run_in_pandas(folder, rest)
    if data_docs:
        shown = [check for check in checks if count_rows(folder, str(check.table)) <= LARGEST_IN_PANDAS]
        known = {one.check for one in incidents}
        incidents += [one for one in run_in_pandas(folder, shown, data_docs) if one.check not in known]
    return _sort(incidents, checks)
