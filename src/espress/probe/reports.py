"""All results of a folder of predictions as Markdown, and the tasks themselves."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.resolve import versions
from espress.errors import InputError
from espress.probe.baselines import baselines
from espress.probe.classes import classes, name_metric
from espress.probe.comparison import adjust
from espress.probe.constructed.answers import is_set_file
from espress.probe.constructed.questions import questions
from espress.probe.constructed.reports import describe_set_files
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import count_hidden, items
from espress.probe.markdown import (
    differences_to_markdown,
    format_family,
    format_hits,
    format_interval,
    format_share,
    list_notes,
)
from espress.probe.predictions import SUFFIXES
from espress.probe.scores import score
from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.result import Result
    from espress.probe.tasks import Task

# ------------------------------------------------------------------------------------------------ a folder of results


def _list_files(folder: str | Path) -> list[Path]:
    place = Path(folder)
    paths = sorted(path for path in place.glob("*") if path.suffix in SUFFIXES) if place.is_dir() else []
    if not paths:
        raise InputError([f"{place}: holds no predictions ({' or '.join(SUFFIXES)}). `espress probe run` makes some."])
    return paths


def read_results(folder: str | Path) -> list[Result]:
    """Score every predictions file of a folder on natural articles, sorted by task, split and system.

    Raises:
        InputError: the folder or its files do not exist, a file does not fit, or two files hold the same system.
    """
    paths = [path for path in _list_files(folder) if not is_set_file(path)]
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


def _format_scores(one: Result) -> list[object]:
    counted = "; ".join(f"{c.label} {format_hits(c)}" for c in one.classes if c.status == "counted") or None
    several = one.value is not None and len(one.runs) > 1
    runs = f"{len(one.runs)} ({one.lowest:.3f} to {one.highest:.3f})" if several else len(one.runs)
    scores = [f"`{one.model}`", format_interval(one.fixed), format_interval(one.new), counted, f"{one.failed:.4g}"]
    return [*scores, runs, format_family(one), one.ran_on, describe_baseline(one.model)]


def _format_rare(group: Sequence[Result]) -> list[str]:
    rows = [
        (f"`{one.model}`", *map(format_share, (one.rare.recall, one.rare.precision, one.rare.f1)))
        for one in group
        if one.rare
    ]
    if not rows:
        return []
    assert group[0].rare is not None  # noqa: S101 -- one task, so all have it
    label = group[0].rare.label
    head = [f"{what} of `{label}` [95 %, Wilson]" for what in ("recall", "precision", "F1")]
    return [format_markdown(rows, ["system", *head])]


def _format_section(group: Sequence[Result]) -> str:
    first = group[0]
    these, new = first.fixed.estimand, first.new.estimand
    parts = [f"### {first.task}, split by {first.split}"]
    head = ["system", f"{first.metric}, {these} [95 %]", f"mean, {new} [95 %]", "hits/n", "failed", "runs"]
    parts.append(format_markdown(map(_format_scores, group), [*head, "family", "ran on", "note"]))
    parts += _format_rare(group)
    if listed := ", ".join(f"{c.label} ({c.units})" for c in first.classes if c.status == "listed"):
        parts.append(f"Too few items to be scored or counted: {listed}.")
    pairs = adjust([pair for one in group for pair in one.references if pair.against != one.model])
    parts += [differences_to_markdown(pairs)] if pairs else []
    return "\n\n".join([*parts, list_notes((first.fixed, first.new), pairs)])


def report(folder: str | Path) -> str:
    """Return tables of every system in a folder of predictions, sorted by name; the same files give the same bytes.

    Files on natural articles and on constructed sets have tables of their own.

    Raises:
        InputError: as `read_results`.
    """
    paths = _list_files(folder)
    of_sets = [path for path in paths if is_set_file(path)]
    natural = read_results(folder) if len(of_sets) < len(paths) else []
    groups = groupby(natural, key=lambda one: (one.task, one.split))
    return "\n\n".join([*(_format_section(list(found)) for _, found in groups), *describe_set_files(of_sets)])


# ------------------------------------------------------------------------------------------------ the tasks

_SETS = (
    "Run them as the tasks `check` (four questions) and `stance`. Their texts were written for this, they have the "
    "splits train, dev and test, and their results stand apart from those on natural articles."
)


def _describe_task(task: Task) -> Iterator[str]:
    inputs = ", ".join(f"`{name}` ({column})" for name, column in task.inputs.items())
    hidden = count_hidden(task)
    left_out = f" ({hidden} more are left out, because the context does not show the source)" if hidden else ""
    found = classes(task)
    yield f"## {task.name}"
    yield task.question
    yield (
        f"- {len(items(task))} items{left_out}; a row holds `item_id`, {inputs}\n"
        f"- gold: column `{task.column}` of `{task.table}`\n"
        f"- score: {name_metric(found)}; compared with {', '.join(task.references)}\n"
        f"- results by {', '.join(task.groups)}"
    )
    yield format_markdown(
        [(f"`{c.label}`", c.units, c.articles, c.status) for c in found], ["class", "items", "articles", "status"]
    )
    claims = [f"- may be claimed: {line}" for line in task.may_claim]
    yield "\n".join([*claims, *(f"- may not be claimed: {line}" for line in task.may_not_claim)])


def describe_tasks() -> str:
    """Return every task, the splits with their hashes, the constructed sets, and the labels that are not tasks."""
    splits = [(split, len(set(folds(split).values())), split_hash(split)) for split in SPLITS]
    parts = [part for task in tasks() for part in _describe_task(task)]
    parts += [f"## Splits of data version {versions()[0]}", format_markdown(splits, ["split", "folds", "hash"])]
    asked = [(f"`{o.name}`", o.question, ", ".join(f"`{label}`" for label in o.labels)) for o in questions()]
    parts += ["## Constructed sets", _SETS, format_markdown(asked, ["question", "asks", "labels"])]
    return "\n\n".join([*parts, "## Withheld", "\n".join(f"- {what}: {why}" for what, why in withheld())])
