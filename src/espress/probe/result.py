"""The parts of a result: values, intervals with a named estimand, and paired differences."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from espress.probe.model_runs import Failed
    from espress.probe.predictions import Prediction


@dataclass(frozen=True)
class JsonValues:
    """A dataclass of values that can be kept as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found


@dataclass(frozen=True)
class Printed(JsonValues):
    """A result that is printed as Markdown and as JSON."""

    _LEFT_OUT: ClassVar[tuple[str, ...]] = ("predictions",)  # of the JSON

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values, without the predictions, which `espress.probe.write` saves.

        A `Share` becomes a list: its value, and the lower and upper end of its 95 % interval.
        """
        kept = replace(self, **dict.fromkeys(self._LEFT_OUT, ()))
        return {name: value for name, value in super(Printed, kept).to_dict().items() if name not in self._LEFT_OUT}

    def to_json(self) -> str:
        """Return `to_dict` as JSON, the same bytes for the same result."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def to_markdown(self) -> str:
        """Return the result as Markdown."""
        raise NotImplementedError

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


@dataclass(frozen=True)
class Estimate:
    """A value under one named estimand; `low` and `high` are None if no interval can be given."""

    estimand: str  # "these five articles", "new articles"
    value: float | None
    low: float | None
    high: float | None
    note: str  # how the interval is computed, and what it does not cover
    assumes: str = ""  # the assumption under which the interval is valid, such as "if paragraphs are independent"

    def __str__(self) -> str:
        from espress.probe.markdown import format_interval

        assumes = f" ({self.assumes})" if self.assumes and self.low is not None else ""
        return f"{self.estimand}: {format_interval(self) or 'no value'}{assumes}"


@dataclass(frozen=True)
class Tested:
    """A paired difference under one named estimand: estimate, test, and smallest detectable difference."""

    estimate: Estimate
    p: float | None
    p_holm: float | None  # p adjusted by Holm for all comparisons that are given together
    smallest_p: float | None  # the smallest p that the test can give here
    test: str
    minimum_detectable: float | None  # at `alpha` two-sided with `power`; None if the difference never varies
    formula: str
    alpha: float = 0.05
    power: float = 0.8


@dataclass(frozen=True)
class Comparison(JsonValues):
    """One system against another on the same items: the score of `system` minus that of `against`."""

    task: str
    split: str
    system: str
    against: str
    fixed: Tested
    new: Tested

    def __str__(self) -> str:
        from espress.probe.markdown import comparison_to_markdown

        return comparison_to_markdown(self)


@dataclass(frozen=True)
class ClassScore:
    """One class: its size, `f1` if it is scored, hits if it is scored or counted; means over runs."""

    label: str
    status: str
    units: int
    articles: int
    f1: float | None
    hits: float | None


class Share(NamedTuple):
    """A value between 0 and 1 with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class RareScore:
    """The rare class of a task in which only one class is large, with Wilson's intervals; means over runs."""

    label: str
    hits: float
    predicted: float
    units: float
    recall: Share
    precision: Share | None  # None if the class is never predicted
    f1: Share


@dataclass(frozen=True)
class GroupScore:
    """One group: mean F1 of the scored classes that have gold in it (None if there are none), and accuracy."""

    column: str
    group: str
    units: int
    score: float | None
    accuracy: float


@dataclass(frozen=True)
class Result(Printed):
    """A system on a task and a split, and what is needed to cite or repeat it; values are means over the runs."""

    task: str
    question: str
    split: str
    model: str
    family: str | None
    same_family_as_annotators: bool | None  # None if the family was not given
    ran_on: str
    data_version: str  # of the gold labels
    split_hash: str
    runs: tuple[str, ...]
    metric: str  # "macro_f1[2 of 3]", or "f1[LABEL]" for the rare class of a task with only one large class
    units: int
    value: float | None  # None if no class is scored
    lowest: float | None  # of the runs
    highest: float | None
    accuracy: float
    failed: float  # answers that were not labels
    hint: str | None  # what was expected, if nearly all answers were not labels
    rare: RareScore | None  # of a task with only one large class
    classes: tuple[ClassScore, ...]
    groups: tuple[GroupScore, ...]
    fixed: Estimate
    new: Estimate
    references: tuple[Comparison, ...]  # empty if no class is scored
    may_claim: tuple[str, ...]
    may_not_claim: tuple[str, ...]
    failed_examples: tuple[Failed, ...] = ()  # unchanged
    predictions: tuple[Prediction, ...] = field(default=(), repr=False)

    def to_markdown(self) -> str:
        """Return the result as a Markdown section."""
        from espress.probe.markdown import result_to_markdown

        return result_to_markdown(self)

    def __str__(self) -> str:
        return self.to_markdown()
