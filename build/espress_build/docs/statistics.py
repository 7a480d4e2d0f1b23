"""Generated sections on the statistics: correctness, coverage, tests under the null, and speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.probe.estimates import FEWEST_FOLDS, FEWEST_TO_INFER
from espress.tables import format_markdown
from espress_build.docs.benchmarks import read_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _format_largest(one: dict[str, Any]) -> str:
    within = "" if one["largest"] <= one["limit"] else " (too large)"
    if one["unit"] == "standard errors":
        return f"{one['largest']:.1f} standard errors{within}"
    return f"{one['largest']:.0e}{within}" if one["largest"] else "0"


def table_correctness(dataset: Path) -> str:
    """Return the largest differences between our scores, intervals and tests and those of other libraries."""
    held = read_benchmark(dataset, "correctness", "make correctness")["comparisons"]
    rows = []
    for one in held:
        theirs = f"{one['library']} {one['version']}: {one['theirs']}"
        rows.append((one["what"], f"`{one['ours']}`", theirs, f"{one['cases']:,}", _format_largest(one)))
    note = (
        f"Cases: {sum(one['cases'] for one in held):,}. Results that depend on random draws cannot be equal; their "
        "difference is given in standard errors, and with this many cases the largest is expected to be above three. "
        "The minimum detectable difference uses the usual formula with quantiles of t; one row shows how far the power "
        "at that difference, computed from the exact distribution, is from the intended power."
    )
    return f"{format_markdown(rows, ['what', 'ours', 'theirs', 'cases', 'largest difference'])}\n\n{note}"


def _conclude(n_articles: int) -> str:
    if n_articles < FEWEST_FOLDS:
        return "refused: no interval for new articles"
    return "descriptive only" if n_articles < FEWEST_TO_INFER else "an interval for new articles"


def _format_coverage(row: dict[str, Any], *, ours: bool) -> list[str]:
    cells = [f"{row['articles']} (this corpus)" if ours else str(row["articles"])]
    for name in ("t", "clusters", "paragraphs"):
        cells += [f"{row[name]['held']:.1%}", f"{row[name]['width']:.2f}"]
    cells += [f"{row['paragraphs_taken_for_new_articles']['held']:.1%}", _conclude(row["articles"])]
    return [f"**{cell}**" for cell in cells] if ours else cells


def table_coverage(dataset: Path) -> str:
    """Return how often each interval contains the true value, by number of articles; this corpus is marked."""
    held = read_benchmark(dataset, "coverage", "make coverage")["coverage"]
    own = pq.read_metadata(dataset / "data" / "articles.parquet").num_rows
    head = [
        "articles", "new articles, t: coverage", "width", "new articles, articles resampled: coverage", "width",
        "these articles, paragraphs resampled: coverage", "width", "the same, misread as new articles: coverage",
        "the probe gives",
    ]  # fmt: skip
    note = (
        f"Nominal level {held['level']:.0%}; {held['corpora']:,} simulated corpora per row, {held['resamples']:,} "
        f"resamples each; Monte Carlo error at most {held['largest_monte_carlo_error']:.1%}. Each interval is compared "
        f"with its own true value: the mean of articles' macro-F1 ({held['true_mean_of_articles']:.3f}), the pooled "
        f"macro-F1 ({held['true_pooled']:.3f}), and the macro-F1 of the sampled articles. With few articles, the t "
        "interval reaches its coverage by being wide. Intervals from resampling articles contain the true value too "
        "rarely unless there are many articles. Intervals from resampling paragraphs are valid for these articles "
        "only; read as intervals for new articles, they contain the true value too rarely, even with many articles."
    )
    table = format_markdown([_format_coverage(row, ours=row["articles"] == own) for row in held["rows"]], head)
    return f"{table}\n\n{note}"


def table_linked(dataset: Path) -> str:
    """Return how often each printed interval contains the true value if articles are linked, as in this corpus."""
    held = read_benchmark(dataset, "linked_coverage", "make coverage")
    columns = {
        "these_articles": "these articles, macro-F1",
        "new_articles": "new articles, macro-F1",
        "recall": "these articles, recall of a rare class",
        "precision": "these articles, precision of a rare class",
        "f1": "these articles, F1 of a rare class",
    }
    rows = [
        (f"{row['shared']:.0%}", *(f"{row[name]['held']:.1%} ({row[name]['width']:.2f})" for name in columns))
        for row in held["rows"]
    ]
    note = (
        f"Nominal level {held['level']:.0%}; coverage, and in brackets the mean width. {sum(held['blocks'])} articles "
        f"in {len(held['blocks'])} blocks ({', '.join(map(str, held['blocks']))} articles); {held['corpora']:,} "
        f"simulated corpora per row; Monte Carlo error at most {held['largest_monte_carlo_error']:.1%}. First column: "
        "the share of the variance between articles that the articles of a block have in common. Intervals for these "
        "articles do not depend on links between articles; those from resampled paragraphs miss the true value a "
        "little too often, because each article has few paragraphs. The interval for new articles assumes that "
        "articles are independent: the more linked articles have in common, the less often it contains the true value."
    )
    return f"{format_markdown(rows, ['in common', *columns.values()])}\n\n{note}"


def _read_new_coverage(dataset: Path, shared: float) -> str:
    rows = read_benchmark(dataset, "linked_coverage", "make coverage")["rows"]
    return f"{next(row['new_articles']['held'] for row in rows if row['shared'] == shared):.0%}"


def table_null(dataset: Path) -> str:
    """Return how the tests behave for two systems that do not differ."""
    rows = []
    for one in read_benchmark(dataset, "coverage", "make coverage")["null"]:
        fit = one["kolmogorov_smirnov"]
        cells = [f"`{one['test']}`", one["about"], one["size"], f"{one['corpora']:,}"]
        cells += [f"{one[f'at_most_{at}']:.1%} (expected {one[f'possible_at_{at}']:.1%})" for at in ("0.05", "0.01")]
        cells += [f"{fit['distance']:.3f} (p {fit['p']:.3f})", f"{fit['too_often']:.3f} (p {fit['too_often_p']:.3f})"]
        rows.append(cells)
    head = [
        "test", "question about", "exchanged", "corpora", "rejects at .05", "rejects at .01", "distance from uniform",
        "excess of small p",
    ]  # fmt: skip
    return format_markdown(rows, head)


def table_bootstrap_speed(dataset: Path) -> str:
    """Return the time of the cluster bootstrap compared with that of a plain loop."""
    held = read_benchmark(dataset, "bootstrap", "make correctness")
    rows = [
        ("plain scikit-learn loop", f"{held['sklearn_s']:,.0f}", f"on {held['looped']:,} of the resamples"),
        ("`cluster_bootstrap`", f"{held['ours_s']:.2f}", "on all resamples, including the tallies"),
    ]
    note = (
        f"{held['resamples']:,} resamples of macro-F1 on {held['predictions']:,} predictions, {held['paragraphs']:,} "
        f"paragraphs drawn within {held['articles']:,} articles; median of {held['rounds']} rounds in which the two "
        f"methods alternate. The loop takes {held['ratio']:.0f} times as long, and at least {held['least_ratio']:.0f} "
        f"times in each round. Largest difference of a score: {held['largest_difference']:g}. The rows for the loop "
        f"are drawn in advance. scikit-learn {held['scikit_learn']}; {held['machine']['processor']}, "
        f"{held['machine']['cores']} cores."
    )
    return f"{format_markdown(rows, ['method', 'seconds for all resamples', 'measured'])}\n\n{note}"


def table_audit_speed(dataset: Path) -> str:
    """Return the time of an audit with its imports, each in a process of its own."""
    held = read_benchmark(dataset, "audit", "make correctness")
    rows = [
        (what, f"{one['median_s']:.1f}", f"{one['least_s']:.1f} to {one['most_s']:.1f}",
         f"{one['least_processor_s']:.1f}", f"{one['peak_mib']:,}")
        for what, one in held["times"].items()
    ]  # fmt: skip
    note = (
        f"Unless the table says otherwise, the corpora have {held['rows']['small']:,} rows with {held['words_a_row']} "
        f"words each, from {held['outlets']} outlets. {held['permutations']:,} permutations, with the text model, on "
        f"{held['cores']} cores."
    )
    head = ["corpus", "seconds, median", "shortest to longest", "processor seconds, shortest", "peak memory, MiB"]
    return f"{format_markdown(rows, head)}\n\n{note}"


SECTIONS = {
    "correctness": table_correctness,
    "coverage": table_coverage,
    "linked-coverage": table_linked,
    "null-uniform": table_null,
    "probe-speed": table_bootstrap_speed,
    "audit-speed": table_audit_speed,
}
VALUES: dict[str, Callable[[Path], object]] = {
    "coverage_unlinked": lambda dataset: _read_new_coverage(dataset, 0.0),
    "coverage_half_shared": lambda dataset: _read_new_coverage(dataset, 0.5),
}
