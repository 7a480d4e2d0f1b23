"""What the results on both constructed sets have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from espress.probe.result import Printed

if TYPE_CHECKING:
    from espress.probe.constructed.answers import SetAnswer
    from espress.probe.constructed.items import SetItem
    from espress.probe.result import Share


@dataclass(frozen=True)
class Counted:
    """A share of some cases."""

    cases: int
    share: Share


@dataclass(frozen=True, eq=False)
class Answered:
    """A kept item with the answer to it, a label or None."""

    item: SetItem
    answer: str | None

    @property
    def right(self) -> bool:
        """Whether the answer is the right one."""
        return self.answer == self.item.gold

    @property
    def record(self) -> dict[str, Any]:
        """The row of the table."""
        return self.item.record

    @property
    def cluster(self) -> str:
        """The resampling unit: the frame of a case, the sheet of an article."""
        return str(self.record["frame_id" if "frame_id" in self.record else "sheet_id"])


@dataclass(frozen=True)
class Outcome:
    """One item that is in the value of a result, with the right answer and the one that was given."""

    item_id: str
    cluster: str  # frame or sheet
    stratum: str  # language and function; empty for `stance`
    gold: str
    answer: str | None  # None if it was not a label


@dataclass(frozen=True, kw_only=True)
class SetResult(Printed):
    """A system on a split of a constructed set; every figure is computed from kept items only."""

    set: str
    split: str
    languages: tuple[str, ...]
    model: str
    family: str | None
    same_family_as_annotators: bool | None  # None if the family was not given
    ran_on: tuple[str, ...]  # days of the run
    trained_on: tuple[str, ...]  # empty if the model was not trained here
    data_version: str
    metric: str
    items: int
    value: float
    low: float
    high: float
    failed: int  # answers that were not labels; they count as wrong
    failed_examples: tuple[tuple[str, str], ...]  # item and answer, unchanged
    hint: str | None  # what was expected, if nearly all answers were not labels
    findings: tuple[str, ...]  # conclusions from the figures, such as that the model ignores the text
    may_claim: tuple[str, ...]
    may_not_claim: tuple[str, ...]
    outcomes: tuple[Outcome, ...] = field(default=(), repr=False)  # what the value is computed from, sorted by item
    predictions: tuple[SetAnswer, ...] = field(default=(), repr=False)

    _LEFT_OUT: ClassVar[tuple[str, ...]] = ("predictions", "outcomes")
