"""The one way in which a row becomes text, for every trained text model, and an answer becomes a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def as_text(row: dict[str, Any]) -> str:
    """Return the inputs of a row in the task's order, a line each; nulls and `item_id` are left out.

    The inputs' names are not written, because a model that counts words would count them.
    """
    return "\n".join(value for name, value in row.items() if name != "item_id" and isinstance(value, str))


def parsed(answer: str, labels: Sequence[str]) -> str | None:
    """Return the label that an answer is, white space around it aside; None if it is none, which counts as wrong."""
    return answer.strip() if answer.strip() in labels else None
