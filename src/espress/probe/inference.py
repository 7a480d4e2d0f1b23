"""Putting a task to a model: batch by batch, out of fold where it is trained, and distrustful of what comes back."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.data.load import versions
from espress.errors import EspressError, InputError, ModelError
from espress.probe.folds import folds, split_hash
from espress.probe.items import items, resolved
from espress.probe.models import Model, as_model
from espress.probe.prediction_checks import is_date, is_name
from espress.probe.predictions import Prediction, some
from espress.probe.text_template import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from espress.probe.items import Item, Row
    from espress.probe.tasks import Task

BATCH = 32
_SHOWN = 60


@dataclass(frozen=True, order=True)
class Failed:
    """An answer that is no label of the task, as it came; it counts as wrong."""

    run: str
    item_id: str
    said: str


@dataclass(frozen=True)
class Ran:
    """What came of putting a task to a model."""

    predictions: tuple[Prediction, ...]
    failed: tuple[Failed, ...]


def _bar(total: int, what: str, progress: bool | None) -> Any:  # noqa: FBT001 -- a switch with a third, automatic state
    from tqdm import tqdm

    return tqdm(total=total, desc=what, unit="item", disable=None if progress is None else not progress)


def _listed(found: Any) -> Any:
    """Return a list of what can be one, now, as a generator runs the model's code; anything else as it is."""
    return found if isinstance(found, str | bytes | dict) or not hasattr(found, "__iter__") else list(found)


def _checked(answers: Any, rows: list[Row], where: str) -> list[str]:
    if not isinstance(answers, list):
        raise ModelError(f"{where}: the model returned {type(answers).__name__}, not a list with a label for each row.")
    if len(answers) != len(rows):
        raise ModelError(
            f"{where}: the model returned {len(answers)} labels for {len(rows)} rows. Return one for each, in order."
        )
    strays = [f"{row['item_id']}: {a!r}" for row, a in zip(rows, answers, strict=True) if not isinstance(a, str)]
    if strays:
        raise ModelError(
            f"{where}: {len(strays)} answers are no strings: {some(strays)}. Return strings; '' where there is none."
        )
    return [str(answer) for answer in answers]


def _put(predict: Callable[[list[Row]], Any], rows: list[Row], where: str) -> list[str]:
    """Return the answers to one batch; the model gets copies, so that a change of them is seen and harms nothing."""
    given = copy.deepcopy(rows)
    try:
        found = _listed(predict(given))
    except EspressError:
        raise
    except Exception as error:
        raise ModelError(f"{where}: the model raised {type(error).__name__}: {error}") from error
    if given != rows:
        changed = [row["item_id"] for now, row in zip(given, rows, strict=False) if now != row]
        raise ModelError(
            f"{where}: the model changed its input, {some(changed) or 'the list of rows'}. Work on a copy: dict(row)."
        )
    return _checked(found, rows, where)


def _fitted(model: Model, task: Task, training: Sequence[Item], fold: str) -> Callable[[list[Row]], Any]:
    """Return the model trained on every item once for each reading in which it has gold, so that none is favoured."""
    if model.fit is None:
        raise ModelError(f"{model.name!r} can neither be asked nor trained.")
    readings = range(len(task.readings))
    pairs = [(item.row(model.needs), label) for n in readings for item in training if (label := item.gold[n])]
    try:
        return model.fit([row for row, _ in pairs], [label for _, label in pairs])
    except EspressError:
        raise
    except Exception as error:
        raise ModelError(
            f"{task.name}, training without fold {fold!r} on {len(pairs)} rows: the model raised "
            f"{type(error).__name__}: {error}"
        ) from error


def _parts(model: Model, task: Task, split: str) -> Iterator[tuple[Callable[[list[Row]], Any], list[Item]]]:
    """Yield what is asked what: everything at once, or, where the model is trained, a fold at a time."""
    fold = folds(split)
    asked = [item for item in items(task) if item.article_id in fold]
    if model.predict is not None:
        yield model.predict, asked
        return
    for name in sorted(set(fold.values())):
        training = [item for item in asked if fold[item.article_id] != name]
        yield _fitted(model, task, training, name), [item for item in asked if fold[item.article_id] == name]


def _answers(model: Model, task: Task, split: str, progress: bool | None) -> Iterator[tuple[Item, str]]:  # noqa: FBT001
    total = sum(item.article_id in folds(split) for item in items(task))
    with _bar(total, f"{model.name}: {task.name}", progress) as bar:
        number = 0
        for predict, asked in _parts(model, task, split):
            for first in range(0, len(asked), BATCH):
                batch, number = asked[first : first + BATCH], number + 1
                where = f"{task.name}, batch {number}, from row {batch[0].item_id}"
                yield from zip(batch, _put(predict, [item.row(model.needs) for item in batch], where), strict=True)
                bar.update(len(batch))


def today() -> str:
    """Return the date of a run that gives none, in UTC; no score hangs on it."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def ask(  # noqa: PLR0913 -- who was asked, and when, stands in each prediction
    model: object,
    task: Task | str,
    split: str = "article",
    *,
    name: str | None = None,
    family: str | None = None,
    date: str | None = None,
    labels: Mapping[str, str] | None = None,
    run: str = "1",
    progress: bool | None = None,
) -> Ran:
    """Put every item of a task to a model and return its answers, parsed; the arguments are those of `run`.

    Raises:
        ModelError: the model raised, answered in another shape than asked, or changed its input; the message names the
            task, the batch and its first row.
        UnknownNameError: there is no such task or split.
        InputError: the date is none, or the name.
    """
    if date is not None and not is_date(date):
        raise InputError([f"date {date!r} is no date as 2026-01-31. Give the day of the run, or leave it out."])
    one = resolved(task)
    shaped = as_model(model, one, name=name, labels=labels)
    if not is_name(shaped.name):
        raise InputError([f"{shaped.name!r} is no name of a system: give one line of characters that can be seen."])
    facts = (versions()[0], split, split_hash(split), shaped.name, family, date or today(), run)
    predictions, failed = [], []
    for item, said in _answers(shaped, one, split, progress):
        label = parsed(said, one.labels)
        predictions.append(Prediction(one.name, item.item_id, label, *facts))
        if label is None:
            failed.append(Failed(run, item.item_id, said.strip()[:_SHOWN]))
    return Ran(tuple(predictions), tuple(failed))


def predict(model: object, task: Task | str, split: str = "article", **about: Any) -> tuple[Prediction, ...]:
    """Return a model's predictions, unscored; the arguments and errors are those of `ask`."""
    return ask(model, task, split, **about).predictions
