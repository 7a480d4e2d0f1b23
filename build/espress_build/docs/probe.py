"""The generated blocks on the probe: its tasks and baselines, its groups, and what the committed predictions give."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.parquet as pq

from espress.errors import InputError
from espress.probe import classes, compare, tasks
from espress.probe.baselines import baselines
from espress.probe.baselines.lexicon import NAME as LEXICON
from espress.probe.reports.folder import report, results
from espress.probe.reports.markdown import interval, number
from espress.tables import format_markdown
from espress_build.docs.markdown import measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress.probe.result import Estimate, ReadingScore, Result

STALE = "The committed predictions do not fit this dataset. Type: python -m benchmarks.statistics.baselines"
_STATUS = {"scored": "scored", "counted": "hits of n", "listed": "listed"}
_GROUPS = {  # name -> column of `articles`
    "article": "article_id",
    "outlet": "outlet_id",
    "event": "event_ids",
    "country of the outlet": "outlet_country",
    "date": "published_date",
    "block": "block_id",
}


def _folder(dataset: Path) -> Path:
    return dataset.parent / "predictions"


@cache
def _scored(folder: Path, bytes_held: str) -> tuple[Result, ...]:  # noqa: ARG001 -- so that changed files are read anew
    return tuple(results(folder))


def _results(dataset: Path) -> tuple[Result, ...]:
    """Return the results of the committed predictions; raises InputError where they do not fit the dataset."""
    folder = _folder(dataset)
    held = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.parquet")))
    return _scored(folder, sha256(held).hexdigest())


# ------------------------------------------------------------------------------------------------ tasks and groups


def probe_tasks(dataset: Path) -> str:  # noqa: ARG001 -- every block is asked in the same way
    """Which classes of each task are scored, counted as hits of n, or only listed."""
    rows = [
        (task.name, f"`{reading.name}`", f"`{one.label}`", one.units, one.articles, _STATUS[one.status])
        for task in tasks()
        for reading in task.readings
        for one in classes(task, reading.name)
    ]
    return format_markdown(rows, ["task", "reading", "class", "units", "articles", "shown as"])


def probe_baselines(dataset: Path) -> str:  # noqa: ARG001 -- every block is asked in the same way
    """Every baseline, with what it is, whether it is trained and whether it reads text."""
    rows = [
        (
            f"`{one.name}`",
            one.about,
            "in the other folds: a floor" if one.trained else "no",
            "yes" if one.reads_text else "no",
            f"`{one.extra}`" if one.extra else None,
        )
        for one in baselines()
    ]
    return format_markdown(rows, ["name", "what it is", "trained", "reads text", "extra"])


def probe_seconds(dataset: Path) -> str:
    """How long the baselines take, as benchmarks/statistics/baselines.py measured them."""
    held = measured(dataset, "baselines", "make baselines")
    names = [f"{held['all_that_need_no_extra']:.1f} seconds for all baselines that need no extra"]
    names += [f"{one.name}: {held['seconds'][one.name]:.1f} seconds" for one in baselines() if one.extra]
    return f"{'; '.join(names)}; {len(held['tasks'])} tasks, {len(held['splits'])} splits."


Partition = frozenset[frozenset[str]]


def _partition(groups: dict[str, object]) -> Partition:
    """Return the sets of articles that share a value."""
    members: defaultdict[object, set[str]] = defaultdict(set)
    for article, value in groups.items():
        members[tuple(value) if isinstance(value, list) else value].add(article)
    return frozenset(frozenset(found) for found in members.values())


def _relation(partition: Partition, articles: Partition) -> str:
    if partition == articles:
        return "alias: one article, one group"
    shared = sorted((len(group) for group in partition if len(group) > 1), reverse=True)
    return f"coarser: a group holds {', another '.join(map(str, shared))} articles"


def probe_partition(dataset: Path) -> str:
    """How each group column parts the articles: which are aliases of the article here, and of one another."""
    articles = pq.read_table(dataset / "data" / "articles.parquet", columns=list(_GROUPS.values())).to_pylist()
    parts = {name: _partition({row["article_id"]: row[column] for row in articles}) for name, column in _GROUPS.items()}
    rows = []
    for name, partition in parts.items():
        same = [other for other, found in parts.items() if found == partition and other != name]
        relation = None if name == "article" else _relation(partition, parts["article"])
        rows.append((name, f"`{_GROUPS[name]}`", len(partition), relation, ", ".join(same) or None))
    note = (
        "Each column follows from the article: a score by any of them is a score by article, or by a coarser look. "
        "Columns of one partition cannot be told apart at all."
    )
    return (
        f"{format_markdown(rows, ['group', 'column', 'groups', 'beside the article', 'same partition as'])}\n\n{note}"
    )


# ------------------------------------------------------------------------------------------------ results


def probe_results(dataset: Path) -> str:
    """Every system, task, reading and split, sorted by name, from the committed predictions."""
    return report(_folder(dataset))


def _cell(result: Result, score: ReadingScore) -> str | None:
    if result.model in _by_group():
        return "not applicable"
    return interval(score.fixed) or "no class scored"


def _by_group() -> set[str]:
    """Return the baselines that know an item's article alone, which every split of the probe holds out."""
    return {one.name for one in baselines() if "article_id" in one.needs}


def probe_summary(dataset: Path) -> str:
    """The same in one table: macro-F1 over the scored classes in the split by article, for the articles at hand."""
    found = [one for one in _results(dataset) if one.split == "article"]
    heads: dict[tuple[str, str], str] = {}
    cells: defaultdict[str, dict[tuple[str, str], str | None]] = defaultdict(dict)
    for one in found:
        for score in one.readings:
            heads[one.task, score.reading] = f"{one.task}, `{score.reading}`, {score.metric}"
            cells[one.model][one.task, score.reading] = _cell(one, score)
    rows = [(f"`{name}`", *(own.get(head) for head in heads)) for name, own in sorted(cells.items())]
    estimand = found[0].readings[0].fixed.estimand
    note = (
        f"Intervals: 95 %, {estimand}; nothing is said of any other. Sorted by name; trained systems are a floor. Not "
        "applicable: the split holds out whole articles, so a look-up by article knows none of them."
    )
    return f"{format_markdown(rows, ['system', *heads.values()])}\n\n{note}"


class Matched(NamedTuple):
    """The codebook's patterns beside the best other system on one reading and split of a task."""

    task: str
    reading: str
    split: str
    lexicon: float
    best: str
    same_family: bool  # as the annotators': it may agree with the labels because it made such labels
    value: float
    difference: Estimate  # the best other minus the lexicon

    @property
    def is_matching(self) -> bool:
        """Whether no other system is found to do better: the interval of the difference is not above zero."""
        return self.difference.low is None or self.difference.low <= 0


def matched(found: tuple[Result, ...]) -> Iterator[Matched]:
    """Yield a comparison for every reading and split with a scored class and another system."""
    for (task, split), group in groupby(found, key=lambda one: (one.task, one.split)):
        systems = {one.model: one for one in group if one.model not in _by_group()}
        lexicon = systems.pop(LEXICON, None)
        if lexicon is None or not systems:
            continue
        for score in lexicon.readings:
            values = {name: value for name, one in systems.items() if (value := one.reading(score.reading).value)}
            if score.value is None or not values:
                continue
            best = max(sorted(values), key=values.__getitem__)
            (pair,) = (one for one in compare(systems[best], lexicon) if one.reading == score.reading)
            akin = bool(systems[best].same_family_as_annotators)
            yield Matched(task, score.reading, split, score.value, best, akin, values[best], pair.fixed.estimate)


def _said(found: list[Matched]) -> str:
    """Say in a sentence on which tasks no system goes beyond the patterns, naming readings only where they differ."""
    names = []
    for task, group in groupby(found, key=lambda one: one.task):
        cases = list(group)
        held = [f"reading `{one.reading}`, split by {one.split}" for one in cases if one.is_matching]
        names += [task if len(held) == len(cases) else f"{task} ({'; '.join(held)})"] if held else []
    if not names:
        return f"On every task some system is found to do better than the codebook's own patterns (`{LEXICON}`)."
    return (
        f"No system here is found to do better than the codebook's own patterns (`{LEXICON}`) on: {', '.join(names)}. "
        "There **the task is string matching** as far as these systems show, and it takes a better one to show more. "
        "The codebook was settled on these articles, which favours its patterns."
    )


def probe_lexicon(dataset: Path) -> str:
    """Where no committed system does better than the codebook's patterns: there the task is string matching."""
    found = list(matched(_results(dataset)))
    rows = [
        (
            one.task,
            f"`{one.reading}`",
            one.split,
            number(one.lexicon),
            f"`{one.best}`{' (same_family_as_annotators)' if one.same_family else ''}",
            number(one.value),
            interval(one.difference),
            "string matching" if one.is_matching else "more than patterns",
        )
        for one in found
    ]
    head = ["task", "reading", "split", f"`{LEXICON}`", "best other", "its macro-F1", "difference [95 %]", "shows"]
    return f"{_said(found)}\n\n{format_markdown(rows, head)}"


def _or_stale(block: Callable[[Path], str]) -> Callable[[Path], str]:
    """Return the block with a plain sentence in place of an error, so that a changed corpus can still be built."""

    def made(dataset: Path) -> str:
        try:
            return block(dataset)
        except InputError:
            return STALE

    return made


TABLE_BLOCKS: dict[str, Callable[[Path], str]] = {
    "probe-tasks": probe_tasks,
    "probe-baselines": probe_baselines,
    "probe-seconds": _or_stale(probe_seconds),
    "probe-partition": probe_partition,
    "probe-results": _or_stale(probe_results),
    "probe-summary": _or_stale(probe_summary),
    "probe-lexicon": _or_stale(probe_lexicon),
}
SECTIONS = TABLE_BLOCKS
