"""The items of a task: the rows that a model receives, and the gold labels, which only the scoring uses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.errors import UnknownNameError
from espress.probe.tasks import find_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One question of a task: its inputs, its groups and its gold label in each reading."""

    item_id: str
    inputs: dict[str, str | None]
    article_id: str
    block_id: str
    proposition_id: str
    paragraph: str  # number of the paragraph, or the role of a unit outside the body
    gold: tuple[str | None, ...]  # the label in each reading of the task; None if the reading has none
    record: dict[str, Any]  # the whole row of the table

    def row(self, needs: tuple[str, ...] = ()) -> Row:
        """Return the row that a model receives: `item_id`, the inputs, and the columns named in `needs`."""
        return {"item_id": self.item_id, **self.inputs, **{name: self.record[name] for name in needs}}


def as_text(row: Row) -> str:
    """Return the inputs of a row in the task's order, one per line, without nulls and without `item_id`.

    The names of the inputs are left out, because a model that counts words would count them.
    """
    return "\n".join(value for name, value in row.items() if name != "item_id" and isinstance(value, str))


@cache
def _load_paragraphs() -> dict[str, str]:
    units = load("sentences", as_="arrow").select(["sentence_id", "role", "paragraph"]).to_pylist()
    return {u["sentence_id"]: u["role"] if u["paragraph"] is None else str(u["paragraph"]) for u in units}


@cache
def _load_table(table: str) -> tuple[Row, ...]:
    return tuple(load(table, as_="arrow").to_pylist())


def _make_item(task: Task, record: Row) -> Item:
    parts = [record["sentence_id"], record["proposition_id"], *([record["source_no"]] if "source_no" in record else [])]
    for column in (*task.inputs.values(), *(reading.column for reading in task.readings)):
        if column not in record:
            raise UnknownNameError(f"column of {task.table}", column, list(record))
    values = {name: record[column] for name, column in task.inputs.items()}
    return Item(
        item_id=":".join(map(str, parts)),
        inputs={name: None if value is None else str(value) for name, value in values.items()},
        article_id=record["article_id"],
        block_id=record["block_id"],
        proposition_id=record["proposition_id"],
        paragraph=_load_paragraphs()[record["sentence_id"]],
        gold=tuple(reading.label(record[reading.column]) for reading in task.readings),
        record=record,
    )


@cache
def _make_items(task: Task) -> tuple[Item, ...]:
    found = (_make_item(task, record) for record in _load_table(task.table))
    return tuple(sorted((item for item in found if any(item.gold)), key=lambda item: item.item_id))


def items(task: Task | str) -> tuple[Item, ...]:
    """Return the items of a task, sorted by id: those with gold in at least one of its readings."""
    return _make_items(find_task(task))


def rows(task: Task | str, needs: tuple[str, ...] = ()) -> list[Row]:
    """Return the rows that a model receives: one dict per item, with `item_id` and exactly the task's inputs.

    Args:
        task: a task or its name.
        needs: further columns of the task's table, for predictors that read no text.

    Values are strings, or None for a null in the column (no unit before this one, or a source that is not named).

    Raises:
        UnknownNameError: the task or column does not exist.
    """
    found = items(task)
    for name in needs:
        if found and name not in found[0].record:
            raise UnknownNameError("column", name, list(found[0].record))
    return [item.row(needs) for item in found]


def gold(task: Task | str, reading: str) -> dict[str, str]:
    """Return item_id -> label in one reading of a task, without the items that have no gold in it.

    Raises:
        UnknownNameError: the task or reading does not exist.
    """
    one = find_task(task)
    number = one.number_of(reading)
    return {item.item_id: label for item in items(one) if (label := item.gold[number]) is not None}
