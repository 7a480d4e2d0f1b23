"""What the printed results on both constructed sets have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.probe.markdown import format_share
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from espress.probe.constructed.set_result import SetResult

INTERVALS = (
    "Intervals: 95 %, percentile bootstrap with 10,000 resamples of whole {units} (`espress.stats.cluster_bootstrap`). "
    "They show how much a figure depends on which {units} were written; they say nothing about natural articles. With "
    "few {units} they are too narrow, and without width where all {units} agree."
)


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


def join_page(result: SetResult, first: Iterable[str], parts: Iterable[str], units: str) -> str:
    """Return a page of Markdown: the first lines, who answered, the given parts, and what may be claimed."""
    warnings = (f"**{line}**" for line in _list_warnings(result))
    return "\n\n".join(
        [
            f"# `{result.model}` on the constructed set `{result.set}`",
            _list([*_list_headline(result), *first, *warnings]),
            _list(_describe_system(result)),
            *parts,
            "## What the figures show",
            INTERVALS.format(units=units),
            "May be claimed:",
            _list(result.may_claim),
            "May not be claimed:",
            _list(result.may_not_claim),
        ]
    )


def join_summary(result: SetResult, first: Iterable[str], tables: Iterable[str], units: str) -> str:
    """Return a summary for a terminal: the first lines, warnings marked by `!`, and the given tables."""
    lines = [f"{result.model} on {result.set} (constructed)", *_list_headline(result), *first]
    lines += [f"! {line}" for line in _list_warnings(result)]
    return "\n\n".join(
        ["\n".join(lines), *tables, f"{INTERVALS.format(units=units)} `to_markdown()` gives all tables."]
    )
