"""Run a model on every item of a task: in batches, out of fold if it is trained, with every answer checked."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from espress.errors import EspressError, InputError, ModelError
from espress.probe.answers import parse_answer
from espress.probe.folds import folds, split_hash
from espress.probe.items import items
from espress.probe.models import Model, wrap_model
from espress.probe.prediction_files import is_date, is_name
from espress.probe.predictions import Prediction
from espress.probe.tasks import find_task
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from espress.probe.items import Item, Row, UnitItem
    from espress.probe.models import Predict
    from espress.probe.tasks import Task

    AnyItem = TypeVar("AnyItem", bound=Item)
    Step = tuple[Predict, tuple[str, ...], Sequence[AnyItem], str | None]

BATCH = 32
LONGEST_SHOWN = 60  # characters of a failed answer that are kept
EXAMPLES = 10  # number of failed answers that a result keeps


@dataclass(frozen=True, order=True)
class Failed:
    """An answer that is not a label of the task, unchanged; it counts as wrong."""

    run: str
    item_id: str
    said: str


@dataclass(frozen=True)
class Answers:
    """The predictions of a model and its answers that are not labels."""

    predictions: tuple[Prediction, ...]
    failed: tuple[Failed, ...]


def _check_answers(answers: Any, rows: list[Row], where: str) -> list[str]:
    if not isinstance(answers, list):
        raise ModelError(f"{where}: the model returned {type(answers).__name__}, not a list with a label for each row.")
    if len(answers) != len(rows):
        raise ModelError(
            f"{where}: the model returned {len(answers)} labels for {len(rows)} rows. Return one for each, in order."
        )
    strays = [f"{row['item_id']}: {a!r}" for row, a in zip(rows, answers, strict=True) if not isinstance(a, str)]
    if strays:
        raise ModelError(
            f"{where}: {len(strays)} answers are not strings: {join_few(strays)}. Return strings; '' for no answer."
        )
    return [str(answer) for answer in answers]


def ask_batch(predict: Callable[[list[Row]], Any], rows: list[Row], where: str) -> list[str]:
    """Return the answers to one batch; the model gets copies, so that changes are noticed and have no effect."""
    given = copy.deepcopy(rows)
    try:
        found = predict(given)
        if hasattr(found, "__iter__") and not isinstance(found, str | bytes | dict):
            found = list(found)  # read now, because a generator runs the model's code
    except EspressError:
        raise
    except Exception as error:
        raise ModelError(f"{where}: the model raised {type(error).__name__}: {error}") from error
    if given != rows:
        changed = [row["item_id"] for now, row in zip(given, rows, strict=False) if now != row]
        what = join_few(changed) or "the list of rows"
        raise ModelError(f"{where}: the model changed its input, {what}. Work on a copy: dict(row).")
    return _check_answers(found, rows, where)


def fit_model(model: Model, training: Sequence[Item], where: str) -> Predict:
    """Return the model trained on these items; raises ModelError, which begins with `where`."""
    if model.fit is None:
        raise ModelError(f"{model.name!r} has neither `predict` nor `fit`.")
    try:
        return model.fit([item.row(model.needs) for item in training], [item.gold for item in training])
    except EspressError:
        raise
    except Exception as error:
        raise ModelError(f"{where}: the model raised {type(error).__name__}: {error}") from error


def ask_items(
    steps: Iterable[Step[AnyItem]], total: int, system: str, name: str, *, progress: bool | None
) -> Iterator[tuple[Sequence[AnyItem], list[str], str | None]]:
    """Ask a model the items of each step, and yield each batch with its answers and with what the model was trained on.

    Args:
        steps: each step has a predict function, the names of further columns of its rows, the items, and what the
            model was trained on.
        total: number of items that the progress bar counts up to.
        system: name of the system.
        name: name of the task or set.
        progress: whether to show the bar; None shows it only on a terminal.
    """
    from tqdm import tqdm

    number, disable = 0, None if progress is None else not progress
    with tqdm(total=total, desc=f"{system}: {name}", unit="item", disable=disable) as bar:
        for predict, needs, asked, trained_on in steps:
            for first in range(0, len(asked), BATCH):
                batch, number = asked[first : first + BATCH], number + 1
                where = f"{name}, batch {number}, from row {batch[0].item_id}"
                yield batch, ask_batch(predict, [item.row(needs) for item in batch], where), trained_on
                bar.update(len(batch))
        bar.update(total - bar.n)  # items that an earlier run answered


def choose_day(system: str, date: str | None) -> str:
    """Return the day of a run, by default today in UTC; raises InputError if name or date of the run are not valid."""
    faults = []
    if date is not None and not is_date(date):
        faults.append(f"date {date!r} is not a date such as 2026-01-31. Give the day of the run, or leave it out.")
    if not is_name(system):
        faults.append(f"{system!r} is not a name for a system: give one line of printable characters.")
    if faults:
        raise InputError(faults)
    return date or dt.datetime.now(dt.UTC).date().isoformat()


def _plan(model: Model, task: Task, fold: dict[str, str], asked: list[UnitItem]) -> Iterator[Step[UnitItem]]:
    """Yield all items at once or, for a model that is trained here, the items of one fold at a time."""
    if model.predict is not None:
        yield model.predict, model.needs, asked, None
        return
    for name in sorted(set(fold.values())):
        training = [item for item in asked if fold[item.article_id] != name]
        where = f"{task.name}, training without fold {name!r} on {len(training)} rows"
        held_out = [item for item in asked if fold[item.article_id] == name]
        yield fit_model(model, training, where), model.needs, held_out, None


def ask(  # noqa: PLR0913 -- each prediction records who was asked, and when
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
) -> Answers:
    """Run a model on every item of a task and return its parsed answers; the arguments are those of `run`.

    Raises:
        ModelError: the model raised an exception, returned answers of the wrong number or type, or changed its input;
            the message names the task, the batch and its first row.
        UnknownNameError: the task or split does not exist.
        InputError: the date or the name is not valid.
    """
    one, fold = find_task(task), folds(split)
    shaped = wrap_model(model, one, name=name, labels=labels)
    facts = (split, split_hash(split), shaped.name, family, choose_day(shaped.name, date), run)
    asked = [item for item in items(one) if item.article_id in fold]
    steps = _plan(shaped, one, fold, asked)
    predictions, failed = [], []
    for batch, answers, _ in ask_items(steps, len(asked), shaped.name, one.name, progress=progress):
        for item, answer in zip(batch, answers, strict=True):
            label = parse_answer(answer, one.labels)
            predictions.append(Prediction(one.name, item.item_id, item.item_hash, label, *facts))
            if label is None:
                failed.append(Failed(run, item.item_id, answer.strip()[:LONGEST_SHOWN]))
    return Answers(tuple(predictions), tuple(failed))


def predict(model: object, task: Task | str, split: str = "article", **about: Any) -> tuple[Prediction, ...]:
    """Return a model's predictions without scores; the arguments and errors are those of `ask`."""
    return ask(model, task, split, **about).predictions
