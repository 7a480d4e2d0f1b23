"""Results as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from espress.probe.result import ClassScore, Comparison, Estimate, ReadingScore, Result, Tested


_SMALLEST = 0.00005  # a p below it would round to zero


def number(value: float | None) -> str | None:
    """Return a score with three decimals."""
    return None if value is None else f"{value:.3f}"


def p_value(value: float | None) -> str | None:
    """Return a p-value with four decimals, never as zero."""
    if value is None:
        return None
    return f"{value:.4f}" if value >= _SMALLEST else f"< {2 * _SMALLEST:.4f}"


def interval(estimate: Estimate) -> str | None:
    """Return a value with its 95 % interval, as far as there is one."""
    if estimate.value is None:
        return None
    within = "" if estimate.low is None else f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}{within}"


def hits(one: ClassScore) -> str:
    """Return hits of units, without decimals where there was one run."""
    return "–" if one.hits is None else f"{one.hits:.4g}/{one.units}"


def family(result: Result) -> str | None:
    """Return the model's family, marked where it is that of the annotators."""
    return f"{result.family} (same_family_as_annotators)" if result.same_family_as_annotators else result.family


def _tested(one: Tested) -> list[object]:
    at_least = "–" if one.smallest_p is None else f"{one.smallest_p:.4f}"
    found = [one.estimate.estimand, interval(one.estimate), p_value(one.p), at_least, number(one.minimum_detectable)]
    return [*found, one.test]


def formulas(one: Comparison) -> list[str]:
    """Return how the smallest difference that could have been seen is computed, under each estimand."""
    levels = f"alpha = {one.fixed.alpha:g} two-sided, power = {one.fixed.power:g}"
    return [f"- minimum detectable, {t.estimate.estimand}: {t.formula}; {levels}" for t in (one.fixed, one.new)]


def _differences(found: Sequence[Comparison]) -> str:
    head = ["minus", "estimand", "difference [95 %]", "p", "smallest p", "minimum detectable", "test"]
    return format_markdown([[f"`{one.against}`", *_tested(t)] for one in found for t in (one.fixed, one.new)], head)


def comparison(one: Comparison) -> str:
    """Return a paired comparison as a table, with what its intervals say and how its figures are computed."""
    lines = [f"`{one.system}` minus `{one.against}` on {one.task}, reading `{one.reading}`, split by {one.split}", ""]
    notes = [f"- {t.estimate.estimand}: {t.estimate.note}" for t in (one.fixed, one.new)]
    return "\n".join([*lines, _differences([one]), "", *notes, *formulas(one)])


def _runs(one: ReadingScore, runs: int) -> str:
    if runs == 1 or one.value is None:
        return ""
    return f", mean of {runs} runs from {one.lowest:.3f} to {one.highest:.3f}"


def _reading(one: ReadingScore, runs: int) -> list[str]:
    value = "no class is scored" if one.value is None else f"{one.value:.3f}{_runs(one, runs)}"
    lines = [f"### Reading `{one.reading}`: {one.metric} = {value}", ""]
    lines += [f"{one.units} units, accuracy {one.accuracy:.3f}, failed parses {one.failed:.4g} (counted as wrong).", ""]
    both = (one.fixed, one.new)
    lines += [format_markdown([[e.estimand, interval(e)] for e in both], ["estimand", "macro-F1 [95 %]"]), ""]
    lines += [*(f"- {e.estimand}: {e.note}" for e in both), ""]
    of_class = [[f"`{c.label}`", c.status, number(c.f1), hits(c), c.units, c.articles] for c in one.classes]
    lines += [format_markdown(of_class, ["class", "status", "F1", "hits/n", "units", "articles"]), ""]
    of_group = [[g.column, f"`{g.group}`", g.units, number(g.macro_f1), number(g.accuracy)] for g in one.groups]
    lines += [format_markdown(of_group, ["by", "group", "units", "macro-F1", "accuracy"]), ""]
    if not one.references:
        return lines
    return [*lines, "Paired differences:", "", _differences(one.references), "", *formulas(one.references[0]), ""]


def markdown(result: Result) -> str:
    """Return a result as a Markdown section: who, every reading, failed answers, and what may be claimed."""
    about = [
        ("family", family(result) or "not given"),
        ("ran on", result.ran_on),
        ("data version", result.data_version),
        ("split", f"{result.split}, hash {result.split_hash}"),
    ]
    lines = [f"## `{result.model}` on {result.task}, split by {result.split}", "", result.question, ""]
    lines += [*(f"- {name}: {value}" for name, value in about), ""]
    for one in result.readings:
        lines += _reading(one, len(result.runs))
    if result.failed:
        said = [[f"`{f.item_id}`", f.run, repr(f.said)] for f in result.failed]
        lines += [
            "Answers that are no label, some of them:",
            "",
            format_markdown(said, ["item", "run", "answer"]),
            "",
        ]
    lines += ["May be claimed:", "", *(f"- {line}" for line in result.may_claim), ""]
    return "\n".join([*lines, "May not be claimed:", "", *(f"- {line}" for line in result.may_not_claim)])
