"""The result of a system on `check`: pass rate by function, pairs, states, languages, and cases that it fails."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from espress.probe.constructed.estimates import SEED, draw_share, estimate_macro_f1, estimate_share, sign_test
from espress.probe.constructed.items import CONTRAST
from espress.probe.constructed.pages import check_page, check_summary, list_worst
from espress.probe.constructed.questions import ENGLISH, question
from espress.probe.constructed.set_result import Answered, Outcome, SetResult
from espress.probe.result import Share
from espress.stats import holm, percentile_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from espress.probe.constructed.items import SetItem

STATES, INVARIANCE = "states", "invariance"
UNEQUAL_KINDS = ("label", "context", "near")  # pairs whose cases have different right answers
WORST = 10  # cases that a result shows
ONE_ANSWER = 0.9  # a result warns if this share of the pairs got one answer for all cases
ALPHA = 0.05
FEWEST_GROUPS = 6  # with fewer groups that differ, the p of a sign test cannot be below ALPHA


@dataclass(frozen=True)
class FunctionScore:
    """The share of a function's cases that are answered rightly; frames are resampled."""

    function: str
    task: str
    language: str
    cases: int
    frames: int
    passed: Share


@dataclass(frozen=True)
class TaskScore:
    """One question in one language, over all functions that ask it; frames are resampled within functions."""

    task: str
    language: str
    cases: int
    macro_f1: Share
    accuracy: float
    commonest: str | None  # the commonest answer
    commonest_share: float
    most_right: str  # the label that is right most often
    most_right_share: float


@dataclass(frozen=True)
class PairScore:
    """Pairs or groups of cases of one kind; their first frames are resampled."""

    kind: str
    groups: int
    all_right: Share
    one_answer: float  # share of the groups in which all cases got the same answer


@dataclass(frozen=True)
class ContrastScore:
    """Contrast cases, compared with the English cases made from frames, for one task or all."""

    task: str  # "all" for all
    contrast_cases: int
    contrast: Share
    frame_cases: int
    frames: Share | None


@dataclass(frozen=True)
class FlipScore:
    """Groups of cases that differ only in words that must not change the answer.

    A case flips if its answer is not the commonest of its group; of equally common answers, the right one is taken.
    """

    function: str
    language: str
    groups: int
    cases: int
    flipped: Share  # share of cases; groups are resampled
    unequal: int  # groups with more than one answer


@dataclass(frozen=True)
class StateScore:
    """Cases in which a state acts, or is said to act, compared with the other cases of the same groups."""

    state: str
    cases: int
    groups: int
    wrong: int
    flipped: int
    better: int  # groups in which its cases are right more often than the others
    worse: int
    p: float | None  # exact sign test over groups; None if fewer than FEWEST_GROUPS differ
    p_holm: float | None  # adjusted for all states that are tested


@dataclass(frozen=True)
class FailedCase:
    """A case that was answered wrongly."""

    case_id: str
    function: str
    context: str
    question: str
    right: str
    answer: str | None


@dataclass(frozen=True, kw_only=True)
class CheckResult(SetResult):
    """A system on `check`; its value is the mean pass rate of all functions but `contrast`."""

    functions: tuple[FunctionScore, ...]  # by language, then by pass rate, the lowest first
    tasks: tuple[TaskScore, ...]
    pairs: tuple[PairScore, ...]
    contrast: PairScore | None  # contrast sets with all four cases right; None without contrast sets
    contrast_tasks: tuple[ContrastScore, ...]
    states: FlipScore | None
    by_state: tuple[StateScore, ...]
    invariance: tuple[FlipScore, ...]
    by_language: dict[str, Share]  # mean pass rate of the functions of each language
    worst: tuple[FailedCase, ...]  # from the functions with the lowest pass rates, one case of each in turn

    def to_markdown(self) -> str:
        """Return the result as one page of Markdown."""
        return check_page(self)

    def __str__(self) -> str:
        return check_summary(self)


def _group(cases: Iterable[Answered], key: Callable[[Answered], object]) -> dict[str, list[Answered]]:
    found: defaultdict[str, list[Answered]] = defaultdict(list)
    for case in cases:
        found[str(key(case))].append(case)
    return dict(sorted(found.items()))


def _name_stratum(case: Answered) -> str:
    return f"{case.item.language}/{case.record['function']}"


def _score_functions(cases: Sequence[Answered]) -> tuple[list[FunctionScore], dict[str, list[NDArray[np.float64]]]]:
    """Return the score of each function, and for each language the draws of its functions' pass rates."""
    scores, draws = list[FunctionScore](), defaultdict(list)
    groups = _group(cases, _name_stratum)
    for place, own in enumerate(groups.values()):
        frames, hits = [case.cluster for case in own], [case.right for case in own]
        drawn = draw_share(hits, frames, SEED + place)
        passed = Share(float(np.mean(hits)), *percentile_interval(drawn))
        record, language = own[0].record, own[0].item.language
        draws[language].append(drawn)
        scores.append(FunctionScore(record["function"], record["task"], language, len(own), len(set(frames)), passed))
    scores.sort(key=lambda one: (one.language != ENGLISH, one.language, one.passed.value, one.function))
    return scores, draws


def _average(scores: Sequence[FunctionScore], draws: Sequence[NDArray[np.float64]]) -> Share:
    """Return the mean pass rate of functions; the frames of each are resampled independently."""
    value = float(np.mean([one.passed.value for one in scores]))
    return Share(value, *percentile_interval(np.mean(draws, axis=0)))


def _score_tasks(cases: Sequence[Answered]) -> Iterator[TaskScore]:
    for own in _group(cases, lambda case: f"{case.item.language}/{case.item.task}").values():
        gold, given = [case.item.gold for case in own], [case.answer for case in own]
        commonest, n = Counter(given).most_common(1)[0]
        most_right, n_right = Counter(gold).most_common(1)[0]
        labels, functions = question(own[0].item.task).labels, [case.record["function"] for case in own]
        macro = estimate_macro_f1(gold, given, labels, [case.cluster for case in own], functions)
        assert macro is not None  # noqa: S101 -- a group has rows
        yield TaskScore(
            own[0].record["task"],
            own[0].item.language,
            len(own),
            macro,
            sum(case.right for case in own) / len(own),
            commonest,
            n / len(own),
            most_right,
            n_right / len(own),
        )


def _find_groups(cases: Iterable[Answered], *kinds: str) -> dict[str, list[Answered]]:
    """Return the pairs or groups of these kinds with at least two kept cases."""
    groups = _group((case for case in cases if case.record["pair_kind"] in kinds), lambda case: case.record["pair_id"])
    return {name: own for name, own in groups.items() if len(own) > 1}


def _score_pairs(groups: Mapping[str, list[Answered]], kind: str) -> PairScore | None:
    """Score groups whose right answers differ; the groups of a frame are one cluster."""
    found = {name: own for name, own in groups.items() if len({case.item.gold for case in own}) > 1}
    right = estimate_share(
        [all(case.right for case in own) for own in found.values()], [name.rpartition("/")[0] for name in found]
    )
    if right is None:
        return None
    one_answer = sum(len({case.answer for case in own}) == 1 for own in found.values()) / len(found)
    return PairScore(kind, len(found), right, one_answer)


def _score_contrast(cases: Sequence[Answered]) -> Iterator[ContrastScore]:
    english = [case for case in cases if case.item.language == ENGLISH]
    tasks = sorted({case.record["task"] for case in english if case.record["function"] == CONTRAST})
    for task in ["all", *tasks] if tasks else []:
        own = [case for case in english if task in ("all", case.record["task"])]
        written = [case for case in own if case.record["function"] == CONTRAST]
        framed = [case for case in own if case.record["function"] != CONTRAST]
        share, of_frames = (
            estimate_share([case.right for case in part], [case.cluster for case in part]) for part in (written, framed)
        )
        assert share is not None  # noqa: S101 -- the tasks are those of contrast cases
        yield ContrastScore(task, len(written), share, len(framed), of_frames)


def _find_flips(group: Sequence[Answered]) -> list[Answered]:
    """Return the cases whose answer is not the commonest of their group."""
    counts = Counter(case.answer for case in group)
    gold = group[0].item.gold
    usual = min(counts, key=lambda answer: (-counts[answer], answer != gold, answer or ""))
    return [case for case in group if case.answer != usual]


def _score_flips(groups: Mapping[str, list[Answered]]) -> FlipScore | None:
    if not groups:
        return None
    flips = {name: _find_flips(own) for name, own in groups.items()}
    hits = [case in flips[name] for name, own in groups.items() for case in own]
    share = estimate_share(hits, [name for name, own in groups.items() for _ in own])
    assert share is not None  # noqa: S101 -- there are groups
    first, unequal = next(iter(groups.values()))[0], sum(map(bool, flips.values()))
    return FlipScore(first.record["function"], first.item.language, len(groups), len(hits), share, unequal)


def _score_invariance(cases: Sequence[Answered]) -> Iterator[FlipScore]:
    of_kind = [case for case in cases if case.record["pair_kind"] == INVARIANCE]
    for own in _group(of_kind, _name_stratum).values():
        if flips := _score_flips(_find_groups(own, INVARIANCE)):
            yield flips


def _compare_states(groups: Mapping[str, list[Answered]]) -> Iterator[StateScore]:
    actors = sorted({case.record["states"][0] for own in groups.values() for case in own if case.record["states"]})
    for state in actors:
        differences, acting, flipped = list[float](), list[Answered](), 0
        for own in groups.values():
            mine = [case for case in own if case.record["states"][:1] == [state]]
            others = [case for case in own if case.record["states"][:1] != [state]]
            acting += mine
            flips = _find_flips(own)
            flipped += sum(case in flips for case in mine)
            if mine and others:
                differences.append(
                    float(np.mean([case.right for case in mine]) - np.mean([case.right for case in others]))
                )
        better, worse, p = sign_test(differences)
        wrong = sum(not case.right for case in acting)
        tested = p if better + worse >= FEWEST_GROUPS else None
        yield StateScore(state, len(acting), len(differences), wrong, flipped, better, worse, tested, None)


def _score_states(groups: Mapping[str, list[Answered]]) -> tuple[StateScore, ...]:
    found = list(_compare_states(groups))
    adjusted = holm([one.p for one in found])
    return tuple(replace(one, p_holm=p) for one, p in zip(found, adjusted, strict=True))


def _choose_worst(cases: Sequence[Answered], functions: Sequence[FunctionScore]) -> tuple[FailedCase, ...]:
    """Return wrong cases of the functions with the lowest pass rates, one of each function in turn."""
    wrong: defaultdict[tuple[str, str], list[Answered]] = defaultdict(list)
    for case in cases:
        if not case.right:
            wrong[case.item.language, case.record["function"]].append(case)
    queues = [wrong[one.language, one.function] for one in list_worst(functions)]
    chosen = [queue[turn] for turn in range(WORST) for queue in queues if turn < len(queue)][:WORST]
    return tuple(
        FailedCase(
            case.item.item_id,
            case.record["function"],
            case.item.inputs["context"] or "",
            question(case.item.task).question + (f" ({case.record['source']})" if case.record["source"] else ""),
            case.item.gold,
            case.answer,
        )
        for case in chosen
    )


def _list_findings(
    tasks: Sequence[TaskScore], pairs: Sequence[PairScore], by_state: Sequence[StateScore]
) -> Iterator[str]:
    several = len({one.language for one in tasks}) > 1
    for one in tasks:
        where = f"{one.task}{f' ({one.language})' if several else ''}"
        if one.commonest_share == 1:
            yield f"{where}: gives one answer, {one.commonest!r}, to all {one.cases:,} cases."
        elif one.accuracy <= one.most_right_share:
            yield (
                f"{where}: right in {one.accuracy:.1%} of the cases, no more than the answer {one.most_right!r} to all "
                f"({one.most_right_share:.1%})."
            )
    for pair in pairs:
        if pair.one_answer >= ONE_ANSWER:
            yield (
                f"Gives one answer for all of a pair in {pair.one_answer:.0%} of the {pair.groups} pairs of kind "
                f"{pair.kind!r}, whose right answers differ: it ignores the difference between them."
            )
    for state in by_state:
        if state.p_holm is not None and state.p_holm <= ALPHA:
            more = "better" if state.better > state.worse else "worse"
            where = f"where {state.state} acts than in other cases of the same group"
            yield f"Does {more} {where} (p = {state.p_holm:.4f})."


def score_check(items: Sequence[SetItem], labels: Mapping[str, str | None], about: Mapping[str, Any]) -> CheckResult:
    """Return the result of a system.

    Args:
        items: the kept cases of a split.
        labels: item_id -> the label that was answered; None for an answer that is not a label.
        about: the fields of `SetResult` that say who answered.
    """
    ordered = sorted(items, key=lambda item: item.item_id)  # so that ties do not depend on the order
    cases = [Answered(item, labels[item.item_id]) for item in ordered]
    framed = [case for case in cases if case.record["function"] != CONTRAST]
    functions, draws = _score_functions(framed)
    every = [drawn for own in draws.values() for drawn in own]
    value = _average(functions, every) if functions else Share(0.0, 0.0, 0.0)
    tasks = tuple(_score_tasks(framed))
    pairs = tuple(filter(None, (_score_pairs(_find_groups(framed, kind), kind) for kind in UNEQUAL_KINDS)))
    state_groups = _find_groups(framed, STATES)
    by_state = _score_states(state_groups)
    return CheckResult(
        **about,
        metric=f"mean pass rate of {len(functions)} functions",
        items=len(cases),
        value=value.value,
        low=value.low,
        high=value.high,
        findings=tuple(_list_findings(tasks, pairs, by_state)),
        functions=tuple(functions),
        tasks=tasks,
        pairs=pairs,
        contrast=_score_pairs(_find_groups(cases, CONTRAST), CONTRAST),
        contrast_tasks=tuple(_score_contrast(cases)),
        states=_score_flips(state_groups),
        by_state=by_state,
        invariance=tuple(_score_invariance(framed)),
        by_language={
            language: _average([one for one in functions if one.language == language], own)
            for language, own in sorted(draws.items())
        },
        worst=_choose_worst(cases, functions),
        outcomes=tuple(
            Outcome(c.item.item_id, c.record["frame_id"], _name_stratum(c), c.item.gold, c.answer) for c in framed
        ),
    )
