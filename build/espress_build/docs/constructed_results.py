"""Generated sections and plots: results of the committed predictions on the constructed sets."""

from __future__ import annotations

import csv
import io
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from espress.probe.baselines import baselines
from espress.probe.constructed.baselines import PARTIAL, set_baselines
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import ENGLISH, questions
from espress.probe.markdown import format_share
from espress.probe.reports import read_set_results
from espress.probe.result import Share
from espress.tables import format_markdown
from espress_build.docs.fallback import EMPTY_SVG, or_else

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.stance_result import StanceResult

NO_RESULTS = (
    "No results: the committed predictions do not fit the present texts, or no item is kept. Type: make baselines"
)
_INTERVALS = "Intervals: 95 %, from resamples of whole {}; they say nothing about natural articles."
_FAMILY = " † The model belongs to the family that judged which items are kept: its scores may be high for that reason."
_PART = (
    " ◦ The system sees only a part of the item: if it scores higher than `majority`, this part alone reveals some of "
    "the answers."
)
_CONTEXT = (
    " `cues` on cue_strength and `source-words` on attribution get only the words that the question is about. On "
    "attribution, the items given to other systems do not say which words name the source. Baselines read no context, "
    "so none is right on pairs that differ only in the context."
)
RESULT_COLUMNS = (
    "set", "language", "system", "trained_here", "sees_part", "same_family", "measure", "group", "items", "value",
    "low", "high",
)  # fmt: skip


@cache
def _read(folder: Path, content_hash: str, name: str, language: str) -> tuple[Any, ...]:  # noqa: ARG001 -- keys the cache
    return tuple(read_set_results(folder, name, language))


def committed_set_results(dataset: Path, name: str, language: str = ENGLISH) -> tuple[Any, ...]:
    """Return the results of the committed predictions on a set; raises InputError if they do not fit the dataset."""
    folder = dataset.parent / "predictions" / "sets"
    files = [*sorted(folder.glob("*.*")), *sorted((dataset / "data").glob("check-*")), dataset / "SHA256SUMS"]
    content = b"".join(path.name.encode() + path.read_bytes() for path in files if path.is_file())
    return _read(folder, sha256(content).hexdigest(), name, language)


def _sees_part(result: CheckResult | StanceResult) -> bool:
    """Return whether the system sees only a part of the item."""
    return any(one.name == result.model for one in PARTIAL) or result.model == "proposition"


def _mark(result: CheckResult | StanceResult) -> str:
    part = " ◦" if _sees_part(result) else ""
    return f"`{result.model}`{part}{' †' if result.same_family_as_annotators else ''}"


def _list_notes(results: Iterable[CheckResult | StanceResult], units: str) -> str:
    family = _FAMILY if any(one.same_family_as_annotators for one in results) else ""
    return f"{_INTERVALS.format(units)}{_PART}{family}"


def table_check(dataset: Path) -> str:
    """Return every system's scores on the English cases of `check`."""
    results: tuple[CheckResult, ...] = committed_set_results(dataset, "check")
    tasks = [one.name.removeprefix("check-").replace("-", "_") for one in questions("check")]
    rows = []
    for one in results:
        by_task = {score.task: format_share(score.macro_f1) for score in one.tasks}
        pairs = {pair.kind: format_share(pair.all_right) for pair in one.pairs}
        contrast = format_share(one.contrast.all_right) if one.contrast else None
        flips = format_share(one.states.flipped) if one.states else None
        rate = format_share((one.value, one.low, one.high))
        cells = [pairs.get("label"), pairs.get("context"), contrast, flips]
        rows.append((_mark(one), "yes" if one.trained_on else "no", rate, *(by_task.get(t) for t in tasks), *cells))
    head = ["system", "trained here", "mean pass rate", *(f"{task}, macro-F1" for task in tasks)]
    head += ["pairs all right", "context pairs all right", "contrast sets all right", "state-swap flips"]
    first = results[0]
    scope = f"{first.metric[0].upper()}{first.metric[1:]}; {first.items:,} kept English cases of the split `test`."
    return f"{scope}\n\n{format_markdown(rows, head)}\n\n{_list_notes(results, 'frames')}{_CONTEXT}"


def table_languages(dataset: Path) -> str:
    """Return every system's mean pass rate in each language."""
    languages = sorted({item.language for item in read_items("check")}, key=lambda one: (one != ENGLISH, one))
    rates: dict[str, dict[str, str | None]] = {}
    for language in languages:
        for one in committed_set_results(dataset, "check", language):
            rates.setdefault(_mark(one), {})[language] = format_share((one.value, one.low, one.high))
    rows = [(name, *(own.get(language) for language in languages)) for name, own in sorted(rates.items())]
    return format_markdown(rows, ["system", *(f"{language}, mean pass rate" for language in languages)])


def table_stance(dataset: Path) -> str:
    """Return every system's scores on `stance`."""
    results: tuple[StanceResult, ...] = committed_set_results(dataset, "stance")
    rows = []
    for one in results:
        flips = {swap.kind: format_share(swap.flipped) for swap in one.swaps}
        triplets = format_share(one.triplets.share) if one.triplets else None
        controls = format_share(one.controls.right) if one.controls else None
        quoted = f"{one.controls.quoted_side}/{one.controls.articles}" if one.controls else None
        score = format_share((one.value, one.low, one.high))
        cells = [triplets, controls, quoted, flips.get("states"), flips.get("polarity")]
        rows.append((_mark(one), "yes" if one.trained_on else "no", score, *cells))
    head = [
        "system", "trained here", "macro-F1", "triplets all right", "controls right", "quoted side taken for stance",
        "flips, states exchanged", "flips, sides exchanged",
    ]  # fmt: skip
    written = sum(n for n, _ in results[0].classes.values())
    scope = f"{written} kept articles of the split `test`, without controls and copies."
    return f"{scope}\n\n{format_markdown(rows, head)}\n\n{_list_notes(results, 'fact sheets')}"


def table_devices(dataset: Path) -> str:
    """Return the share of right answers by device of the author's voice, for every system."""
    results: tuple[StanceResult, ...] = committed_set_results(dataset, "stance")
    names = list(results[0].devices)
    rows = [(_mark(o), *(format_share(o.devices[n].share) if n in o.devices else None for n in names)) for o in results]
    return format_markdown(rows, ["system", *(f"{name} ({results[0].devices[name].cases})" for name in names)])


def table_set_baselines(dataset: Path) -> str:  # noqa: ARG001 -- every section has the same signature
    """Return every baseline of the sets, and what it sees."""
    sets = {name: {one.name for one in set_baselines(name)} for name in ("check", "stance")}
    known = {one.name: one for one in (*baselines(), *PARTIAL)}
    rows = [
        (f"`{name}`", one.about, "on `train`" if one.trained else "no", ", ".join(s for s in sets if name in sets[s]))
        for name, one in sorted(known.items())
        if any(name in own for own in sets.values())
    ]
    return format_markdown(rows, ["name", "description", "trained", "set"])


def _list_check(one: CheckResult) -> Iterator[tuple[str, str, int, Share | float]]:
    """Yield every figure of a system on `check`: its name, what it is about, the number of items, and the value."""
    yield "mean pass rate", "", one.items, Share(one.value, one.low, one.high)
    for function in sorted(one.functions, key=lambda own: own.function):
        yield "pass rate", function.function, function.cases, function.passed
    for task in one.tasks:
        yield "macro-F1", task.task, task.cases, task.macro_f1
    for pair in (*one.pairs, *([one.contrast] if one.contrast else [])):
        yield "pairs all right", pair.kind, pair.groups, pair.all_right
    for flips in (*([one.states] if one.states else []), *one.invariance):
        yield "flips", flips.function, flips.cases, flips.flipped
    for state in one.by_state:
        yield "flips by acting state", state.state, state.cases, state.flipped / state.cases


def _list_stance(one: StanceResult) -> Iterator[tuple[str, str, int, Share | float]]:
    """Yield every figure of a system on `stance`, as `_list_check` does."""
    yield "macro-F1", "", sum(n for n, _ in one.classes.values()), Share(one.value, one.low, one.high)
    if one.triplets:
        yield "triplets all right", "", one.triplets.cases, one.triplets.share
    if one.controls:
        yield "controls right", "", one.controls.articles, one.controls.right
    for device, counted in one.devices.items():
        yield "right by device", device, counted.cases, counted.share
    for swap in one.swaps:
        yield "flips", swap.kind, swap.pairs, swap.flipped


def list_results(dataset: Path) -> str:
    """Return every figure of every system on the constructed sets as CSV, one figure a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(RESULT_COLUMNS)
    languages = sorted({item.language for item in read_items("check")}, key=lambda one: (one != ENGLISH, one))
    for name, language in [*(("check", one) for one in languages), ("stance", ENGLISH)]:
        for one in committed_set_results(dataset, name, language):
            about = (name, language, one.model, "yes" if one.trained_on else "no", "yes" if _sees_part(one) else "no")
            family = "yes" if one.same_family_as_annotators else "no"
            for measure, group, items, found in _list_check(one) if name == "check" else _list_stance(one):
                numbers = (found.value, found.low, found.high) if isinstance(found, Share) else (found, None, None)
                shown = ("" if number is None else f"{number:.4f}" for number in numbers)
                writer.writerow([*about, family, measure, group, items, *shown])
    return text.getvalue()


def plot_check(dataset: Path) -> str:
    """Return the pass rate of every function and system as SVG."""
    from espress.plot import check_results, to_svg

    return to_svg(check_results(list(committed_set_results(dataset, "check")), numbers=False))


def plot_stance(dataset: Path) -> str:
    """Return the scores of every system on `stance` as SVG."""
    from espress.plot import stance_results, to_svg

    return to_svg(stance_results(list(committed_set_results(dataset, "stance"))))


SECTIONS: dict[str, Callable[[Path], str]] = {
    "check-results": or_else(table_check, NO_RESULTS),
    "check-languages": or_else(table_languages, NO_RESULTS),
    "stance-results": or_else(table_stance, NO_RESULTS),
    "stance-devices": or_else(table_devices, NO_RESULTS),
    "set-baselines": table_set_baselines,
}
FILES: dict[str, Callable[[Path], str]] = {
    "docs/generated/set-results.csv": or_else(list_results, f"{','.join(RESULT_COLUMNS)}\n"),
    "docs/generated/check-results.svg": or_else(plot_check, EMPTY_SVG),
    "docs/generated/stance-results.svg": or_else(plot_stance, EMPTY_SVG),
}
