"""All results of a folder of predictions as Markdown, and the tasks themselves."""

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
from espress.probe.markdown import (
    differences_to_markdown,
    format_family,
    format_hits,
    format_interval,
    list_notes,
)
from espress.probe.predictions import SUFFIXES
from espress.probe.scores import score
from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.result import ReadingScore, Result
    from espress.probe.tasks import Task

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
    """Return a note if a baseline is trained here or cannot know its group; None for other systems."""
    for one in baselines():
        if one.name == name:
            if one.is_blind_when_held_out:
                return "not applicable by construction: its groups are held out, so it always gives the commonest label"
            return "trained here: a lower bound" if one.trained else "rule"
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
    parts += [differences_to_markdown(pairs)] if pairs else []
    return "\n\n".join([*parts, list_notes((first.fixed, first.new), first.references)])


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
    """Return every task, the splits with their hashes, and the labels that are not tasks."""
    splits = [(split, len(set(folds(split).values())), split_hash(split)) for split in SPLITS]
    parts = [part for task in tasks() for part in _describe_task(task)]
    parts += [f"## Splits of data version {versions()[0]}", format_markdown(splits, ["split", "folds", "hash"])]
    return "\n\n".join([*parts, "## Withheld", "\n".join(f"- {what}: {why}" for what, why in withheld())])
