"""Tables of all results of a folder of predictions, and descriptions of the tasks."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from espress.data.resolve import versions
from espress.errors import InputError
from espress.probe.baselines import baselines
from espress.probe.classes import classes, name_metric
from espress.probe.comparison import adjust
from espress.probe.constructed.answers import check as check_set
from espress.probe.constructed.answers import is_set_file
from espress.probe.constructed.answers import read as read_set
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import ENGLISH, find_set, questions
from espress.probe.constructed.runs import describe_training, find_training
from espress.probe.constructed.scores import make_result as make_set_result
from espress.probe.constructed.scores import score as score_set
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
from espress.probe.prediction_files import list_files
from espress.probe.scores import score
from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from espress.probe.constructed.answers import SetAnswer
    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.items import SetItem
    from espress.probe.constructed.stance_result import StanceResult
    from espress.probe.result import Result
    from espress.probe.tasks import Task

# ------------------------------------------------------------------------------------------------ a folder of results


def read_results(folder: str | Path) -> list[Result]:
    """Score every predictions file of a folder on natural articles, sorted by task, split and system.

    Raises:
        InputError: the folder or its files do not exist, a file does not fit, or two files hold the same system.
    """
    paths = [path for path in list_files(folder) if not is_set_file(path)]
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
    """Return a note on a baseline: trained, rule, or not applicable to held-out groups; None for other systems."""
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


def _describe_sets(paths: Sequence[Path]) -> Iterator[str]:
    """Yield a table for each set and split: every system's value, and its findings in a few words."""
    found: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for path in paths:
        for one in score_set(path):
            value = format_share((one.value, one.low, one.high))
            languages, shown = ", ".join(one.languages), " ".join(one.findings) or None
            row = (f"`{one.model}`", languages, one.items, one.metric, value, one.failed, shown)
            found.setdefault((one.set, one.split), []).append(row)
    head = ["system", "languages", "items", "metric", "value [95 %]", "failed", "findings"]
    for (name, split), rows in sorted(found.items()):
        yield f"### {name} (constructed), split {split}\n\n{format_markdown(sorted(rows, key=str), head)}"


def report(folder: str | Path) -> str:
    """Return tables of every system in a folder of predictions, sorted by name; the same files give the same bytes.

    Results on natural articles and on constructed sets are in separate tables.

    Raises:
        InputError: as `read_results`.
    """
    paths = list_files(folder)
    of_sets = [path for path in paths if is_set_file(path)]
    natural = read_results(folder) if len(of_sets) < len(paths) else []
    groups = groupby(natural, key=lambda one: (one.task, one.split))
    return "\n\n".join([*(_format_section(list(found)) for _, found in groups), *_describe_sets(of_sets)])


# ------------------------------------------------------------------------------------------------ the constructed sets


def _list_stale(answers: Sequence[SetAnswer], name: str, pool: Sequence[SetItem], where: Path) -> Iterator[str]:
    """Yield a fault for each question and language whose training items changed after a system was trained."""
    for question in questions(name):
        for language in sorted({item.language for item in pool}):
            begins = f"{question.name}, split train, {language}:"
            said = {one.trained_on for one in answers if one.trained_on and one.trained_on.startswith(begins)}
            if not said:
                continue
            now = describe_training(find_training(pool, question, language), question, language)
            if said != {now}:
                yield f"{where}: trained on {', '.join(sorted(said))}; the training items are now {now}. Run it again."


@lru_cache(maxsize=64)
def _read_checked(path: Path, _stamp: tuple[int, int]) -> tuple[SetAnswer, ...]:
    """Return the checked answers of a file, cached because the results of each set and language need them."""
    answers = read_set(path)
    check_set(answers, str(path))
    return answers


def read_set_results(folder: str | Path, name: str, language: str = ENGLISH) -> list[CheckResult | StanceResult]:
    """Score every predictions file of a folder on the split `test` of a set in a language, sorted by system.

    Args:
        folder: holds predictions files, each of which may hold several systems, sets, splits and languages.
        name: check or stance.
        language: language of the items.

    Raises:
        InputError: the folder or its files do not exist, a file does not fit the present items, a system was trained on
            other items than the present ones, two files hold the same system, or no item is kept.
    """
    find_set(name)
    pool = read_items(name)
    items = {item.item_id: item for item in pool}
    systems: dict[str, tuple[Path, list[SetAnswer]]] = {}
    for path in list_files(folder):
        stat = path.stat()
        answers = _read_checked(path, (stat.st_mtime_ns, stat.st_size))
        own = [one for one in answers if one.set == name]
        if faults := list(_list_stale(own, name, pool, path)):
            raise InputError(faults)
        chosen = [one for one in own if (items[one.item_id].split, items[one.item_id].language) == ("test", language)]
        for model in sorted({one.model for one in chosen}):
            if model in systems:
                raise InputError([f"{path}: {model!r} is also in {systems[model][0]}. Keep one."])
            systems[model] = (path, [one for one in chosen if one.model == model])
    return [make_set_result(answers, items) for _, (_, answers) in sorted(systems.items())]


# ------------------------------------------------------------------------------------------------ the tasks

_SETS = (
    "Run them as the tasks `check` (four questions) and `stance`. Their texts were written for this, they have the "
    "splits train, dev and test, and their results are reported separately."
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
