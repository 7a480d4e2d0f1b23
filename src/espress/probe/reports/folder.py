"""The report on a folder of predictions: tables sorted by name, for looking up, not for ranking."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.probe.baselines import baselines
from espress.probe.predictions import SUFFIXES
from espress.probe.reports.markdown import family, formulas, hits, interval, number, p_value
from espress.probe.scores import score
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.result import ReadingScore, Result, Tested

_GROUPS_HELD_OUT = {("article_id",)}  # what a baseline needs when both splits hold out its groups whole


def results(folder: str | Path) -> list[Result]:
    """Score every predictions file of a folder, sorted by task, split and system.

    Raises:
        InputError: there is no such folder or no file in it, a file does not fit, or two files hold the same system.
    """
    place = Path(folder)
    paths = sorted(path for path in place.glob("*") if path.suffix in SUFFIXES) if place.is_dir() else []
    if not paths:
        raise InputError([f"{place}: holds no predictions ({' or '.join(SUFFIXES)}). `espress probe run` makes some."])
    found: dict[tuple[str, str, str], tuple[Path, Result]] = {}
    for path in paths:
        for one in score(path):
            name = (one.task, one.split, one.model)
            if name in found:
                raise InputError(
                    [f"{path}: {one.model!r} on {one.task}, split {one.split!r}, is in {found[name][0]} too."]
                )
            found[name] = (path, one)
    return [found[name][1] for name in sorted(found)]


def _mark(result: Result) -> str | None:
    """Return what a reader must know of a baseline: that it is trained here, or cannot know its group."""
    for one in baselines():
        if one.name == result.model:
            if not one.reads_text and one.needs in _GROUPS_HELD_OUT:
                return "not applicable by construction: its groups are held out, so it gives the commonest label"
            return "trained here: a floor" if one.trained else "rule"
    return None


def _runs(one: ReadingScore, result: Result) -> str:
    spread = "" if one.value is None else f" ({one.lowest:.3f} to {one.highest:.3f})"
    return f"{len(result.runs)}{spread if len(result.runs) > 1 else ''}"


def _scores(result: Result, one: ReadingScore) -> list[object]:
    counted = "; ".join(f"{c.label} {hits(c)}" for c in one.classes if c.status == "counted") or None
    about = [f"{one.failed:.4g}", _runs(one, result), family(result), result.ran_on, _mark(result)]
    return [f"`{result.model}`", interval(one.fixed), interval(one.new), counted, *about]


def _differences(result: Result, one: ReadingScore) -> Iterator[list[object]]:
    for against in (other for other in one.references if other.against != result.model):
        names = [f"`{result.model}`", f"`{against.against}`"]
        yield [*names, *(cell for tested in (against.fixed, against.new) for cell in _cells(tested))]


def _cells(tested: Tested) -> list[object]:
    return [interval(tested.estimate), p_value(tested.p), number(tested.minimum_detectable)]


def _section(group: Sequence[Result], reading: str) -> str:
    first = group[0].reading(reading)
    these, new = first.fixed.estimand, first.new.estimand
    head = ["system", f"{first.metric}, {these} [95 %]", f"mean, {new} [95 %]", "hits/n", "failed", "runs"]
    scores = [_scores(one, one.reading(reading)) for one in group]
    title = f"### {group[0].task}, reading `{reading}`, split by {group[0].split}"
    lines = [title, "", format_markdown(scores, [*head, "family", "ran on", "note"]), ""]
    listed = ", ".join(f"{c.label} ({c.units})" for c in first.classes if c.status == "listed")
    lines += [f"Too few units to be scored or counted: {listed}.", ""] if listed else []
    differences = [row for one in group for row in _differences(one, one.reading(reading))]
    if differences:
        tested = [f"{what}, {whose}" for whose in (these, new) for what in ("difference [95 %]", "p", "detectable")]
        lines += [format_markdown(differences, ["system", "minus", *tested]), ""]
    notes = [f"- {estimate.estimand}: {estimate.note}" for estimate in (first.fixed, first.new)]
    for against in first.references[:1]:
        notes += formulas(against)
        notes += [f"- p, {t.estimate.estimand}: {t.test}" for t in (against.fixed, against.new)]
    return "\n".join([*lines, *notes])


def report(folder: str | Path) -> str:
    """Return tables of every system in a folder of predictions, sorted by name; the same files give the same bytes.

    Raises:
        InputError: as `results`.
    """
    sections = []
    for _, found in groupby(results(folder), key=lambda one: (one.task, one.split)):
        group = list(found)
        sections += [_section(group, one.reading) for one in group[0].readings]
    return "\n\n".join(sections)
