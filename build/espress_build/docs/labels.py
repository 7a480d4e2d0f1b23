"""Sections and values on the reliability of the labels; `espress-build agreement` prints all sections."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from espress.probe.classes import FEWEST_TO_SCORE
from espress.schema import schema
from espress.stats.agreement import count_differences
from espress.tables import format_markdown
from espress_build.docs import catalogue
from espress_build.inputs.judgements import read_annotations
from espress_build.inputs.params import read_params
from espress_build.labels import changes, studies
from espress_build.metadata.card import format_agreement
from espress_build.metadata.labels import (
    count_confirmed_units,
    count_judged_units,
    describe_families,
    describe_persons,
    format_class_counts,
    measure_agreement,
    read_counted,
    read_kinds,
    read_persons,
    read_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from espress.stats.agreement import Agreement
    from espress_build.inputs.judgements import Pass

_UNJUDGED = "No pass has judged these texts yet."


def _annotations(dataset: Path) -> Path:
    return dataset.parent / "raw" / "annotations"


def _format_rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def describe_judges(dataset: Path) -> str:
    """State how many units persons judged and confirmed, and from which families of models the passes come."""
    return textwrap.fill(f"{describe_persons(dataset)} {describe_families(dataset)}", 120)


def _name_model(one: Pass) -> str | None:
    return ", ".join(part for part in (one.family, one.model) if part) or None


def list_passes(dataset: Path) -> str:
    """List who coded when, how and by which codebook."""
    rows = [
        (
            f"`{p.annotator}`", p.kind, _name_model(p), p.codebook, "yes" if p.votes else "no",
            p.order or None, p.contexts or None, f"{p.started} to {p.ended}", p.input_sha256[:12],
            f"`{p.prompt}`" if p.prompt else None,
        )
        for p in read_annotations(_annotations(dataset)).passes
    ]  # fmt: skip
    head = ["pass", "kind", "model", "codebook", "votes", "order", "contexts", "when", "input sha256", "prompt"]
    return format_markdown(rows, head)


def describe_consistency(dataset: Path) -> str:
    """List the agreement of the model passes by field and level."""
    return format_agreement(measure_agreement(dataset))


def describe_person_agreement(dataset: Path) -> str:
    """List the agreement among persons by field and level."""
    kinds = read_kinds(dataset)
    persons = sorted({one.annotator for one in read_counted(dataset) if kinds[one.annotator] == "human"})
    if found := measure_agreement(dataset, "human"):
        return format_agreement(found)
    return f"Persons who judged: {len(persons)}. Agreement among persons needs two who judged the same items."


def compare_persons(dataset: Path) -> str:
    """Count how often a person agrees with the gold of the model passes, by field."""
    found = read_persons(dataset).compare()
    if not found:
        return "No person has judged an item for which the model passes have a gold label."
    rows = [
        (
            f"`{one.field}`", one.compared, one.agreed, _format_rate(one.agreed, one.compared),
            "; ".join(f"{way}: {number}" for way, number in one.differences.items()) or None,
        )
        for one in found
    ]  # fmt: skip
    return format_markdown(rows, ["field", "compared", "agreed", "rate", "models -> person"])


def count_disagreements(dataset: Path) -> str:
    """Count the judgements that differ within each pair of annotators, by field."""
    found = count_differences(read_counted(dataset))
    fields = sorted({field for counts in found.values() for field in counts})
    rows = [
        (f"{a}, {b}", *(counts.get(field, 0) for field in fields), sum(counts.values()))
        for (a, b), counts in found.items()
    ]
    return format_markdown(rows, ["passes", *(f"`{field}`" for field in fields), "all"])


def _measure_all(dataset: Path) -> list[Agreement]:
    """Return the agreement on each field, first among model passes, then among persons."""
    both = [*measure_agreement(dataset, resamples=0), *measure_agreement(dataset, "human", resamples=0)]
    return [one for one in both if "its entries" not in one.level]


def list_disputes(dataset: Path) -> str:
    """List every item on which the passes differ, with the values."""
    rows = [
        (one.level, one.field, item, "; ".join(f"{who}: {value or 'null'}" for who, value in sorted(votes.items())))
        for one in _measure_all(dataset)
        for item, votes in sorted(one.disputes.items())
    ]
    return format_markdown(rows, ["level", "field", "item", "values"])


def count_confusions(dataset: Path) -> str:
    """Count pairs of values that two annotators gave to one item, for disputed fields with a fixed list of values."""
    rows = [
        (one.field, pair, number)
        for one in _measure_all(dataset)
        if one.disputes and "span" not in one.field
        for pair, number in one.confusion.items()
    ]
    return format_markdown(rows, ["field", "values of two passes", "pairs"])


def describe_heldout(dataset: Path) -> str:
    """List the agreement of the passes on sentences of invented texts, by version of the codebook."""
    found = studies.measure_heldout(_annotations(dataset))
    parts = [f"Codebook {version}:\n\n{format_agreement(one)}" for version, one in found.items()]
    return "\n\n".join(parts) or _UNJUDGED


def describe_heldout_articles(dataset: Path) -> str:
    """Compare the passes on invented articles with the labels that their author intended."""
    folder = _annotations(dataset)
    items = studies.compare_with_key(folder)
    if not items:
        return _UNJUDGED
    annotators = sorted({who for item in items for who in item.given})
    rows = []
    for field in dict.fromkeys(item.field for item in items):
        own = [item for item in items if item.field == field]
        for term in [*(term for term in schema().vocabularies[field] if any(i.intended == term for i in own)), None]:
            meant = [item for item in own if term in (None, item.intended)]
            cells = []
            for who in annotators:
                judged = [item for item in meant if who in item.given]
                cells.append(f"{sum(i.given[who] == i.intended for i in judged)} of {len(judged)}" if judged else None)
            rows.append((f"`{field}`", f"`{term}`" if term else "all", len(meant), *cells))
    table = format_markdown(rows, ["field", "intended", "articles", *(f"`{who}`" for who in annotators)])
    wrong = [
        (f"`{item.field}`", f"`{item.article}`", item.intended, who, value)
        for item in items
        for who, value in sorted(item.given.items())
        if value != item.intended
    ]
    listed = format_markdown(wrong, ["field", "article", "intended", "pass", "given"]) if wrong else "None."
    agreement = format_agreement(studies.measure_heldout_articles(folder))
    return (
        f"Judgements equal to the intended label:\n\n{table}\n\n"
        f"Judgements that differ from the intended label:\n\n{listed}\n\n"
        f"Agreement among the passes that vote:\n\n{agreement}"
    )


def _describe_exchange(dataset: Path, name: str) -> str:
    exchange = studies.Exchange.read(_annotations(dataset), name)
    if exchange is None:
        return _UNJUDGED
    rows = [
        (
            f"`{one.field}`", one.compared, one.flipped, _format_rate(one.flipped, one.compared),
            "; ".join(f"{way}: {number}" for way, number in one.directions.items()) or "none",
        )
        for one in exchange.count_flips()
    ]  # fmt: skip
    both, before, after = exchange.count_entries()
    note = f"Entries in both texts: {both}; only in the original: {before}; only in the rewritten text: {after}."
    return f"{format_markdown(rows, ['field', 'compared', 'flipped', 'rate', 'expected -> found'])}\n\n{note}"


def describe_state_swap(dataset: Path) -> str:
    """Count labels that change when actor and target states are exchanged, by field and direction."""
    return _describe_exchange(dataset, "state_swap")


def describe_polarity_swap(dataset: Path) -> str:
    """Count labels that do not change as expected when charge and denial are exchanged, by field and direction."""
    return _describe_exchange(dataset, "polarity_swap")


def compare_unguided(dataset: Path) -> str:
    """Compare the passes that do not vote, which had no codebook, with gold."""
    found = studies.compare_unguided(_annotations(dataset), read_params().label.fewest_passes)
    if not found:
        return "There is no pass without the codebook on articles that have gold."
    rows = [
        (f"`{one.annotator}`", f"`{one.field}`", f"`{one.item}`", "no majority" if one.is_unclear else one.gold,
         one.given, "yes" if one.given == one.gold else "no")
        for one in found
    ]  # fmt: skip
    equal = Counter((one.annotator, one.field, one.given == one.gold) for one in found)
    note = "; ".join(
        f"`{who}`, `{field}`: {equal[who, field, True]} of {equal[who, field, True] + equal[who, field, False]} equal"
        for who, field in sorted({key[:2] for key in equal})
    )
    head = ["pass", "field", "article and event", "gold", "without codebook", "equal"]
    return f"{format_markdown(rows, head)}\n\n{note}."


def list_guesses(dataset: Path) -> str:
    """List the outlet and country that each pass guessed from the masked text."""
    found = studies.list_guesses(_annotations(dataset), read_rows(dataset, "articles"))
    rows = [
        (who, f"`{article}`", outlet, "yes" if hit else "no", country, "yes" if right else "no")
        for who, article, outlet, country, hit, right in found
    ]
    outlets, countries = (sum(bool(row[place]) for row in found) for place in (4, 5))
    note = f"Right guesses of the outlet: {outlets} of {len(found)}; of the country: {countries} of {len(found)}."
    return (
        f"{format_markdown(rows, ['pass', 'article', 'outlet guessed', 'right', 'country guessed', 'right'])}\n\n{note}"
    )


def list_changes(dataset: Path) -> str:
    """List every gold label that differs from the one under the previous codebook, with the reason.

    Raises:
        InputError: a change has no reason in raw/annotations/changes-VERSION.csv.
    """
    folder = _annotations(dataset)
    found = changes.list_changes(folder, read_params().label.fewest_passes)
    if not found:
        return "All gold labels follow the first version of the codebook."
    major = max(studies.Study.read(folder, "").majors)
    groups = changes.explain(found, folder / f"changes-{major}.0.0.csv")
    rows = [
        (f"`{field}`", old, new, len(own), reason, ", ".join(f"`{one.item}`" for one in own))
        for (field, old, new, reason), own in groups.items()
    ]
    counts = Counter(one.field for one in found)
    note = ", ".join(f"`{field}` {number}" for field, number in sorted(counts.items()))
    table = format_markdown(rows, ["field", "old", "new", "labels", "reason", "items"])
    return f"Labels that differ: {len(found)} ({note}).\n\n{table}"


SECTIONS: dict[str, Callable[[Path], str]] = {
    "judges": describe_judges,
    "passes": list_passes,
    "self-consistency": describe_consistency,
    "person-agreement": describe_person_agreement,
    "person-model": compare_persons,
    "disagreements": count_disagreements,
    "confusions": count_confusions,
    "disputes": list_disputes,
    "heldout": describe_heldout,
    "heldout-articles": describe_heldout_articles,
    "state-swap": describe_state_swap,
    "polarity-swap": describe_polarity_swap,
    "no-codebook": compare_unguided,
    "guesses": list_guesses,
    "label-changes": list_changes,
    "class-counts": format_class_counts,
}
VALUES: dict[str, Callable[[Path], object]] = {
    "fewest_to_score": lambda _: FEWEST_TO_SCORE,
    "fewest_passes": lambda _: read_params().label.fewest_passes,
    "human_judged": count_judged_units,
    "human_confirmed": count_confirmed_units,
}


def report(dataset: Path) -> str:
    """Return all sections on labels and on the catalogue's codes, each with its heading."""
    parts = ["# Agreement on the labels"]
    for name, section in (SECTIONS | catalogue.SECTIONS).items():
        parts += [f"## {name.replace('-', ' ')}", str(section.__doc__).splitlines()[0], section(dataset)]
    return "\n\n".join(parts)
