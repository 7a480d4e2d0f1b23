"""Prompts for models that complete text: zero-shot, or with examples from the set's own training split."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from espress.probe.constructed.items import is_variant, read_items
from espress.probe.constructed.questions import ENGLISH, question
from espress.probe.prompts import check_draw, draw_examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress.probe.constructed.items import SetItem
    from espress.probe.items import Row


def name_question(row: Row) -> str:
    """Return the name of the question that a row asks."""
    task = str(row["task"]).replace("_", "-")
    return task if task == "stance" else f"check-{task}"


@cache
def examples(name: str, draw: int = 1) -> tuple[SetItem, ...]:
    """Return the examples of a few-shot draw: up to two kept English training items of each label, in random order.

    Args:
        name: the question.
        draw: number of the draw, from 1; the same number always gives the same examples.

    Raises:
        UnknownNameError: the question or draw does not exist.
    """
    one = question(name)
    check_draw(draw)
    found = [
        item
        for item in read_items("stance" if name == "stance" else "check")
        if item.question == name and item.split == "train" and item.language == ENGLISH and item.kept
        if not is_variant(item)
    ]
    return tuple(draw_examples(one, draw, found, lambda item: item.gold))


def prompt(row: Row, number: int = 1, draw: int | None = None) -> str:
    """Return the whole prompt for a row: prompt `number` of its question, after the examples of a draw, if any.

    Raises:
        UnknownNameError: the question, prompt or draw does not exist.
    """
    one = question(name_question(row))
    shown = [f"{one.prompt(item.row(), number)} {item.gold}" for item in (examples(one.name, draw) if draw else ())]
    return "\n\n".join([*shown, one.prompt(row, number)])


def answer_prompts(
    complete: Callable[[list[str]], list[str]], number: int = 1, draw: int | None = None
) -> Callable[[list[Row]], list[str]]:
    """Return a function that makes a prompt of each row and has `complete` answer it.

    Args:
        complete: gets a batch of prompts, returns an answer to each.
        number: which prompt of each question.
        draw: which examples to put before it; None for none.
    """

    def predict(rows: list[Row]) -> list[str]:
        return complete([prompt(row, number, draw) for row in rows])

    return predict
