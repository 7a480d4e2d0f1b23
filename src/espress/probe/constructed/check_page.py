"""Print a result on `check`: a summary for a terminal, and a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.constructed.pages import join_page, join_summary
from espress.probe.markdown import format_number, format_p, format_share
from espress.tables import format_markdown, format_text
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.constructed.check_result import CheckResult, FlipScore, FunctionScore

    Table = tuple[list[tuple[object, ...]], list[str]]

UNITS = "frames"
WORST_FUNCTIONS = 5  # named in the first lines
_SHOWN = 10  # functions in a summary


def name_function(one: FunctionScore | FlipScore) -> str:
    """Return a function's name, after the language if it is not English."""
    return one.function if one.language == "en" else f"{one.language}/{one.function}"


def list_worst(result: CheckResult) -> list[FunctionScore]:
    """Return the functions from the lowest pass rate up."""
    return sorted(result.functions, key=lambda one: (one.passed.value, one.language, one.function))


def _describe_states(result: CheckResult) -> str:
    if result.states is None:
        return "no groups with states exchanged are kept"
    one = result.states
    tested = [state for state in result.by_state if state.p_holm is not None]
    least = min(tested, key=lambda state: state.p_holm or 0.0, default=None)
    test = f"smallest p {format_p(least.p_holm)} ({least.state}, Holm)" if least else "too few groups differ"
    return f"{format_share(one.flipped)} of {one.cases} cases in {one.groups} groups; sign test by state: {test}"


def list_first_lines(result: CheckResult) -> Iterator[str]:
    """Yield worst functions, state-swap flips and pairs."""
    worst = [f"{name_function(one)} {one.passed.value:.2f}" for one in list_worst(result)[:WORST_FUNCTIONS]]
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


def _list_parts(result: CheckResult) -> Iterator[str]:
    yield "## By task"
    yield format_markdown(*_tasks(result))
    if len(result.by_language) > 1:
        rows = [(language, format_share(share)) for language, share in result.by_language.items()]
        yield "## By language"
        yield format_markdown(rows, ["language", "mean pass rate [95 %]"])
    yield "## Pairs"
    yield (
        "The cases of a pair differ in a few words (`label`), in the neighbouring sentences alone (`context`) or in "
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
            "Better and worse: groups in which a larger or a smaller share of the cases in which the state acts is "
            "right than of the others. p: exact sign test over these groups, if at least six differ."
        )
    if result.invariance:
        yield "## What must not matter"
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


def write_page(result: CheckResult) -> str:
    """Return a result as one page of Markdown."""
    return join_page(result, list_first_lines(result), _list_parts(result), UNITS)


def summarise(result: CheckResult) -> str:
    """Return the first lines of a result and its main tables, for a terminal."""
    tables = [format_text(*_tasks(result)), format_text(*_functions(list_worst(result)[:_SHOWN]))]
    return join_summary(result, list_first_lines(result), tables, UNITS)
