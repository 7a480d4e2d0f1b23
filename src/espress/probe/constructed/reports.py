"""Results of a folder of predictions on the constructed sets, system by system."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.probe.constructed.answers import check, read
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import ENGLISH, find_set, questions
from espress.probe.constructed.runs import describe_training, find_training
from espress.probe.constructed.scores import make_result, score
from espress.probe.markdown import format_share
from espress.probe.predictions import SUFFIXES
from espress.tables import format_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from espress.probe.constructed.answers import SetAnswer
    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.items import SetItem
    from espress.probe.constructed.stance_result import StanceResult


def _list_stale(answers: Sequence[SetAnswer], name: str, pool: Sequence[SetItem], where: Path) -> Iterator[str]:
    """Yield a fault for each question and language whose training items are no longer those of a system."""
    for question in questions(name):
        for language in sorted({item.language for item in pool}):
            begins = f"{question.name}, split train, {language}:"
            said = {one.trained_on for one in answers if one.trained_on and one.trained_on.startswith(begins)}
            if not said:
                continue
            now = describe_training(find_training(pool, question, language), question, language)
            if said != {now}:
                yield f"{where}: trained on {', '.join(sorted(said))}; the training items are now {now}. Run it again."


def describe_set_files(paths: Sequence[Path]) -> Iterator[str]:
    """Yield a table for each set and split: every system's value, and its findings in a few words.

    Raises:
        InputError: a file does not fit the items, or no item is kept.
    """
    found: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for path in paths:
        for one in score(path):
            value = format_share((one.value, one.low, one.high))
            languages, shown = ", ".join(one.languages), " ".join(one.findings) or None
            row = (f"`{one.model}`", languages, one.items, one.metric, value, one.failed, shown)
            found.setdefault((one.set, one.split), []).append(row)
    head = ["system", "languages", "items", "metric", "value [95 %]", "failed", "findings"]
    for (name, split), rows in sorted(found.items()):
        yield f"### {name} (constructed), split {split}\n\n{format_markdown(sorted(rows, key=str), head)}"


@lru_cache(maxsize=64)
def _read_checked(path: Path, _stamp: tuple[int, int]) -> tuple[SetAnswer, ...]:
    """Return the answers of a file; the results of each set and language need them."""
    answers = read(path)
    check(answers, str(path))
    return tuple(answers)


def read_set_results(
    folder: str | Path, name: str, language: str = ENGLISH, split: str = "test"
) -> list[CheckResult | StanceResult]:
    """Score every predictions file of a folder on one set and language, sorted by system.

    Args:
        folder: holds predictions files, each of which may hold several systems, sets, splits and languages.
        name: check or stance.
        language: language of the items.
        split: split of the items.

    Raises:
        InputError: the folder or its files do not exist, a file does not fit the present items, a system was trained on
            other items than the present ones, two files hold the same system, or no item is kept.
    """
    find_set(name)
    place = Path(folder)
    paths = sorted(path for path in place.glob("*") if path.suffix in SUFFIXES) if place.is_dir() else []
    if not paths:
        raise InputError([f"{place}: holds no predictions ({' or '.join(SUFFIXES)}). `make baselines` makes some."])
    pool = read_items(name)
    items = {item.item_id: item for item in pool}
    systems: dict[str, tuple[Path, list[SetAnswer]]] = {}
    for path in paths:
        stat = path.stat()
        answers = _read_checked(path, (stat.st_mtime_ns, stat.st_size))
        own = [one for one in answers if one.set == name]
        if faults := list(_list_stale(own, name, pool, path)):
            raise InputError(faults)
        chosen = [one for one in own if (items[one.item_id].split, items[one.item_id].language) == (split, language)]
        for model in sorted({one.model for one in chosen}):
            if model in systems:
                raise InputError([f"{path}: {model!r} is also in {systems[model][0]}. Keep one."])
            systems[model] = (path, [one for one in chosen if one.model == model])
    return [make_result(answers, items) for _, (_, answers) in sorted(systems.items())]
