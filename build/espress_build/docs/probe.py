"""Generated sections on the probe: its tasks, baselines and groups, and the results of the committed predictions."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from functools import cache
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING, Any

from espress.probe import classes, compare, tasks
from espress.probe.baselines import baselines
from espress.probe.baselines.lexicon import NAME as LEXICON
from espress.probe.classes import FEWEST_ARTICLES, FEWEST_TO_COUNT, FEWEST_TO_SCORE, name_metric
from espress.probe.comparison import adjust
from espress.probe.estimates import FEWEST_FOLDS, FEWEST_TO_INFER, RESAMPLES
from espress.probe.items import count_hidden
from espress.probe.markdown import format_hits, format_interval, format_number, format_p, format_share
from espress.probe.reports import read_results
from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark
from espress_build.docs.fallback import or_else
from espress_build.metadata.labels import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress.probe import Comparison, Result
    from espress.probe.result import Estimate, Tested

STALE = "The committed predictions do not fit this dataset. Type: make baselines"
_GROUPS = {  # name -> column of `articles`
    "article": "article_id",
    "outlet": "outlet_id",
    "event": "event_ids",
    "country of the outlet": "outlet_country",
    "date": "published_date",
    "block": "block_id",
}


@cache
def _read_results(folder: Path, content_hash: str) -> tuple[Result, ...]:  # noqa: ARG001 -- files may change meanwhile
    return tuple(read_results(folder))


def committed_results(dataset: Path) -> tuple[Result, ...]:
    """Return the results of the committed predictions; raises InputError if they do not fit the dataset."""
    folder = dataset.parent / "predictions"
    content = b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.*")))
    return _read_results(folder, sha256(content).hexdigest())


def _is_blind(name: str) -> bool:
    """Return whether a system is a baseline that knows only an item's article, which every split holds out."""
    return any(one.name == name and one.is_blind_when_held_out for one in baselines())


# ------------------------------------------------------------------------------------------------ tasks and groups


def table_tasks(dataset: Path) -> str:  # noqa: ARG001 -- every section has the same signature
    """Return which classes of each task are scored, counted or only listed."""
    rows = [
        (task.name, name_metric(found), f"`{one.label}`", one.units, one.articles, one.status)
        for task in tasks()
        for found in [classes(task)]
        for one in found
    ]
    return format_markdown(rows, ["task", "score", "class", "items", "articles", "shown as"])


def describe_hidden(dataset: Path) -> str:  # noqa: ARG001 -- every section has the same signature
    """Return how many rows with gold are not items, because the context does not show the basis of the label."""
    hidden = {task.name: count_hidden(task) for task in tasks() if task.shown}
    return "; ".join(f"`{name}`: {n}" for name, n in hidden.items())


def table_baselines(dataset: Path) -> str:  # noqa: ARG001 -- every section has the same signature
    """Return every baseline, with its description, whether it is trained and whether it reads text."""
    rows = [
        (
            f"`{one.name}`",
            one.about,
            "on the other folds" if one.trained else "no",
            "yes" if one.reads_text else "no",
            f"`{one.extra}`" if one.extra else None,
        )
        for one in baselines()
    ]
    return format_markdown(rows, ["name", "description", "trained", "reads text", "extra"])


def describe_seconds(dataset: Path) -> str:
    """Return the running times of the baselines, as measured by benchmarks/statistics/baselines.py."""
    held = read_benchmark(dataset, "baselines", "make baselines")
    names = [f"{held['all_that_need_no_extra']:.1f} seconds for all baselines that need no extra"]
    names += [f"{one.name}: {held['seconds'][one.name]:.1f} seconds" for one in baselines() if one.extra]
    return f"{'; '.join(names)}; {len(held['tasks'])} tasks, {len(held['splits'])} splits."


def _partition(groups: dict[str, Any]) -> frozenset[frozenset[str]]:
    """Return the sets of articles that share a value."""
    members: defaultdict[object, set[str]] = defaultdict(set)
    for article, value in groups.items():
        members[tuple(value) if isinstance(value, list) else value].add(article)
    return frozenset(map(frozenset, members.values()))


def table_partition(dataset: Path) -> str:
    """Return how each group column divides the articles: which columns coincide with the article or with each other."""
    articles = read_rows(dataset, "articles", *_GROUPS.values())
    parts = {name: _partition({row["article_id"]: row[column] for row in articles}) for name, column in _GROUPS.items()}
    rows = []
    for name, partition in parts.items():
        same = [other for other, found in parts.items() if found == partition and other != name]
        shared = Counter(len(group) for group in partition if len(group) > 1)
        sizes = [
            f"one group has {size} articles" if number == 1 else f"{number} groups have {size} articles each"
            for size, number in sorted(shared.items(), reverse=True)
        ]
        rest = ", each other group has 1" if shared.total() < len(partition) else ""
        relation = f"coarser: {', '.join(sizes)}{rest}"
        if not shared:
            relation = "–" if name == "article" else "the same: each article is a group"
        rows.append((name, f"`{_GROUPS[name]}`", len(partition), relation, ", ".join(same) or None))
    head = ["group", "column", "groups", "compared with the article", "same partition as"]
    return format_markdown(rows, head)


# ------------------------------------------------------------------------------------------------ results


def _format_score(result: Result) -> str:
    if _is_blind(result.model):
        return "not applicable"
    return format_interval(result.fixed) or "no class scored"


def table_results(dataset: Path) -> str:
    """Return the score of every system and task in the split by article, with intervals for these articles."""
    found = [one for one in committed_results(dataset) if one.split == "article"]
    heads = {one.task: f"{one.task}, {one.metric}" for one in found}
    cells: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in found:
        cells[one.model][one.task] = _format_score(one)
    marks = {one.model: " †" if one.same_family_as_annotators else "" for one in found}
    rows = [(f"`{name}`{marks[name]}", *map(own.get, heads)) for name, own in sorted(cells.items())]
    assumed = {(one.metric.partition("[")[0], one.fixed.assumes) for one in found if one.fixed.assumes}
    valid = ", ".join(f"the interval of `{metric}` {assumes}" for metric, assumes in sorted(assumed))
    note = (
        f"Intervals: 95 %, for {found[0].fixed.estimand}; they do not extend to other articles. An interval is valid "
        f"only under an assumption: {valid}. Not applicable: the split holds out whole articles, so a look-up by "
        "article has no training rows to look up."
    )
    if any(marks.values()):
        note += (
            " † The model belongs to the family of the models that annotated; it may agree with the gold labels only "
            "for that reason."
        )
    return f"{format_markdown(rows, ['system', *heads.values()])}\n\n{note}"


def table_rare(dataset: Path) -> str:
    """Return recall, precision and F1 of the rare class, for the tasks with only one large class."""
    found = [one for one in committed_results(dataset) if one.split == "article" and one.rare]
    rows = [
        (
            one.task,
            f"`{one.rare.label}`",
            f"`{one.model}`",
            *map(format_share, (one.rare.recall, one.rare.precision, one.rare.f1)),
        )
        for one in found
        if one.rare and not _is_blind(one.model)
    ]
    if not rows:
        return "Every task has at least two classes that are large enough to be scored."
    head = ["task", "class", "system", *(f"{what} [95 %, Wilson]" for what in ("recall", "precision", "F1"))]
    return format_markdown(rows, head)


def _list_values(estimate: Estimate, tested: Tested | None) -> list[object]:
    p = (tested.p, tested.p_holm, tested.minimum_detectable) if tested else (None, None, None)
    values = [estimate.value, estimate.low, estimate.high, *p]
    return [estimate.estimand, *("" if value is None else f"{value:.4f}" for value in values)]


def _list_scores(result: Result) -> Iterator[list[object]]:
    keys = [result.task, result.split, result.model, ""]
    hits = "; ".join(f"{c.label} {format_hits(c)}" for c in result.classes if c.status == "counted")
    about = [result.metric, f"{result.accuracy:.4f}", f"{result.failed:.4g}", hits, result.ran_on, result.family or ""]
    for estimate in (result.fixed, result.new):
        yield [*keys, *_list_values(estimate, None), *about]


def write_csv(dataset: Path) -> str:
    """Return every score and paired difference of the committed predictions as CSV, one estimate per row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = "task split system minus estimand value low high p p_holm minimum_detectable metric accuracy failed hits"
    writer.writerow([*head.split(), "ran_on", "family"])
    for _, group in groupby(committed_results(dataset), key=lambda one: (one.task, one.split)):
        found = list(group)
        for result in found:
            writer.writerows(_list_scores(result))
        for pair in adjust([p for one in found for p in one.references if p.against != one.model]):
            for tested in (pair.fixed, pair.new):
                keys = [pair.task, pair.split, pair.system, pair.against]
                writer.writerow([*keys, *_list_values(tested.estimate, tested), *[""] * 6])
    return text.getvalue()


def compare_with_lexicon(found: tuple[Result, ...]) -> list[tuple[Result, Comparison]]:
    """Return for each task the best other system and its difference from the codebook's patterns, p adjusted by Holm.

    A look-up by article is left out, and so are tasks without a scored class. `found` holds one split.
    """
    pairs = []
    for _, group in groupby(found, key=lambda one: one.task):
        systems = {one.model: one for one in group if not _is_blind(one.model)}
        lexicon = systems.pop(LEXICON, None)
        if lexicon is None or lexicon.value is None or not systems:
            continue
        best = max((systems[name] for name in sorted(systems)), key=lambda one: one.value or 0.0)
        pairs.append((best, compare(best, lexicon)))
    return list(zip([best for best, _ in pairs], adjust([pair for _, pair in pairs]), strict=True))


def is_beyond(pair: Comparison) -> bool:
    """Return whether a system is better than the patterns: by the adjusted p of the permutation test."""
    difference, tested = pair.fixed.estimate.value, pair.fixed
    return difference is not None and difference > 0 and tested.p_holm is not None and tested.p_holm <= tested.alpha


def table_lexicon(dataset: Path) -> str:
    """Compare the codebook's patterns with the best other system, and list the tasks that are string matching."""
    found = tuple(one for one in committed_results(dataset) if one.split == "article")
    lexicon = {one.task: one for one in found if one.model == LEXICON}
    rows, matching = [], []
    for best, pair in compare_with_lexicon(found):
        matching += [] if is_beyond(pair) else [best.task]
        mark = " †" if best.same_family_as_annotators else ""
        own, others = (format_number(one.value) for one in (lexicon[best.task], best))
        tests = [format_interval(pair.fixed.estimate), *map(format_p, (pair.fixed.p, pair.fixed.p_holm))]
        shows = "more than patterns" if is_beyond(pair) else "no more than patterns"
        rows.append((best.task, best.metric, own, f"`{best.model}`{mark}", others, *tests, shows))
    names, these = ("one task", "this task") if len(matching) == 1 else (f"{len(matching)} tasks", "these tasks")
    rules = {one.name for one in baselines()}
    only = (
        " All systems are baselines; no large language model is among them."
        if {one.model for one in found} <= rules
        else ""
    )
    said = (
        f"On {names} ({', '.join(matching)}), no system is shown to be better than the codebook's patterns "
        f"(`{LEXICON}`), so the results on {these} show no more than string matching.{only}"
        if matching
        else f"On every task, some system is better than the codebook's patterns (`{LEXICON}`)."
    )
    head = ["task", "score", f"`{LEXICON}`", "best other", "its score", "difference [95 %]", "p", "p, Holm", "shows"]
    return f"{said}\n\n{format_markdown(rows, head)}"


SECTIONS: dict[str, Callable[[Path], str]] = {
    "probe-tasks": table_tasks,
    "probe-baselines": table_baselines,
    "probe-seconds": describe_seconds,
    "probe-partition": table_partition,
    "probe-hidden": describe_hidden,
    "probe-results": or_else(table_results, STALE),
    "probe-rare": or_else(table_rare, STALE),
    "probe-lexicon": or_else(table_lexicon, STALE),
}
VALUES: dict[str, Callable[[Path], object]] = {
    "fewest_to_score": lambda _: FEWEST_TO_SCORE,
    "fewest_to_count": lambda _: FEWEST_TO_COUNT,
    "fewest_articles": lambda _: FEWEST_ARTICLES,
    "fewest_folds": lambda _: FEWEST_FOLDS,
    "fewest_to_infer": lambda _: FEWEST_TO_INFER,
    "resamples": lambda _: f"{RESAMPLES:,}",
}
FILES: dict[str, Callable[[Path], str]] = {"docs/generated/probe-results.csv": or_else(write_csv, STALE)}
