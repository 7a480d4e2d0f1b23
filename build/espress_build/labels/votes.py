"""From judgements to gold: the majority of the annotators who judged, null where there is none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Gold:
    """The majority of votes; `unclear` where no value has more than half of them. `value` None may be a voted null."""

    value: str | None
    unclear: bool
    unanimous: bool
    votes: tuple[tuple[str | None, int], ...]  # value and number, most first, then by value


def majority(votes: Sequence[str | None], annotators: int) -> Gold:
    """Return the majority among `annotators` who judged the unit, of whom some may not have voted on this.

    The rule is more than half of all who judged: with three annotators two must agree, and an entry that only one of
    them sees is none.
    """
    counted = sorted(Counter(votes).items(), key=lambda pair: (-pair[1], pair[0] or ""))
    if not counted or 2 * counted[0][1] <= annotators:
        return Gold(None, unclear=True, unanimous=False, votes=tuple(counted))
    unanimous = counted[0][1] == annotators
    return Gold(counted[0][0], unclear=False, unanimous=unanimous, votes=tuple(counted))
