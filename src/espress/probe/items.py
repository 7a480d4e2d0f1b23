"""The items of a task: the rows that a model receives, and the gold labels, which only the scoring uses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from espress.data.load import load
from espress.errors import UnknownNameError
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

Row = dict[str, Any]
MARKS = (">>> ", " <<<")  # around the unit in its context
THE_OUTLET = "the article itself"
THE_EARLIER = "the source whose account the sentence continues"


@dataclass(frozen=True)
class Item:
    """One question: what a model sees, and the right answer."""

    item_id: str
    task: str  # name of the task, or of the question of a constructed set
    inputs: dict[str, str | None]
    gold: str
    record: dict[str, Any]  # the whole row of the table

    HASH_DIGITS: ClassVar[int] = 32

    @cached_property
    def item_hash(self) -> str:
        """The hash of id and inputs, which ties an answer to what was asked: the first digits of a SHA-256."""
        text = json.dumps([self.item_id, self.inputs], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[: self.HASH_DIGITS]

    def row(self, needs: tuple[str, ...] = ()) -> Row:
        """Return the row that a model receives: `item_id`, the inputs, and the columns named in `needs`."""
        return {"item_id": self.item_id, **self.inputs, **{name: self.record[name] for name in needs}}


class UnitItem(Item):
    """An item of a task on natural articles: a unit with a proposition, or one of its entries."""

    @property
    def article_id(self) -> str:
        """The article of the unit."""
        return str(self.record["article_id"])

    @cached_property
    def paragraph(self) -> str:
        """The number of the paragraph, or the role of a unit outside the body."""
        unit = _load_units()[self.record["sentence_id"]]
        return str(unit["role"] if unit["paragraph"] is None else unit["paragraph"])


def as_text(row: Row) -> str:
    """Return the inputs of a row in the task's order, one per line, without nulls, `item_id` and `task`.

    The names of the inputs are left out, because a model that counts words would count them.
    """
    return "\n".join(v for name, v in row.items() if name not in ("item_id", "task") and isinstance(v, str))


@cache
def _load_units() -> dict[str, Row]:
    columns = ["sentence_id", "role", "paragraph", "text", "masks"]
    return {unit["sentence_id"]: unit for unit in load("sentences", as_="arrow").select(columns).to_pylist()}


def _mask_span(record: Row) -> str | None:
    """Return the words that name the source, with the masks of the unit."""
    span: str | None = record["source_span"]
    if span is None or record["text_masked"] is None or span in record["text_masked"]:
        return span
    unit = _load_units()[record["sentence_id"]]
    for mask in unit["masks"]:
        span = span.replace(unit["text"][mask["mask_start"] : mask["mask_end"]], mask["mask"])
    return span


def mark_in_context(before: str | None, unit: str, after: str | None) -> str:
    """Return the units before and after, one per line, with the unit itself between the marks."""
    return "\n".join(part for part in (before, f"{MARKS[0]}{unit}{MARKS[1]}", after) if part)


def units_before(context: str) -> list[str]:
    """Return the units before the marked one, in reading order."""
    return context[: context.index(MARKS[0])].splitlines()


def _describe_source(record: Row, span: str | None, class_column: str) -> str:
    """Return the words that name the source; without any, a description, since an empty input would reveal the answer.

    `class_column` says which reading of an entry with lapsed attribution is meant.
    """
    if span is not None:
        return span
    if record[class_column] == "outlet":
        return THE_OUTLET
    return THE_EARLIER if record["lapsed"] == "yes" else f"{record[class_column]}, not named in the sentence"


def add_inputs(record: Row) -> Row:
    """Return the row with the columns that only tasks use: `context`, and for entries `source` and `source_carried`."""
    if record["text_masked"] is None:  # the open edition, as long as it holds no text
        return {**record, "context": None, "source": None, "source_carried": None}
    context = mark_in_context(record["context_before_masked"], record["text_masked"], record["context_after_masked"])
    if "source_no" not in record:
        return {**record, "context": context}
    span = _mask_span(record)
    kinds = {"source": "source_class", "source_carried": "source_class_carried"}
    described = {name: _describe_source(record, span, column) for name, column in kinds.items()}
    return {**record, "context": context, **described}


@cache
def load_table(table: str) -> tuple[Row, ...]:
    """Return the rows of a label table, with the columns that only tasks use."""
    return tuple(map(add_inputs, load(table, as_="arrow").to_pylist()))


def check_columns(task: Task, record: Row) -> None:
    """Raise UnknownNameError if the table of a task lacks a column that the task names."""
    for column in (*task.inputs.values(), task.column, *([task.shown] if task.shown else [])):
        if column not in record:
            raise UnknownNameError(f"column of {task.table}", column, list(record))


def is_shown(task: Task, record: Row) -> bool:
    """Return whether the inputs show what the label rests on."""
    return task.shown is None or record[task.shown] is not False


def _make_item(task: Task, record: Row, label: str) -> UnitItem:
    parts = [record["sentence_id"], record["proposition_id"], *([record["source_no"]] if "source_no" in record else [])]
    values = {name: record[column] for name, column in task.inputs.items()}
    inputs = {name: None if value is None else str(value) for name, value in values.items()}
    return UnitItem(":".join(map(str, parts)), task.name, inputs, label, record)


@cache
def _make_items(task: Task) -> tuple[UnitItem, ...]:
    found = []
    for record in load_table(task.table):
        check_columns(task, record)
        label = task.label(record[task.column])
        if label is not None and is_shown(task, record):
            found.append(_make_item(task, record, label))
    return tuple(sorted(found, key=lambda item: item.item_id))


def items(task: Task | str) -> tuple[UnitItem, ...]:
    """Return the items of a task, sorted by id: those with gold whose inputs show what the label rests on."""
    return _make_items(find_task(task))


def count_hidden(task: Task | str) -> int:
    """Return how many rows with gold are no items, because their inputs do not show what the label rests on."""
    one = find_task(task)
    return sum(row[one.column] is not None and not is_shown(one, row) for row in load_table(one.table))


def rows(task: Task | str, needs: tuple[str, ...] = ()) -> list[Row]:
    """Return the rows that a model receives: one dict per item, with `item_id` and exactly the task's inputs.

    Args:
        task: a task or its name.
        needs: further columns of the task's table, for predictors that read no text.

    Values are strings, or None for a null in the column.

    Raises:
        UnknownNameError: the task or column does not exist.
    """
    found = items(task)
    for name in needs:
        if found and name not in found[0].record:
            raise UnknownNameError("column", name, list(found[0].record))
    return [item.row(needs) for item in found]


def gold(task: Task | str) -> dict[str, str]:
    """Return item_id -> label of a task; raises UnknownNameError if there is no such task."""
    return {item.item_id: item.gold for item in items(task)}


def item_hashes(task: Task | str) -> dict[str, str]:
    """Return item_id -> hash of the item's id and inputs, which predictions carry; raises UnknownNameError."""
    return {item.item_id: item.item_hash for item in items(task)}
