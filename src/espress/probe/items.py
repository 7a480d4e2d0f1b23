"""The items of a task: what a model is given, and what only the scoring sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.errors import UnknownNameError
from espress.probe.tasks import task as named_task

if TYPE_CHECKING:
    from espress.probe.tasks import Task

Row = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """One question of a task: its inputs, its groups and its gold in each reading."""

    item_id: str
    inputs: dict[str, str | None]
    article_id: str
    block_id: str
    proposition_id: str
    paragraph: str  # paragraph of the article, or role of a unit outside the body
    gold: tuple[str | None, ...]  # a label for each reading of the task; None where that reading has none
    record: dict[str, Any]  # the whole row of the table

    def row(self, needs: tuple[str, ...] = ()) -> Row:
        """Return what a model is given: `item_id`, the inputs, and the columns that it is told to need."""
        return {"item_id": self.item_id, **self.inputs, **{name: self.record[name] for name in needs}}


@cache
def _paragraphs() -> dict[str, str]:
    units = load("sentences", as_="arrow").select(["sentence_id", "role", "paragraph"]).to_pylist()
    return {u["sentence_id"]: u["role"] if u["paragraph"] is None else str(u["paragraph"]) for u in units}


@cache
def _records(table: str) -> tuple[Row, ...]:
    return tuple(load(table, as_="arrow").to_pylist())


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _item(task: Task, record: Row) -> Item:
    parts = [record["sentence_id"], record["proposition_id"], *([record["source_no"]] if "source_no" in record else [])]
    for column in (*task.inputs.values(), *(reading.column for reading in task.readings)):
        if column not in record:
            raise UnknownNameError(f"column of {task.table}", column, list(record))
    return Item(
        item_id=":".join(map(str, parts)),
        inputs={name: _text(record[column]) for name, column in task.inputs.items()},
        article_id=record["article_id"],
        block_id=record["block_id"],
        proposition_id=record["proposition_id"],
        paragraph=_paragraphs()[record["sentence_id"]],
        gold=tuple(reading.label(record[reading.column]) for reading in task.readings),
        record=record,
    )


def resolved(task: Task | str) -> Task:
    """Return a task given by itself or by name; raises UnknownNameError."""
    return named_task(task) if isinstance(task, str) else task


@cache
def _items(name: str) -> tuple[Item, ...]:
    return items_of(named_task(name))


def items_of(task: Task) -> tuple[Item, ...]:
    """Return the items of any task, one read from elsewhere too, sorted by id; those without gold are left out."""
    found = (_item(task, record) for record in _records(task.table))
    kept = (item for item in found if any(label is not None for label in item.gold))
    return tuple(sorted(kept, key=lambda item: item.item_id))


def items(task: Task | str) -> tuple[Item, ...]:
    """Return the items of a task, sorted by id: those with gold in at least one of its readings."""
    one = resolved(task)
    return _items(one.name) if _is_ours(one) else items_of(one)


def _is_ours(task: Task) -> bool:
    try:
        return named_task(task.name) == task
    except UnknownNameError:
        return False


def rows(task: Task | str, needs: tuple[str, ...] = ()) -> list[Row]:
    """Return what a model is given: a dict an item, with `item_id` and exactly the task's inputs.

    Args:
        task: a task or its name.
        needs: further columns of the task's table, for predictors that read no text.

    Values are strings; None is a null of the column (no unit before it; a source that is not named).

    Raises:
        UnknownNameError: there is no such task or column.
    """
    found = items(task)
    for name in needs:
        if found and name not in found[0].record:
            raise UnknownNameError("column", name, list(found[0].record))
    return [item.row(needs) for item in found]


def gold(task: Task | str, reading: str) -> dict[str, str]:
    """Return item_id -> label in one reading of a task; items without gold in it are left out.

    Raises:
        UnknownNameError: there is no such task or reading.
    """
    one = resolved(task)
    place = one.place(reading)
    return {item.item_id: label for item in items(one) if (label := item.gold[place]) is not None}
