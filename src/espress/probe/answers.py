"""Read a model's answer: match it with a label, and say what went wrong if hardly any answer matches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEARLY_ALL = 0.9  # if this share of the answers are not labels, a result says what was expected
_SHOWN = 3  # number of different answers that a hint quotes
_MARKS = " \t\r\n\"'`´‘’‚‛“”„‟«»‹›()[]{}<>*_.,:;!?…"
_LEAD_IN = re.compile(r"(?:(?:the|my) )?(?:answer|label|reply)(?: is)?\s*[:=]?[\s\"'`*(\[]+", re.IGNORECASE)
_JOINT = re.compile(r"[\s_-]+")


def _fold(text: str) -> str:
    return _JOINT.sub("_", text.strip(_MARKS).casefold())


def parse_answer(said: str, labels: Sequence[str]) -> str | None:
    """Return the label that an answer gives, or None if it gives none.

    Case does not matter, nor do white space, quotes, brackets, asterisks and stops around the label, a lead-in such as
    "Answer:", and whether the words of a label are joined by a space, a hyphen or an underscore. Anything else, such as
    a sentence that contains a label, is no label.
    """
    known = {_fold(label): label for label in labels}
    bare = said.strip(_MARKS)
    return known.get(_fold(bare)) or known.get(_fold(_LEAD_IN.sub("", bare, count=1)))


def explain_failures(failed: int, total: int, said: Sequence[str], labels: Sequence[str], task: str) -> str | None:
    """Return a hint if nearly all answers are not labels: what the model said and what is expected; None otherwise."""
    if not total or failed < NEARLY_ALL * total:
        return None
    examples = list(dict.fromkeys(map(repr, said)))[:_SHOWN]
    shown = f" The model said, for example, {', '.join(examples)}." if examples else ""
    return (
        f"{failed:,} of {total:,} answers are not labels of {task}.{shown} Expected is one of {', '.join(labels)}, "
        "alone in the answer; case and surrounding quotes, brackets, asterisks and stops do not matter."
    )
