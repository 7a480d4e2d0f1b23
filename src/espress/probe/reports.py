"""Results and tasks as Markdown: one result, one comparison, all results of a folder, and the tasks themselves."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.resolve import versions
from espress.errors import InputError
from espress.probe.baselines import baselines
from espress.probe.classes import classes
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import items
from espress.probe.predictions import SUFFIXES
from espress.probe.scores import score
from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.result import ClassScore, Comparison, Estimate, ReadingScore, Result
    from espress.probe.tasks import Task

_SMALLEST = 0.00005  # a smaller p would round to zero


# ------------------------------------------------------------------------------------------------ cells


def format_number(value: float | None) -> str | None:
    """Return a score with three decimals."""
    return None if value is None else f"{value:.3f}"


def format_p(value: float | None) -> str | None:
    """Return a p-value with four decimals, never as zero."""
    if value is None:
        return None
    return f"{value:.4f}" if value >= _SMALLEST else f"< {2 * _SMALLEST:.4f}"


def format_interval(estimate: Estimate) -> str | None:
    """Return a value with its 95 % interval if it has one."""
    if estimate.value is None or estimate.low is None:
        return format_number(estimate.value)
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def format_hits(one: ClassScore) -> str:
    """Return hits of units, without decimals if there was one run."""
    return "–" if one.hits is None else f"{one.hits:.4g}/{one.units}"


def format_family(result: Result) -> str | None:
    """Return the model's family, marked if it is that of the annotators."""
    return f"{result.family} (same_family_as_annotators)" if result.same_family_as_annotators else result.family


# ------------------------------------------------------------------------------------------------ one result


def _table_differences(found: Sequence[Comparison]) -> str:
    head = ["system", "minus", "estimand", "difference [95 %]", "p", "smallest p", "minimum detectable"]
    rows = [
        (
            f"`{one.system}`",
            f"`{one.against}`",
            tested.estimate.estimand,
            format_interval(tested.estimate),
            *map(format_p, (tested.p, tested.smallest_p)),
            format_number(tested.minimum_detectable),
        )
        for one in found
        for tested in (one.fixed, one.new)
    ]
    return format_markdown(rows, head)


def _list_notes(estimates: tuple[Estimate, Estimate], found: Sequence[Comparison] = ()) -> str:
    """Return what the intervals mean, and for paired differences the test and the formula under each estimand."""
    lines = [f"- {one.estimand}: {one.note}" for one in estimates]
    for one in found[:1]:
        levels = f"alpha = {one.fixed.alpha:g} two-sided, power = {one.fixed.power:g}"
        for t in (one.fixed, one.new):
            lines.append(f"- p, {t.estimate.estimand}: {t.test}")
            lines.append(f"- minimum detectable, {t.estimate.estimand}: {t.formula}; {levels}")
    return "\n".join(lines)


def comparison_to_markdown(one: Comparison) -> str:
    """Return a paired comparison as a table, with notes on its intervals and formulas."""
    title = f"`{one.system}` minus `{one.against}` on {one.task}, reading `{one.reading}`, split by {one.split}"
    notes = _list_notes((one.fixed.estimate, one.new.estimate), [one])
    return f"{title}\n\n{_table_differences([one])}\n\n{notes}"


def _format_reading(one: ReadingScore, runs: int) -> Iterator[str]:
    value = format_number(one.value) or "no class is scored"
    if runs > 1 and one.value is not None:
        value += f", mean of {runs} runs from {one.lowest:.3f} to {one.highest:.3f}"
    yield f"### Reading `{one.reading}`: {one.metric} = {value}"
    yield f"{one.units} units, accuracy {one.accuracy:.3f}, failed parses {one.failed:.4g} (counted as wrong)."
    both = (one.fixed, one.new)
    yield format_markdown([(e.estimand, format_interval(e)) for e in both], ["estimand", "macro-F1 [95 %]"])
    of_class = [
        (f"`{c.label}`", c.status, format_number(c.f1), format_hits(c), c.units, c.articles) for c in one.classes
    ]
    yield format_markdown(of_class, ["class", "status", "F1", "hits/n", "units", "articles"])
    groups = [(g.column, f"`{g.group}`", g.units, *map(format_number, (g.macro_f1, g.accuracy))) for g in one.groups]
    yield format_markdown(groups, ["by", "group", "units", "macro-F1", "accuracy"])
    if one.references:
        yield "Paired differences:"
        yield _table_differences(one.references)
    yield _list_notes(both, one.references)


def result_to_markdown(result: Result) -> str:
    """Return a result as a Markdown section: the system, every reading, failed answers, and what may be claimed."""
    about = [
        f"- family: {format_family(result) or 'not given'}",
        f"- ran on: {result.ran_on}",
        f"- data version: {result.data_version}",
        f"- split: {result.split}, hash {result.split_hash}",
    ]
    parts = [f"## `{result.model}` on {result.task}, split by {result.split}", result.question, "\n".join(about)]
    for one in result.readings:
        parts += _format_reading(one, len(result.runs))
    if result.failed:
        said = [(f"`{f.item_id}`", f.run, repr(f.said)) for f in result.failed]
        parts += ["Some of the answers that are not labels:", format_markdown(said, ["item", "run", "answer"])]
    parts += ["May be claimed:", "\n".join(f"- {line}" for line in result.may_claim)]
    return "\n\n".join([*parts, "May not be claimed:", "\n".join(f"- {line}" for line in result.may_not_claim)])


# ------------------------------------------------------------------------------------------------ a folder of results


def read_results(folder: str | Path) -> list[Result]:
    """Score every predictions file of a folder, sorted by task, split and system.

    Raises:
        InputError: the folder or its files do not exist, a file does not fit, or two files hold the same system.
    """
    place = Path(folder)
    paths = sorted(path for path in place.glob("*") if path.suffix in SUFFIXES) if place.is_dir() else []
    if not paths:
        raise InputError([f"{place}: holds no predictions ({' or '.join(SUFFIXES)}). `espress probe run` makes some."])
    found: dict[tuple[str, str, str], tuple[Path, Result]] = {}
    for path in paths:
        for one in score(path):
            name = (one.task, one.split, one.model)
            if name in found:
                raise InputError(
                    [f"{path}: {one.model!r} on {one.task}, split {one.split!r}, is also in {found[name][0]}."]
                )
            found[name] = (path, one)
    return [found[name][1] for name in sorted(found)]


def describe_baseline(name: str) -> str | None:
    """Return a note on a baseline: that it is trained here, or cannot know its group; None for other systems."""
    for one in baselines():
        if one.name == name:
            if one.is_blind_when_held_out:
                return "not applicable by construction: its groups are held out, so it gives the commonest label"
            return "trained here: a floor" if one.trained else "rule"
    return None


def _format_scores(result: Result, one: ReadingScore) -> list[object]:
    counted = "; ".join(f"{c.label} {format_hits(c)}" for c in one.classes if c.status == "counted") or None
    several = one.value is not None and len(result.runs) > 1
    runs = f"{len(result.runs)} ({one.lowest:.3f} to {one.highest:.3f})" if several else len(result.runs)
    scores = [f"`{result.model}`", format_interval(one.fixed), format_interval(one.new), counted, f"{one.failed:.4g}"]
    return [*scores, runs, format_family(result), result.ran_on, describe_baseline(result.model)]


def _format_section(group: Sequence[Result], reading: str) -> str:
    first = group[0].reading(reading)
    these, new = first.fixed.estimand, first.new.estimand
    parts = [f"### {group[0].task}, reading `{reading}`, split by {group[0].split}"]
    head = ["system", f"{first.metric}, {these} [95 %]", f"mean, {new} [95 %]", "hits/n", "failed", "runs"]
    scores = [_format_scores(one, one.reading(reading)) for one in group]
    parts.append(format_markdown(scores, [*head, "family", "ran on", "note"]))
    if listed := ", ".join(f"{c.label} ({c.units})" for c in first.classes if c.status == "listed"):
        parts.append(f"Too few units to be scored or counted: {listed}.")
    pairs = [pair for one in group for pair in one.reading(reading).references if pair.against != one.model]
    parts += [_table_differences(pairs)] if pairs else []
    return "\n\n".join([*parts, _list_notes((first.fixed, first.new), first.references)])


def report(folder: str | Path) -> str:
    """Return tables of every system in a folder of predictions, sorted by name; the same files give the same bytes.

    Raises:
        InputError: as `read_results`.
    """
    sections = []
    for _, found in groupby(read_results(folder), key=lambda one: (one.task, one.split)):
        group = list(found)
        sections += [_format_section(group, one.reading) for one in group[0].readings]
    return "\n\n".join(sections)


# ------------------------------------------------------------------------------------------------ the tasks


def _describe_task(task: Task) -> Iterator[str]:
    inputs = ", ".join(f"`{name}` ({column})" for name, column in task.inputs.items())
    yield f"## {task.name}"
    yield task.question
    yield (
        f"- {len(items(task))} items; a row holds `item_id`, {inputs}\n"
        f"- metric: {task.metric} over the scored classes; compared with {', '.join(task.references)}\n"
        f"- results by {', '.join(task.groups)}"
    )
    for reading in task.readings:
        yield f"Reading `{reading.name}`, column `{reading.column}`:"
        of_class = [(f"`{c.label}`", c.units, c.articles, c.status) for c in classes(task, reading.name)]
        yield format_markdown(of_class, ["class", "units", "articles", "status"])
    claims = [f"- may be claimed: {line}" for line in task.may_claim]
    yield "\n".join([*claims, *(f"- may not be claimed: {line}" for line in task.may_not_claim)])


def describe_tasks() -> str:
    """Return every task, the splits with their hashes, and what is labelled but not a task."""
    splits = [(split, len(set(folds(split).values())), split_hash(split)) for split in SPLITS]
    parts = [part for task in tasks() for part in _describe_task(task)]
    parts += [f"## Splits of data version {versions()[0]}", format_markdown(splits, ["split", "folds", "hash"])]
    return "\n\n".join([*parts, "## Withheld", "\n".join(f"- {what}: {why}" for what, why in withheld())])
