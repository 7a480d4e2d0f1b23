"""Sections on the constructed sets: what is kept, what the passes rejected, shortcuts, and shared runs of words."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark
from espress_build.inputs.toml_files import read_csv_rows
from espress_build.metadata.labels import read_rows
from espress_build.metadata.set_sizes import SPLITS, count_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_COMMAND = "make constructed-sets"


def _count(rows: Iterable[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    """Return a row for each combination of values: the values, all rows, the rows kept, and the share rejected."""
    found: dict[tuple[Any, ...], Counter[bool]] = defaultdict(Counter)
    for row in rows:
        found[tuple(row[column] for column in columns)][row["kept"]] += 1
    return [
        (*values, kept.total(), kept[True], f"{kept[False] / kept.total():.1%}")
        for values, kept in sorted(found.items())
    ]


def tabulate_sizes(dataset: Path) -> str:
    """Return how many cases and articles there are and are kept, by set, language and split."""
    sizes = count_sizes([*read_rows(dataset, "check"), *read_rows(dataset, "stance_articles")])
    rows = [(f"`{one.table}`, {one.kind}", one.language, one.written, one.kept, *one.by_split) for one in sizes]
    return format_markdown(rows, ["set", "language", "written", "kept", *SPLITS], right=range(2, 7))


def count_functions(dataset: Path) -> str:
    """Return the cases of each function, and the share that the passes rejected, by language."""
    rows = _count(read_rows(dataset, "check"), "language", "task", "function")
    shown = [(language, task, f"`{function}`", *rest) for language, task, function, *rest in rows]
    return format_markdown(shown, ["language", "question", "function", "written", "kept", "rejected"], right=(3, 4, 5))


def count_votes(dataset: Path) -> str:
    """Count texts by the number of answers that agree with the construction, and say who judged."""
    found: dict[str, Counter[int]] = {"check": Counter(), "stance_articles": Counter()}
    persons: Counter[str] = Counter()
    for table, label in (("check", "label"), ("stance_articles", "stance")):
        for row in read_rows(dataset, table):
            if not row.get("swap_kind"):
                found[table][sum(vote["value"] == row[label] for vote in row["votes"])] += 1
                persons[table] += any(vote["annotator_kind"] == "human" for vote in row["votes"])
    rows = [
        (f"`{table}`", counts.total(), *(counts[n] for n in (3, 2, 1, 0)), persons[table])
        for table, counts in found.items()
    ]
    head = ["set", "texts", "three agree", "two agree", "one agrees", "none agrees", "judged by a person"]
    return format_markdown(rows, head, right=range(1, 7))


def list_pairs(dataset: Path) -> str:
    """Return the pairs and groups of kept cases, by kind."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in read_rows(dataset, "check"):
        if row["kept"] and row["pair_id"]:
            groups[row["pair_kind"], row["pair_id"]].append(row["case_id"])
    kinds: dict[str, list[int]] = defaultdict(list)
    for (kind, _), members in groups.items():
        if len(members) > 1:
            kinds[kind].append(len(members))
    return format_markdown(
        [(kind, len(sizes), sum(sizes)) for kind, sizes in sorted(kinds.items())],
        ["kind", "groups", "cases"],
        right=(1, 2),
    )


def table_shortcuts(dataset: Path) -> str:
    """Return how well each group predicts the label without any text."""
    audits = read_benchmark(dataset, "constructed", _COMMAND)["audits"]
    rows = []
    for name, one in audits.items():
        for group, score in one["groups"].items():
            interval = "–" if score["macro_f1"] is None else f"{score['macro_f1']:.2f}"
            interval += "" if score["low"] is None else f" [{score['low']:.2f}, {score['high']:.2f}]"
            p, gain_p = (None if score[key] is None else f"{score[key]:.3f}" for key in ("p", "gain_p"))
            finding = score["status"].replace("_", " ")
            rows.append((name, one["rows"], f"{one['floor']:.2f}", group, interval, p, gain_p, finding))
    head = [
        "question", "rows", "macro-F1 without text and group", "group", "look-up of the group [95 %]", "p of macro-F1",
        "p of gain", "finding",
    ]  # fmt: skip
    return format_markdown(rows, head, right=(1, 2))


def table_overlap(dataset: Path) -> str:
    """Count the sequences of words of the test split that also occur in the train split.

    The last column counts the sequences of all splits that also occur in natural articles.
    """
    overlap = read_benchmark(dataset, "constructed", _COMMAND)["overlap"]
    rows = [
        (f"`{name}`", one["words"], f"{one['shared_with_train']:,} of {one['test']:,}",
         f"{one['shared_with_natural']:,} of {one['all']:,}")
        for name, measured in overlap.items()
        for one in measured
    ]  # fmt: skip
    return format_markdown(
        rows, ["set", "words in sequence", "of test, also in train", "of all, also in natural articles"], right=(1,)
    )


def table_natural(dataset: Path) -> str:
    """Compare the order of the baselines on `check` with their order on natural text."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in read_benchmark(dataset, "constructed", _COMMAND)["natural"]:
        rows[one["task"]].append(one)
    table = [
        (task, len(own), f"{_rank_correlation(own):.2f}",
         ", ".join(f"`{one['system']}` {one['check']:.2f} / {one['natural']:.2f}" for one in own))
        for task, own in rows.items()
    ]  # fmt: skip
    return format_markdown(
        table, ["question", "baselines", "rank correlation", "macro-F1 on `check` / on natural text"], right=(1, 2)
    )


def _rank_correlation(rows: list[dict[str, Any]]) -> float:
    from scipy.stats import spearmanr

    return float(spearmanr([one["check"] for one in rows], [one["natural"] for one in rows]).statistic)


def table_naturalness(dataset: Path) -> str:
    """Return how natural a reader found a random sample of cases, from 1 to 5."""
    path = dataset.parent / "raw" / "constructed" / "naturalness.csv"
    ratings = [int(row["rating"]) for _, row in read_csv_rows(path)]
    counts = Counter(ratings)
    rows = [(rating, counts[rating], f"{counts[rating] / len(ratings):.1%}") for rating in range(5, 0, -1)]
    mean = sum(ratings) / len(ratings)
    return f"{format_markdown(rows, ['rating', 'cases', 'share'], right=(0, 1, 2))}\n\nMean: {mean:.2f} of 5."


def _count_grammar(dataset: Path) -> int:
    """Return the number of findings of the grammar checker that were reviewed."""
    path = dataset.parent / "benchmarks" / "constructed" / "grammar_reviewed.tsv"
    return len(path.read_text(encoding="utf-8").splitlines())


SECTIONS: dict[str, Callable[[Path], str]] = {
    "constructed-sizes": tabulate_sizes,
    "constructed-functions": count_functions,
    "constructed-votes": count_votes,
    "constructed-pairs": list_pairs,
    "constructed-shortcuts": table_shortcuts,
    "constructed-overlap": table_overlap,
    "constructed-naturalness": table_naturalness,
    "constructed-natural": table_natural,
}
VALUES: dict[str, Callable[[Path], object]] = {
    "grammar": _count_grammar,
    "cases": lambda dataset: sum(row["kept"] for row in read_rows(dataset, "check")),
    "articles": lambda dataset: sum(
        row["kept"] and not row["swap_kind"] and not row["is_control"] for row in read_rows(dataset, "stance_articles")
    ),
}
