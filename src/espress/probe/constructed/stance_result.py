"""The result of a system on `stance`: classes, triplets, devices, controls, and copies with something exchanged."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.probe.constructed.estimates import estimate_macro_f1, estimate_share, sign_test
from espress.probe.constructed.pages import EXCHANGED, stance_page, stance_summary
from espress.probe.constructed.questions import question
from espress.probe.constructed.set_result import Answered, Counted, Outcome, SetResult
from espress.probe.result import Share
from espress.stats import f1, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from espress.probe.constructed.items import SetItem

CHINA = "CN"
NEITHER = "neither"
SCALE = {"against": -1, NEITHER: 0, "favor": 1}
SIDE_OF = {"favor": "charger", "against": "denier"}  # stance -> the side that a control would quote for it
DIRECTIONS = {  # kind of exchange -> what `first` and `second` of a score mean
    "states": ("when China is accused", "when the other state is accused"),
    "polarity": ("as written", "after the exchange"),
}
ONE_ANSWER = 0.9  # a result warns if this share of the triplets got one answer
ALPHA = 0.05


@dataclass(frozen=True)
class GroupF1:
    """The articles of one register or event type."""

    column: str
    group: str
    articles: int
    macro_f1: Share


@dataclass(frozen=True)
class ControlScore:
    """Articles that quote only one side, in a neutral voice; the right answer is `neither`."""

    articles: int
    right: Share
    quoted_side: int  # answers that take the quoting of a side for the author's stance
    other_side: int


@dataclass(frozen=True)
class SwapScore:
    """Copies with the states or the sides exchanged, each compared with its article as written.

    The right answer is the same for both. `first` and `second` count pairs whose answers differ. For `states`, `first`
    counts those in which the answer is nearer to `favor` when China is accused, `second` those in which it is nearer
    when the other state is accused. For `polarity`, `first` counts those in which the answer to the article as written
    is nearer to `favor`, `second` those in which the answer to the copy is.
    """

    kind: str
    pairs: int
    flipped: Share  # sheets are resampled
    first: int
    second: int
    sheets_first: int  # sheets in which the balance is in this direction
    sheets_second: int
    p: float | None  # exact sign test over sheets; None if no sheet differs
    accuracy: Share  # of the copies


@dataclass(frozen=True, kw_only=True)
class StanceResult(SetResult):
    """A system on `stance`; its value is macro-F1 of the articles as written, without controls."""

    classes: dict[str, tuple[int, float]]  # stance -> articles, F1
    confusion: dict[str, dict[str, int]]  # right answer -> answer ("" if not a label) -> articles
    accuracy: float
    triplets: Counted | None  # all three articles of a sheet and register right
    one_answer: float | None  # share of triplets with one answer for all three
    devices: dict[str, Counted]  # device -> articles that carry it, and the share answered rightly
    controls: ControlScore | None
    swaps: tuple[SwapScore, ...]
    groups: tuple[GroupF1, ...]

    def to_markdown(self) -> str:
        """Return the result as one page of Markdown."""
        return stance_page(self)

    def __str__(self) -> str:
        return stance_summary(self)


def _share(articles: Sequence[Answered], hit: Callable[[Answered], bool]) -> Share | None:
    return estimate_share([hit(one) for one in articles], [one.cluster for one in articles])


def _macro_f1(articles: Sequence[Answered]) -> Share | None:
    gold, given = [one.item.gold for one in articles], [one.answer for one in articles]
    return estimate_macro_f1(gold, given, question("stance").labels, [one.cluster for one in articles])


def _score_classes(articles: Sequence[Answered]) -> dict[str, tuple[int, float]]:
    labels = question("stance").labels
    code = {label: n for n, label in enumerate(labels)}
    given = [code.get(one.answer or "", -1) for one in articles]
    counts = tally([code[one.item.gold] for one in articles], given, len(labels)).sum(axis=0)
    return {label: (int(counts[n, 2]), float(f1(counts)[n])) for n, label in enumerate(labels)}


def _count_answers(articles: Sequence[Answered]) -> dict[str, dict[str, int]]:
    found = {label: Counter[str]() for label in question("stance").labels}
    for one in articles:
        found[one.item.gold][one.answer or ""] += 1
    return {label: dict(sorted(counts.items())) for label, counts in found.items()}


def _find_triplets(articles: Iterable[Answered]) -> dict[tuple[str, str], list[Answered]]:
    found: defaultdict[tuple[str, str], list[Answered]] = defaultdict(list)
    for one in articles:
        found[one.cluster, one.record["register"]].append(one)
    return {key: own for key, own in found.items() if len(own) == len(SCALE)}


def _score_triplets(triplets: Mapping[tuple[str, str], list[Answered]]) -> tuple[Counted | None, float | None]:
    share = estimate_share(
        [all(one.right for one in own) for own in triplets.values()], [sheet for sheet, _ in triplets]
    )
    if share is None:
        return None, None
    one_answer = sum(len({one.answer for one in own}) == 1 for own in triplets.values()) / len(triplets)
    return Counted(len(triplets), share), one_answer


def _score_devices(articles: Sequence[Answered]) -> dict[str, Counted]:
    found = {}
    for name in sorted({device for one in articles for device in one.record["devices"]}):
        own = [one for one in articles if name in one.record["devices"]]
        if share := _share(own, lambda one: one.right):
            found[name] = Counted(len(own), share)
    return found


def _score_controls(articles: Sequence[Answered]) -> ControlScore | None:
    own = [one for one in articles if one.record["is_control"] and not one.record["swap_kind"]]
    right = _share(own, lambda one: one.right)
    if right is None:
        return None
    taken = [SIDE_OF[one.answer] == one.record["one_side"] for one in own if one.answer in SIDE_OF]
    return ControlScore(len(own), right, sum(taken), len(taken) - sum(taken))


def _lean(one: Answered) -> int:
    """Return -1 to 1, from `against` to `favor`; an answer that is not a label is in the middle."""
    return SCALE.get(one.answer or NEITHER, 0)


def _score_swap(kind: str, articles: Sequence[Answered]) -> SwapScore | None:
    written = {one.item.item_id: one for one in articles if not one.record["swap_kind"]}
    copies = [one for one in articles if one.record["swap_kind"] == kind and one.record["swap_of"] in written]
    flipped = _share(copies, lambda one: one.answer != written[one.record["swap_of"]].answer)
    accuracy = _share(copies, lambda one: one.right)
    if flipped is None or accuracy is None:
        return None
    first, second, balance = 0, 0, defaultdict[str, int](int)
    for copy in copies:
        original = written[copy.record["swap_of"]]
        difference = _lean(original) - _lean(copy)
        if kind == "states" and original.record["state_accused"] != CHINA:
            difference = -difference
        first, second = first + (difference > 0), second + (difference < 0)
        balance[copy.cluster] += difference
    sheets_first, sheets_second, p = sign_test(balance.values())
    return SwapScore(kind, len(copies), flipped, first, second, sheets_first, sheets_second, p, accuracy)


def _score_groups(articles: Sequence[Answered]) -> Iterator[GroupF1]:
    for column in question("stance").groups:
        for group in sorted({one.record[column] for one in articles}):
            own = [one for one in articles if one.record[column] == group]
            if value := _macro_f1(own):
                yield GroupF1(column, group, len(own), value)


def _list_findings(
    articles: Sequence[Answered], one_answer: float | None, controls: ControlScore | None, swaps: Sequence[SwapScore]
) -> Iterator[str]:
    answers = {one.answer for one in articles}
    if len(answers) == 1:
        yield f"Gives one answer, {answers.pop()!r}, to all {len(articles):,} articles."
    if one_answer is not None and one_answer >= ONE_ANSWER:
        yield (
            f"Gives one answer for all three articles of a sheet in {one_answer:.0%} of the triplets: it does not read "
            "the author's voice."
        )
    if controls and 2 * controls.quoted_side > controls.articles:
        yield f"Takes quoting for endorsing: in {controls.quoted_side} of {controls.articles} controls."
    for swap in swaps:
        if swap.p is not None and swap.p <= ALPHA:
            when = DIRECTIONS[swap.kind][0 if swap.sheets_first > swap.sheets_second else 1]
            yield f"With the {EXCHANGED[swap.kind]} exchanged, answers lean to `favor` {when} (p = {swap.p:.4f})."


def score_stance(items: Sequence[SetItem], labels: Mapping[str, str | None], about: Mapping[str, Any]) -> StanceResult:
    """Return the result of a system on `stance`; the arguments are those of `score_check`."""
    every = [Answered(item, labels[item.item_id]) for item in sorted(items, key=lambda item: item.item_id)]
    written = [one for one in every if not one.record["is_control"] and not one.record["swap_kind"]]
    value = _macro_f1(written) or Share(0.0, 0.0, 0.0)
    triplets, one_answer = _score_triplets(_find_triplets(written))
    controls = _score_controls(every)
    swaps = tuple(filter(None, (_score_swap(kind, every) for kind in ("states", "polarity"))))
    return StanceResult(
        **about,
        metric="macro-F1 of three stances",
        items=len(every),
        value=value.value,
        low=value.low,
        high=value.high,
        findings=tuple(_list_findings(written, one_answer, controls, swaps)),
        classes=_score_classes(written),
        confusion=_count_answers(written),
        accuracy=sum(one.right for one in written) / len(written) if written else 0.0,
        triplets=triplets,
        one_answer=one_answer,
        devices=_score_devices(written),
        controls=controls,
        swaps=swaps,
        groups=tuple(_score_groups(written)),
        outcomes=tuple(Outcome(one.item.item_id, one.cluster, "", one.item.gold, one.answer) for one in written),
    )
