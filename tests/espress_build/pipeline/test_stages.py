"""The runner's check that nothing is lost: stages with a fault of each kind must not get past it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, PARAMS, PURE_STAGES, basic_spans, beside, received

from espress.schema import schema
from espress_build.pipeline import stages
from espress_build.pipeline.stages import STAGES, ConservationError, Stage, run_stage, run_stages
from espress_build.tables import Reject, Step, rejects_table

if TYPE_CHECKING:
    from collections.abc import Callable


A, B = "herald-20200101-00000000", "herald-20200102-00000000"


@pytest.fixture
def given() -> dict[str, Any]:
    """Two sound articles, before the first stage."""
    page = BASIC_PAGE.encode()
    return {"received": received({A: page, B: page}, dict.fromkeys((A, B), basic_spans(BASIC_PAGE))), **beside()}


def rows_of(table: Any, article: str) -> Any:
    """Return the rows of an article."""
    return table.filter(pc.equal(table["article_id"], article))


def drop(table: Any, article: str) -> Any:
    """Return the table without the rows of an article."""
    return table.filter(pc.not_equal(table["article_id"], article))


def break_stage(stage: Stage, spoil: Callable[[Stage, Step], Step]) -> Stage:
    """Return a stage whose result is spoiled."""

    def faulty(tables: Any, params: Any) -> Step:
        assert stage.run
        return spoil(stage, stage.run(tables, params))

    return replace(stage, run=faulty)


def run_before(name: str, tables: dict[str, Any]) -> tuple[Stage, dict[str, Any]]:
    """Run all stages before the one of that name; return it and the tables that it takes."""
    for stage in PURE_STAGES:
        if stage.name == name:
            return stage, tables
        tables, _ = run_stage(stage, tables, PARAMS)
    raise AssertionError(name)


def edit(step: Step, name: str, change: Callable[[Any], Any], *rejected: str) -> Step:
    """Return the step with another table of that name, and these articles rejected as well."""
    more = rejects_table([Reject(article, "extract", "no_body", "x") for article in rejected])
    return Step({**step.kept, name: change(step.kept[name])}, pa.concat_tables([step.rejects, more]))


def reject_all_twice(_: Stage, step: Step) -> Step:
    for name, table in step.kept.items():
        if "article_id" in table.column_names:
            step = edit(step, name, lambda rows: drop(rows, B))
    return edit(step, next(iter(step.kept)), lambda table: table, B, B)


def invent(table: Any) -> Any:
    """Add the rows of the second article under another id."""
    more, place = rows_of(table, B), table.schema.get_field_index("article_id")
    ids = pa.array(["invented"] * more.num_rows)
    return pa.concat_tables([table, more.set_column(place, table.schema.field(place), ids)])


FAULTS: dict[str, tuple[Callable[[Stage, Step], Step], str]] = {
    "loses an article": (lambda stage, step: edit(step, stage.writes, lambda table: drop(table, B)), B),
    "keeps what it rejects": (lambda stage, step: edit(step, stage.writes, lambda table: table, B), B),
    "invents an article": (lambda stage, step: edit(step, stage.writes, invent), "invented"),
    "rejects an invented article": (lambda stage, step: edit(step, stage.writes, lambda t: t, "invented"), "invented"),
    "rejects an article twice": (reject_all_twice, B),
    "writes an article twice": (
        lambda stage, step: edit(step, stage.writes, lambda table: pa.concat_tables([table, rows_of(table, B)])), B
    ),
    "forgets whose spans it keeps": (lambda _, step: edit(step, "received", lambda table: drop(table, B)), B),
    "rejects a received article": (lambda _, step: edit(step, "spans", lambda table: drop(table, B), B), B),
}  # fmt: skip
ONE_ROW = ["normalise", "sketch", "link"]  # stages that write one row an article
STAGE_FAULTS = [
    *((stage.name, fault) for stage in PURE_STAGES for fault in list(FAULTS)[:5]),
    *((name, "writes an article twice") for name in ONE_ROW),
    *(("extract", fault) for fault in list(FAULTS)[6:]),
]


@pytest.mark.parametrize(("name", "fault"), STAGE_FAULTS)
def test_a_stage_with_a_fault_is_stopped_and_the_article_is_named(name: str, fault: str, given: dict[str, Any]) -> None:
    spoil, named = FAULTS[fault]
    stage, tables = run_before(name, given)
    with pytest.raises(ConservationError, match=named):
        run_stage(break_stage(stage, spoil), tables, PARAMS)


BYTE_FAULTS: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "loses the last byte": lambda rows: [*rows[:-1], rows[-1] | {"source_end": rows[-1]["source_end"] - 1}],
    "invents a byte at the end": lambda rows: [*rows[:-1], rows[-1] | {"source_end": rows[-1]["source_end"] + 1}],
    "loses a byte in the middle": lambda rows: [rows[0] | {"source_end": rows[0]["source_end"] - 1}, *rows[1:]],
    "holds a byte twice": lambda rows: [rows[0], rows[1] | {"source_start": rows[1]["source_start"] - 1}, *rows[2:]],
    "loses the first byte": lambda rows: [rows[0] | {"source_start": 1}, *rows[1:]],
    "loses the last block": lambda rows: rows[:-1],
    "loses a block in the middle": lambda rows: [*rows[:1], *rows[2:]],
    "holds a block twice": lambda rows: [rows[0], *rows],
    "swaps two blocks": lambda rows: [rows[1], rows[0], *rows[2:]],
    "goes back and over bytes again": lambda rows: [
        rows[0] | {"source_end": 12},
        rows[0] | {"source_start": 12, "source_end": 5},
        rows[1] | {"source_start": 5},
        *rows[2:],
    ],
}


@pytest.mark.parametrize("fault", BYTE_FAULTS)
def test_a_stage_that_loses_or_doubles_a_byte_is_stopped(fault: str, given: dict[str, Any]) -> None:
    def change(spans: Any) -> Any:
        rows = BYTE_FAULTS[fault](rows_of(spans, B).to_pylist())
        return pa.concat_tables([drop(spans, B), pa.Table.from_pylist(rows, schema=spans.schema)])

    faulty = break_stage(PURE_STAGES[0], lambda _, step: edit(step, "spans", change))
    with pytest.raises(ConservationError, match=B):
        run_stage(faulty, given, PARAMS)


def test_sound_stages_give_the_same_tables_each_time_and_change_none_that_they_are_given(given: dict[str, Any]) -> None:
    copies = {name: table.to_pylist() for name, table in given.items()}
    after, again = (run_stages(given, PARAMS, "batch") for _ in range(2))
    assert all(after[name].equals(again[name]) for name in after)
    assert {name: table.to_pylist() for name, table in given.items()} == copies
    assert after["rejects"].num_rows == 0
    assert after["articles"].num_rows == 2


def test_every_stage_is_watched_once_in_order(given: dict[str, Any]) -> None:
    seen: list[tuple[str, bool]] = []
    run_stages(given, PARAMS, "batch", lambda name, tables: seen.append((name, "spans" in tables)))
    assert seen == [(stage.name, True) for stage in STAGES if stage.scope == "batch"]


def test_a_batch_of_which_nothing_is_kept_goes_through_all_stages(given: dict[str, Any]) -> None:
    empty = received({A: b"", B: b"\xff"}, {A: [], B: []})
    after = run_stages({**given, "received": empty}, PARAMS, "batch")
    assert after["articles"].num_rows == after["sentences"].num_rows == after["sketches"].num_rows == 0
    assert run_stages(after, PARAMS, "corpus")["relations"].num_rows == 0
    rejects = after["rejects"].to_pylist()
    assert [reject["id"] for reject in rejects] == [A, B]
    for reject in rejects:
        assert reject["stage"] in schema().vocabularies["reject_stage"]
        assert reject["reason"] in schema().vocabularies["reject_reason"]
        assert reject["detail"]


def test_each_stage_writes_tables_of_the_declared_schema(given: dict[str, Any]) -> None:
    from espress_build import tables

    after = run_stages(given, PARAMS, "batch")
    after |= run_stages(after, PARAMS, "corpus")
    for name in ("spans", "passages", "sketches", "relations"):
        assert after[name].schema.equals(getattr(tables, name.upper()))
    assert after["articles"].schema.equals(tables.ARTICLES)


def test_stages_names_are_those_that_rejects_may_name() -> None:
    hydrating = {"hydrate"}  # no stage of the build: what stands before it on a user's machine
    assert set(schema().vocabularies["reject_stage"]) <= {stage.name for stage in stages.STAGES} | hydrating
