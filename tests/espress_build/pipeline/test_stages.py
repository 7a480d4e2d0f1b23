"""The runner's check that nothing is lost: stages with a fault of each kind must not get past it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, PURE_STAGES, basic_spans, beside, received

from espress.schema import schema
from espress_build.pipeline import stages
from espress_build.pipeline.stages import STAGES, ConservationError, Stage, run_stage, run_stages
from espress_build.tables import Reject, Step, rejects_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

A, B = "herald-20200101-00000000", "herald-20200102-00000000"


@pytest.fixture
def given(registries: Registries) -> dict[str, Any]:
    """Two sound articles, before the first stage."""
    page = BASIC_PAGE.encode()
    return {
        "received": received({A: page, B: page}, dict.fromkeys((A, B), basic_spans(BASIC_PAGE))),
        **beside(registries),
    }


def without(table: Any, article: str, column: str = "article_id") -> Any:
    """Return the table without the rows of an article."""
    return table.filter(pa.array([value != article for value in table[column].to_pylist()], pa.bool_()))


def renamed(table: Any, old: str, new: str) -> Any:
    """Return the table with an article under another id."""
    ids = [new if value == old else value for value in table["article_id"].to_pylist()]
    return table.set_column(table.schema.get_field_index("article_id"), table.schema.field("article_id"), pa.array(ids))


def rows_of(table: Any, article: str) -> Any:
    """Return the rows of an article."""
    return table.filter(pa.array([value == article for value in table["article_id"].to_pylist()], pa.bool_()))


def broken(stage: Stage, spoil: Callable[[Step], Step]) -> Stage:
    """Return a stage whose result is spoiled."""

    def faulty(tables: Any, params: Params) -> Step:
        assert stage.run
        return spoil(stage.run(tables, params))

    return replace(stage, run=faulty)


def before(name: str, tables: dict[str, Any], params: Params) -> tuple[Stage, dict[str, Any]]:
    """Run all stages before the one of that name; returns it, and the tables that it is given."""
    for stage in PURE_STAGES:
        if stage.name == name:
            return stage, tables
        tables, _ = run_stage(stage, tables, params)
    raise AssertionError(name)


def loses(stage: Stage) -> Callable[[Step], Step]:
    return lambda step: Step({**step.kept, stage.writes: without(step.kept[stage.writes], B)}, step.rejects)


def keeps_what_it_rejects(_: Stage) -> Callable[[Step], Step]:
    reject = rejects_table([Reject(B, "extract", "no_body", "x")])
    return lambda step: Step(step.kept, pa.concat_tables([step.rejects, reject]))


def invents(stage: Stage) -> Callable[[Step], Step]:
    def spoil(step: Step) -> Step:
        table = step.kept[stage.writes]
        more = renamed(rows_of(table, B), B, "invented")
        return Step({**step.kept, stage.writes: pa.concat_tables([table, more])}, step.rejects)

    return spoil


def rejects_what_it_was_not_given(_: Stage) -> Callable[[Step], Step]:
    reject = rejects_table([Reject("invented", "extract", "no_body", "x")])
    return lambda step: Step(step.kept, pa.concat_tables([step.rejects, reject]))


def rejects_twice(stage: Stage) -> Callable[[Step], Step]:
    reject = rejects_table([Reject(B, "extract", "no_body", "invented")] * 2)
    return lambda step: Step(
        {name: without(t, B) if "article_id" in t.column_names else t for name, t in step.kept.items()},
        pa.concat_tables([step.rejects, reject]),
    )


FAULTS = {
    "loses an article": (loses, B),
    "keeps what it rejects": (keeps_what_it_rejects, B),
    "invents an article": (invents, "invented"),
    "rejects what it was not given": (rejects_what_it_was_not_given, "invented"),
    "rejects an article twice": (rejects_twice, B),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [stage.name for stage in PURE_STAGES])
def test_a_stage_with_a_fault_is_stopped_and_the_article_is_named(
    name: str, fault: str, given: dict[str, Any], params: Params
) -> None:
    spoil, named = FAULTS[fault]
    stage, tables = before(name, given, params)
    with pytest.raises(ConservationError) as error:
        run_stage(broken(stage, spoil(stage)), tables, params)
    assert named in str(error.value)


@pytest.mark.parametrize("name", ["normalise", "sketch", "link"])
def test_a_stage_that_writes_an_article_twice_is_stopped(name: str, given: dict[str, Any], params: Params) -> None:
    stage, tables = before(name, given, params)

    def doubles(step: Step) -> Step:
        table = step.kept[stage.writes]
        return Step({**step.kept, stage.writes: pa.concat_tables([table, rows_of(table, B)])}, step.rejects)

    with pytest.raises(ConservationError, match=B):
        run_stage(broken(stage, doubles), tables, params)


def spoiled_blocks(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[Step], Step]:
    """Spoil the blocks of the second article."""

    def spoil(step: Step) -> Step:
        blocks = step.kept["spans"]
        rows = without(blocks, B).to_pylist() + change(rows_of(blocks, B).to_pylist())
        return Step({**step.kept, "spans": pa.Table.from_pylist(rows, schema=blocks.schema)}, step.rejects)

    return spoil


def shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*rows[:-1], rows[-1] | {"source_end": rows[-1]["source_end"] - 1}]


BYTE_FAULTS: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "loses the last byte": shortened,
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
def test_a_stage_that_loses_or_doubles_a_byte_is_stopped(fault: str, given: dict[str, Any], params: Params) -> None:
    faulty = broken(PURE_STAGES[0], spoiled_blocks(BYTE_FAULTS[fault]))
    with pytest.raises(ConservationError, match=B):
        run_stage(faulty, given, params)


def test_blocks_of_an_article_that_is_no_longer_among_the_received_are_stopped(
    given: dict[str, Any], params: Params
) -> None:
    """The next stage would never learn that the article was there."""

    def forgets(step: Step) -> Step:
        return Step({**step.kept, "received": without(step.kept["received"], B)}, step.rejects)

    with pytest.raises(ConservationError, match=B):
        run_stage(broken(PURE_STAGES[0], forgets), given, params)


def test_a_received_article_that_was_rejected_does_not_stay_among_the_received(
    given: dict[str, Any], params: Params
) -> None:
    def forgets(step: Step) -> Step:
        reject = rejects_table([Reject(B, "extract", "no_body", "x")])
        kept = {**step.kept, "spans": without(step.kept["spans"], B)}
        return Step(kept, reject)

    with pytest.raises(ConservationError, match=B):
        run_stage(broken(PURE_STAGES[0], forgets), given, params)


def test_sound_stages_pass_and_leave_the_tables_given_as_they_were(given: dict[str, Any], params: Params) -> None:
    copies = {name: table.to_pylist() for name, table in given.items()}
    after = run_stages(given, params, "batch")
    assert {name: table.to_pylist() for name, table in given.items()} == copies
    assert after["rejects"].num_rows == 0
    assert after["articles"].num_rows == 2


def test_every_stage_is_watched_once_in_order(given: dict[str, Any], params: Params) -> None:
    seen: list[tuple[str, bool]] = []
    run_stages(given, params, "batch", lambda name, tables: seen.append((name, "spans" in tables)))
    assert seen == [(stage.name, True) for stage in STAGES if stage.scope == "batch"]


def test_stages_run_twice_over_the_same_tables_give_the_same_tables(given: dict[str, Any], params: Params) -> None:
    first, second = (run_stages(given, params, "batch") for _ in range(2))
    assert {name: first[name].equals(second[name]) for name in first} == dict.fromkeys(first, True)


def test_rejects_name_stages_and_reasons_of_the_closed_lists(given: dict[str, Any], params: Params) -> None:
    empty = received({A: b"", B: b"\xff"}, {A: [], B: []})
    rejects = run_stages({**given, "received": empty}, params, "batch")["rejects"].to_pylist()
    assert [reject["id"] for reject in rejects] == [A, B]
    for reject in rejects:
        assert reject["stage"] in schema().vocabularies["reject_stage"]
        assert reject["reason"] in schema().vocabularies["reject_reason"]
        assert reject["detail"]


def test_a_batch_of_which_nothing_is_kept_goes_through_all_stages(given: dict[str, Any], params: Params) -> None:
    empty = received({A: b"", B: b""}, {A: [], B: []})
    after = run_stages({**given, "received": empty}, params, "batch")
    assert after["articles"].num_rows == after["sentences"].num_rows == after["sketches"].num_rows == 0
    assert run_stages(after, params, "corpus")["relations"].num_rows == 0


def test_each_stage_writes_tables_of_the_declared_schema(given: dict[str, Any], params: Params) -> None:
    from espress_build import tables

    after = run_stages(given, params, "batch")
    after |= run_stages(after, params, "corpus")
    for name in ("spans", "passages", "sketches", "relations"):
        assert after[name].schema.equals(getattr(tables, name.upper()))
    assert after["articles"].schema.equals(tables.ARTICLES)


def test_stages_names_are_those_that_rejects_may_name() -> None:
    hydrating = {"hydrate"}  # no stage of the build: what stands before it on a user's machine
    assert set(schema().vocabularies["reject_stage"]) <= {stage.name for stage in stages.STAGES} | hydrating
