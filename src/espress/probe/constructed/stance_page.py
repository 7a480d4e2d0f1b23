"""Print a result on `stance`: a summary for a terminal, and a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.constructed.pages import join_page, join_summary
from espress.probe.markdown import format_number, format_p, format_share
from espress.tables import format_markdown, format_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.probe.constructed.stance_result import StanceResult

UNITS = "fact sheets"
EXCHANGED = {"states": "states", "polarity": "sides"}  # kind of exchange -> what is exchanged


def list_first_lines(result: StanceResult) -> Iterator[str]:
    """Yield triplets, controls and flips."""
    if result.triplets:
        yield f"triplets, all three right: {format_share(result.triplets.share)} of {result.triplets.cases}"
    if result.controls:
        yield f"controls right: {format_share(result.controls.right)} of {result.controls.articles}"
    for swap in result.swaps:
        what = EXCHANGED[swap.kind]
        yield f"flips when the {what} are exchanged: {format_share(swap.flipped)} of {swap.pairs} pairs"


def _list_parts(result: StanceResult) -> Iterator[str]:
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
            f"{one.articles} articles quote one side alone in a neutral voice. Right (`neither`): "
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
            "First and second: pairs whose answer is nearer to `favor` when China is accused, and when the other state "
            "is; for the sides, as written, and after the exchange. p: exact sign test over sheets."
        )
    yield "## By register and event type"
    groups = [(o.column, o.group, o.articles, format_share(o.macro_f1)) for o in result.groups]
    yield format_markdown(groups, ["by", "group", "articles", "macro-F1 [95 %]"])


def write_page(result: StanceResult) -> str:
    """Return a result as one page of Markdown."""
    return join_page(result, list_first_lines(result), _list_parts(result), UNITS)


def summarise(result: StanceResult) -> str:
    """Return the first lines of a result and its main tables, for a terminal."""
    classes = [(stance, n, format_number(value)) for stance, (n, value) in result.classes.items()]
    devices = [(name, own.cases, format_share(own.share)) for name, own in result.devices.items()]
    tables = [
        format_text(classes, ["stance", "articles", "F1"]),
        format_text(devices, ["device", "articles", "right [95 %]"]),
    ]
    return join_summary(result, list_first_lines(result), tables, UNITS)
