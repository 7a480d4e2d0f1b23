"""Format one result or comparison as Markdown.

This module does not import the classes of results, because these import it to print themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.result import ClassScore, Comparison, Estimate, RareScore, Result, Share

_SMALLEST = 0.00005  # a smaller p would be rounded to zero


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
    return format_share((estimate.value, estimate.low, estimate.high or 0.0))


def format_share(share: Share | tuple[float, float, float] | None) -> str | None:
    """Return a value with its interval."""
    return None if share is None else "{:.3f} [{:.3f}, {:.3f}]".format(*share)


def format_hits(one: ClassScore) -> str:
    """Return "hits of units", without decimals if there was one run."""
    return "–" if one.hits is None else f"{one.hits:.4g}/{one.units}"


def format_family(result: Result) -> str | None:
    """Return the model's family, marked if it is a family of annotators."""
    return f"{result.family} (same_family_as_annotators)" if result.same_family_as_annotators else result.family


def differences_to_markdown(found: Sequence[Comparison]) -> str:
    """Return paired differences as a table, one estimand per row, with p adjusted by Holm for all of them."""
    head = ["system", "minus", "estimand", "difference [95 %]", "p", "p, Holm", "smallest p", "minimum detectable"]
    rows = [
        (
            f"`{one.system}`",
            f"`{one.against}`",
            tested.estimate.estimand,
            format_interval(tested.estimate),
            *map(format_p, (tested.p, tested.p_holm, tested.smallest_p)),
            format_number(tested.minimum_detectable),
        )
        for one in found
        for tested in (one.fixed, one.new)
    ]
    return format_markdown(rows, head)


def list_notes(estimates: tuple[Estimate, Estimate], found: Sequence[Comparison] = ()) -> str:
    """Return what the intervals mean, and for paired differences the test and the formula under each estimand."""
    lines = [f"- {one.estimand}: {one.note}" for one in estimates]
    if len(found) > 1:
        lines.append(f"- p, Holm: adjusted for the {len(found)} comparisons of the table, separately for each estimand")
    for one in found[:1]:
        levels = f"alpha = {one.fixed.alpha:g} two-sided, power = {one.fixed.power:g}"
        for t in (one.fixed, one.new):
            lines.append(f"- p, {t.estimate.estimand}: {t.test}")
            lines.append(f"- minimum detectable, {t.estimate.estimand}: {t.formula}; {levels}")
    return "\n".join(lines)


def comparison_to_markdown(one: Comparison) -> str:
    """Return a paired comparison as a table, with notes on its intervals and formulas."""
    title = f"`{one.system}` minus `{one.against}` on {one.task}, split by {one.split}"
    notes = list_notes((one.fixed.estimate, one.new.estimate), [one])
    return f"{title}\n\n{differences_to_markdown([one])}\n\n{notes}"


def _format_rare(rare: RareScore) -> str:
    shares = {"recall": rare.recall, "precision": rare.precision, "F1": rare.f1}
    counts = {
        "recall": f"{rare.hits:.4g} of {rare.units:.4g} items found",
        "precision": f"{rare.hits:.4g} of {rare.predicted:.4g} answers right",
        "F1": None,
    }
    rows = [(f"{name} of `{rare.label}`", format_share(share), counts[name]) for name, share in shares.items()]
    return format_markdown(rows, ["rare class", "value [95 %, Wilson]", "counts"])


def _format_scores(one: Result) -> Iterator[str]:
    value = format_number(one.value) or "no class is scored"
    if len(one.runs) > 1 and one.value is not None:
        value += f", mean of {len(one.runs)} runs from {one.lowest:.3f} to {one.highest:.3f}"
    yield f"**{one.metric} = {value}**"
    yield f"{one.units} items, accuracy {one.accuracy:.3f}, failed parses {one.failed:.4g} (counted as wrong)."
    if one.hint:
        yield f"**{one.hint}**"
    both = (one.fixed, one.new)
    estimates = [(e.estimand, format_interval(e), e.assumes or None) for e in both]
    yield format_markdown(estimates, ["estimand", f"{one.metric} [95 %]", "the interval holds"])
    if one.rare:
        yield _format_rare(one.rare)
    of_class = [
        (f"`{c.label}`", c.status, format_number(c.f1), format_hits(c), c.units, c.articles) for c in one.classes
    ]
    yield format_markdown(of_class, ["class", "status", "F1", "hits/n", "items", "articles"])
    groups = [(g.column, f"`{g.group}`", g.units, *map(format_number, (g.score, g.accuracy))) for g in one.groups]
    yield format_markdown(groups, ["by", "group", "items", one.metric, "accuracy"])
    if one.references:
        yield "Paired differences:"
        yield differences_to_markdown(one.references)
    yield list_notes(both, one.references)


def result_to_markdown(result: Result) -> str:
    """Return a result as a Markdown section: the system, its scores, failed answers, and what may be claimed."""
    about = [
        f"- family: {format_family(result) or 'not given'}",
        f"- ran on: {result.ran_on}",
        f"- gold labels: data version {result.data_version}",
        f"- split: {result.split}, hash {result.split_hash}",
    ]
    parts = [f"## `{result.model}` on {result.task}, split by {result.split}", result.question, "\n".join(about)]
    parts += _format_scores(result)
    if result.failed_examples:
        said = [(f"`{f.item_id}`", f.run, repr(f.said)) for f in result.failed_examples]
        parts += ["Some of the answers that are not labels:", format_markdown(said, ["item", "run", "answer"])]
    parts += ["May be claimed:", "\n".join(f"- {line}" for line in result.may_claim)]
    return "\n\n".join([*parts, "May not be claimed:", "\n".join(f"- {line}" for line in result.may_not_claim)])
