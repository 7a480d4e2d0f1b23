"""The generated blocks that say what the probe's numbers are worth, from what `benchmarks/` measured and committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.probe.intervals import FEWEST_CLUSTERS, FEWEST_TO_INFER
from espress.tables import format_markdown
from espress_build.docs.markdown import measured

if TYPE_CHECKING:
    from pathlib import Path


def _largest(one: dict[str, Any]) -> str:
    within = "" if one["largest"] <= one["limit"] else " (too large)"
    if one["unit"] == "standard errors":
        return f"{one['largest']:.1f} standard errors{within}"
    return f"{one['largest']:.0e}{within}" if one["largest"] else "0"


def correctness(dataset: Path) -> str:
    """Our scores, intervals and tests beside other libraries', on generated cases."""
    held = measured(dataset, "correctness", "make correctness")["comparisons"]
    rows = []
    for one in held:
        theirs = f"{one['library']} {one['version']}: {one['theirs']}"
        rows.append((one["what"], f"`{one['ours']}`", theirs, f"{one['cases']:,}", _largest(one)))
    note = (
        f"Cases: {sum(one['cases'] for one in held):,}. Numbers drawn by lot cannot be equal; there the difference "
        "is counted in standard errors, and the largest of so many is expected to be above three. The minimum "
        "detectable difference has the usual formula with quantiles of t; how far the power at that difference is from "
        "the power asked for, by the exact distribution, is a row of its own."
    )
    return f"{format_markdown(rows, ['what', 'ours', 'theirs', 'cases', 'largest difference'])}\n\n{note}"


def _conclusion(n_articles: int) -> str:
    if n_articles < FEWEST_CLUSTERS:
        return "refused: no interval for new articles"
    return "descriptive only" if n_articles < FEWEST_TO_INFER else "an interval for new articles"


def _covered(row: dict[str, Any], *, ours: bool) -> list[str]:
    cells = [f"{row['articles']} (this corpus)" if ours else str(row["articles"])]
    for name in ("t", "clusters", "paragraphs"):
        cells += [f"{row[name]['held']:.1%}", f"{row[name]['width']:.2f}"]
    cells += [f"{row['paragraphs_taken_for_new_articles']['held']:.1%}", _conclusion(row["articles"])]
    return [f"**{cell}**" for cell in cells] if ours else cells


def coverage(dataset: Path) -> str:
    """How often each interval holds the truth, by number of articles; ours is marked."""
    held = measured(dataset, "coverage", "make correctness")["coverage"]
    own = pq.read_metadata(dataset / "data" / "articles.parquet").num_rows
    head = [
        "articles", "new articles, t: held", "width", "new articles, articles resampled: held", "width",
        "these articles, paragraphs resampled: held", "width", "the same, misread as new articles: held", "so it is",
    ]  # fmt: skip
    note = (
        f"Nominal level {held['level']:.0%}; {held['corpora']:,} invented corpora a row, {held['resamples']:,} "
        f"resamples each; Monte Carlo error at most {held['largest_monte_carlo_error']:.1%}. Each interval is held "
        f"against its own truth: the mean of articles' macro-F1 ({held['true_mean_of_articles']:.3f}), the pooled "
        f"macro-F1 ({held['true_pooled']:.3f}), that of the very articles drawn. At few articles the t interval holds "
        "because it is wide; resampled articles promise more than they hold until there are many; resampled paragraphs "
        "speak of these articles alone, and no number of articles mends misreading them."
    )
    table = format_markdown([_covered(row, ours=row["articles"] == own) for row in held["rows"]], head)
    return f"{table}\n\n{note}"


def null_uniform(dataset: Path) -> str:
    """How the tests behave where two systems do not differ."""
    rows = []
    for one in measured(dataset, "coverage", "make correctness")["null"]:
        fit = one["kolmogorov_smirnov"]
        cells = [f"`{one['test']}`", one["about"], one["size"], f"{one['corpora']:,}"]
        cells += [f"{one[f'at_most_{at}']:.1%} of {one[f'possible_at_{at}']:.1%}" for at in ("0.05", "0.01")]
        cells += [f"{fit['distance']:.3f} (p {fit['p']:.3f})", f"{fit['too_often']:.3f} (p {fit['too_often_p']:.3f})"]
        rows.append(cells)
    head = [
        "test", "asked about", "exchanged", "corpora", "rejects at .05", "rejects at .01", "distance from uniform",
        "too often small",
    ]  # fmt: skip
    note = (
        "Rejects: the share found, of the share that so many values of p allow. Distances are Kolmogorov and "
        "Smirnov's, their p from the discrete uniform distribution. Ties make p larger than uniform, not less. Asked "
        "about new articles, where each system has luck of its own in an article, the exchange of paragraphs rejects "
        "far too often: it is a test on these articles, and the flip of whole articles is the one for others."
    )
    return f"{format_markdown(rows, head)}\n\n{note}"


def probe_speed(dataset: Path) -> str:
    """What the block bootstrap takes beside a plain loop."""
    held = measured(dataset, "bootstrap", "make correctness")
    rows = [
        ("plain scikit-learn loop", f"{held['sklearn_s']:,.0f}", f"on {held['looped']:,} of the resamples"),
        ("`cluster_bootstrap`", f"{held['ours_s']:.2f}", "on all of them, counting included"),
    ]
    note = (
        f"{held['resamples']:,} resamples of macro-F1 on {held['predictions']:,} predictions, {held['paragraphs']:,} "
        f"paragraphs drawn within {held['articles']:,} articles; median of {held['rounds']} rounds in which both take "
        f"turns. Ratio {held['ratio']:.0f}, in the worst round {held['least_ratio']:.0f}. Largest difference of a "
        f"score: {held['largest_difference']:g}. The loop is given its rows ready drawn. "
        f"scikit-learn {held['scikit_learn']}; {held['machine']['processor']}, {held['machine']['cores']} cores."
    )
    return f"{format_markdown(rows, ['way', 'seconds for all', 'measured'])}\n\n{note}"


def audit_speed(dataset: Path) -> str:
    """What an audit takes, imports included, a process each."""
    held = measured(dataset, "audit", "make correctness")
    rows = [
        (what, f"{one['median_s']:.1f}", f"{one['least_s']:.1f} to {one['most_s']:.1f}",
         f"{one['least_processor_s']:.1f}", f"{one['peak_mib']:,}")
        for what, one in held["times"].items()
    ]  # fmt: skip
    note = (
        f"{held['rows']['small']:,} rows where nothing else is said, {held['outlets']} outlets, {held['words_a_row']} "
        f"words a row, {held['permutations']:,} permutations, text model included; {held['cores']} cores."
    )
    head = ["corpus", "seconds, median", "least to most", "processor seconds, least", "peak memory, MiB"]
    return f"{format_markdown(rows, head)}\n\n{note}"


PROBE_BLOCKS = {
    function.__name__.replace("_", "-"): function
    for function in (correctness, coverage, null_uniform, probe_speed, audit_speed)
}
SECTIONS = PROBE_BLOCKS
