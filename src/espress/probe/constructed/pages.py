"""Print results on the constructed sets: as a summary for a terminal, and as a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.constructed.questions import SETS
from espress.probe.markdown import format_number, format_p, format_share
from espress.tables import format_markdown, format_text, join_few
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from espress.probe.constructed.check_result import CheckResult, FlipScore, FunctionScore
    from espress.probe.constructed.set_result import SetResult
    from espress.probe.constructed.stance_result import StanceResult

    Table = tuple[list[tuple[object, ...]], list[str]]

WORST_FUNCTIONS = 5  # named in the first lines
_SHOWN = 10  # functions in a summary
EXCHANGED = {"states": "states", "polarity": "sides"}  # kind of exchange -> what is exchanged
INTERVALS = (
    "Intervals: 95 %, percentile bootstrap with 10,000 resamples of whole {units} (`espress.stats.cluster_bootstrap`). "
    "They show how much a figure depends on which {units} were written; they say nothing about natural articles. With "
    "few {units} they are too narrow, and without width where all {units} agree."
)


# ------------------------------------------------------------------------------------------------ both sets


def _describe_system(result: SetResult) -> Iterator[str]:
    mark = " (same_family_as_annotators)" if result.same_family_as_annotators else ""
    yield f"family: {result.family or 'not given'}{mark}"
    yield f"ran on: {', '.join(result.ran_on)}"
    yield f"trained on: {'; '.join(result.trained_on) or 'nothing here'}"
    yield f"data version: {result.data_version}; split {result.split}, languages {', '.join(result.languages)}"


def _list_headline(result: SetResult) -> Iterator[str]:
    value = format_share((result.value, result.low, result.high))
    yield f"{result.metric}: {value}; {result.items:,} kept items of {result.set}, split {result.split}"


def _list_warnings(result: SetResult) -> Iterator[str]:
    yield from result.findings
    if result.hint:
        yield result.hint
    elif result.failed:
        examples = join_few([f"{item}: {said!r}" for item, said in result.failed_examples], 3, total=result.failed)
        yield f"{result.failed:,} answers are not labels and count as wrong: {examples}"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _join_page(result: SetResult, first: Iterable[str], parts: Iterable[str]) -> str:
    """Return a page of Markdown: the first lines, who answered, the given parts, and what may be claimed."""
    warnings = (f"**{line}**" for line in _list_warnings(result))
    return "\n\n".join(
        [
            f"# `{result.model}` on the constructed set `{result.set}`",
            _list([*_list_headline(result), *first, *warnings]),
            _list(_describe_system(result)),
            *parts,
            "## What the figures show",
            INTERVALS.format(units=SETS[result.set].units),
            "May be claimed:",
            _list(result.may_claim),
            "May not be claimed:",
            _list(result.may_not_claim),
        ]
    )


def _join_summary(result: SetResult, first: Iterable[str], tables: Iterable[str]) -> str:
    """Return a summary for a terminal: the first lines, warnings marked by `!`, and the given tables."""
    lines = [f"{result.model} on {result.set} (constructed)", *_list_headline(result), *first]
    lines += [f"! {line}" for line in _list_warnings(result)]
    note = f"{INTERVALS.format(units=SETS[result.set].units)} `to_markdown()` gives all tables."
    return "\n\n".join(["\n".join(lines), *tables, note])


# ------------------------------------------------------------------------------------------------ check


def name_function(one: FunctionScore | FlipScore) -> str:
    """Return a function's name, after the language if it is not English."""
    return one.function if one.language == "en" else f"{one.language}/{one.function}"


def list_worst(functions: Sequence[FunctionScore]) -> list[FunctionScore]:
    """Return functions from the lowest pass rate up."""
    return sorted(functions, key=lambda one: (one.passed.value, one.language, one.function))


def _describe_states(result: CheckResult) -> str:
    if result.states is None:
        return "no groups with states exchanged are kept"
    one = result.states
    tested = [state for state in result.by_state if state.p_holm is not None]
    least = min(tested, key=lambda state: state.p_holm or 0.0, default=None)
    test = f"smallest p {format_p(least.p_holm)} ({least.state}, Holm)" if least else "too few groups differ"
    return f"{format_share(one.flipped)} of {one.cases} cases in {one.groups} groups; sign test by state: {test}"


def _list_check_lines(result: CheckResult) -> Iterator[str]:
    """Yield worst functions, state-swap flips and pairs."""
    worst = [f"{name_function(one)} {one.passed.value:.2f}" for one in list_worst(result.functions)[:WORST_FUNCTIONS]]
    yield f"worst functions: {', '.join(worst)}"
    yield f"state-swap flips: {_describe_states(result)}"
    for pair in result.pairs:
        yield f"pairs of kind {pair.kind}, all right: {format_share(pair.all_right)} of {pair.groups}"


def _functions(functions: Sequence[FunctionScore]) -> Table:
    rows: list[tuple[object, ...]] = [
        (name_function(o), o.task, o.cases, o.frames, format_share(o.passed)) for o in functions
    ]
    return rows, ["function", "task", "cases", "frames", "pass rate [95 %]"]


def _tasks(result: CheckResult) -> Table:
    rows: list[tuple[object, ...]] = [
        (o.task, o.language, o.cases, format_share(o.macro_f1), format_number(o.accuracy), o.commonest,
         format_number(o.commonest_share)) for o in result.tasks
    ]  # fmt: skip
    return rows, ["task", "language", "cases", "macro-F1 [95 %]", "accuracy", "commonest answer", "its share"]


def _states(result: CheckResult) -> Table:
    rows: list[tuple[object, ...]] = [
        (o.state, o.cases, o.groups, o.wrong, o.flipped, o.better, o.worse, *map(format_p, (o.p, o.p_holm)))
        for o in result.by_state
    ]
    head = ["state that acts", "cases", "groups", "wrong", "flipped", "better in", "worse in", "p", "p, Holm"]
    return rows, head


def _list_check_parts(result: CheckResult) -> Iterator[str]:
    yield "## By task"
    yield format_markdown(*_tasks(result))
    if len(result.by_language) > 1:
        rows = [(language, format_share(share)) for language, share in result.by_language.items()]
        yield "## By language"
        yield format_markdown(rows, ["language", "mean pass rate [95 %]"])
    yield "## Pairs"
    yield (
        "The cases of a pair differ in a few words (`label`), only in the neighbouring sentences (`context`) or in "
        "both (`near`), and in the right answer; of a contrast set, all four sentences must be right."
    )
    groups = [*result.pairs, *([result.contrast] if result.contrast else [])]
    rows_ = [(o.kind, o.groups, format_share(o.all_right), format_number(o.one_answer)) for o in groups]
    yield format_markdown(rows_, ["kind", "pairs or groups", "all right [95 %]", "one answer for all"])
    if result.contrast_tasks:
        yield "## Sentences written one by one, and cases made from frames"
        yield format_markdown(
            [
                (o.task, o.contrast_cases, format_share(o.contrast), o.frame_cases, format_share(o.frames))
                for o in result.contrast_tasks
            ],
            ["task", "contrast cases", "right [95 %]", "cases from frames", "right [95 %]"],
        )
    yield "## States exchanged"
    yield f"Cases whose answer is not the commonest of their group: {_describe_states(result)}."
    if result.by_state:
        yield format_markdown(*_states(result))
        yield (
            "Better, worse: groups in which the answers are right more often, or less often, for cases in which the "
            "state acts than for other cases. p: exact sign test over these groups, if at least six differ."
        )
    if result.invariance:
        yield "## Changes that must not change the answer"
        found = [(name_function(o), o.groups, o.cases, format_share(o.flipped), o.unequal) for o in result.invariance]
        head = ["function", "groups", "cases", "flipped [95 %]", "groups with several answers"]
        yield format_markdown(found, head)
    yield "## By function"
    yield format_markdown(*_functions(result.functions))
    if result.worst:
        yield "## Some cases that were answered wrongly, of the functions with the lowest pass rates"
        for o in result.worst:
            quoted = "\n".join(f"> {line}" for line in escape_for_terminal(o.context).split("\\n"))
            said = "no label" if o.answer is None else f"`{o.answer}`"
            yield f"`{o.case_id}`: {o.question} Right: `{o.right}`; answered: {said}.\n\n{quoted}"


def check_page(result: CheckResult) -> str:
    """Return a result as one page of Markdown."""
    return _join_page(result, _list_check_lines(result), _list_check_parts(result))


def check_summary(result: CheckResult) -> str:
    """Return the first lines of a result and its main tables, for a terminal."""
    tables = [format_text(*_tasks(result)), format_text(*_functions(list_worst(result.functions)[:_SHOWN]))]
    return _join_summary(result, _list_check_lines(result), tables)


# ------------------------------------------------------------------------------------------------ stance


def _list_stance_lines(result: StanceResult) -> Iterator[str]:
    """Yield triplets, controls and flips."""
    if result.triplets:
        yield f"triplets, all three right: {format_share(result.triplets.share)} of {result.triplets.cases}"
    if result.controls:
        yield f"controls right: {format_share(result.controls.right)} of {result.controls.articles}"
    for swap in result.swaps:
        what = EXCHANGED[swap.kind]
        yield f"flips when the {what} are exchanged: {format_share(swap.flipped)} of {swap.pairs} pairs"


def _list_stance_parts(result: StanceResult) -> Iterator[str]:
    yield "## By stance"
    answers = sorted({answer for counts in result.confusion.values() for answer in counts})
    yield format_markdown(
        [
            (stance, n, format_number(score), *(result.confusion[stance].get(answer, 0) for answer in answers))
            for stance, (n, score) in result.classes.items()
        ],
        ["stance", "articles", "F1", *(f"answered {answer or 'no label'}" for answer in answers)],
    )
    yield "## By device"
    rows = [(name, own.cases, format_share(own.share)) for name, own in result.devices.items()]
    yield format_markdown(rows, ["device of the author's voice", "articles", "right [95 %]"])
    if result.controls:
        one = result.controls
        yield "## Controls"
        yield (
            f"{one.articles} articles quote only one side, in a neutral voice. Right (`neither`): "
            f"{format_share(one.right)}. Taken for the stance of the quoted side: {one.quoted_side}; of the other "
            f"side: {one.other_side}."
        )
    if result.swaps:
        yield "## Exchanges"
        yield format_markdown(
            [
                (EXCHANGED[o.kind], o.pairs, format_share(o.flipped), o.first, o.second, o.sheets_first,
                 o.sheets_second, format_p(o.p), format_share(o.accuracy)) for o in result.swaps
            ],
            ["exchanged", "pairs", "flipped [95 %]", "first", "second", "sheets, first", "sheets, second", "p",
             "copies right [95 %]"],
        )  # fmt: skip
        yield (
            "For states, `first` counts the pairs whose answer is nearer to `favor` when China is accused, `second` "
            "those in which it is nearer when the other state is accused. For sides, `first` counts the pairs whose "
            "answer is nearer to `favor` as written, `second` those in which it is nearer after the exchange. p: exact "
            "sign test over sheets."
        )
    yield "## By register and event type"
    groups = [(o.column, o.group, o.articles, format_share(o.macro_f1)) for o in result.groups]
    yield format_markdown(groups, ["by", "group", "articles", "macro-F1 [95 %]"])


def stance_page(result: StanceResult) -> str:
    """Return a result as one page of Markdown."""
    return _join_page(result, _list_stance_lines(result), _list_stance_parts(result))


def stance_summary(result: StanceResult) -> str:
    """Return the first lines of a result and its main tables, for a terminal."""
    classes = [(stance, n, format_number(value)) for stance, (n, value) in result.classes.items()]
    devices = [(name, own.cases, format_share(own.share)) for name, own in result.devices.items()]
    tables = [
        format_text(classes, ["stance", "articles", "F1"]),
        format_text(devices, ["device", "articles", "right [95 %]"]),
    ]
    return _join_summary(result, _list_stance_lines(result), tables)
