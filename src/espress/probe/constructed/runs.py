"""Run a model on a constructed set, question by question; a trainable model is trained on its split `train`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.probe.constructed.answers import SetAnswer, record
from espress.probe.constructed.baselines import find_baseline
from espress.probe.constructed.items import choose_items, kept_items, list_training, read_items
from espress.probe.constructed.questions import ENGLISH, find_set, questions
from espress.probe.model_runs import ask_items, choose_day, fit_model
from espress.probe.models import wrap_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from espress.probe.constructed.answers import Recorder
    from espress.probe.constructed.items import SetItem
    from espress.probe.model_runs import Step
    from espress.probe.models import Model
    from espress.probe.tasks import Task


def describe_training(training: Sequence[SetItem], question: Task, language: str) -> str:
    """Return what a model is trained on: question, split, language, number of items and the hash of their labels."""
    lines = sorted(f"{item.item_id}\t{item.item_hash}\t{item.gold}" for item in training)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
    return f"{question.name}, split train, {language}: {len(training)} items, {digest}"


def find_training(pool: Sequence[SetItem], question: Task, language: str) -> list[SetItem]:
    """Return the items on which a model is trained for a question; raises InputError if there are none."""
    if training := list_training(pool, question, language):
        return training
    fault = f"{question.name}, language {language!r}: no item of split 'train' is kept, so nothing can be trained on. "
    raise InputError([fault + "Pass a model that is already trained as a function."])


def _plan(
    models: Mapping[str, Model], name: str, asked: Sequence[SetItem], pool: Sequence[SetItem], recorder: Recorder
) -> Iterator[Step[SetItem]]:
    """Yield the items that are still to be asked, for each question and language."""
    for question in questions(name):
        own = [item for item in asked if item.task == question.name]
        model = models[question.name]
        for language in sorted({item.language for item in own}):
            these = [item for item in own if item.language == language]
            training = [] if model.predict else find_training(pool, question, language)
            about = describe_training(training, question, language) if training else None
            rest = [item for item in these if not recorder.has(name, item, about)]
            if rest:
                predict = model.predict or fit_model(model, training, f"training on {about}")
                yield predict, model.needs, rest, about


def ask(  # noqa: PLR0913 -- each prediction records who was asked, and when
    model: object,
    name: str,
    split: str = "test",
    language: str | None = ENGLISH,
    *,
    system: str | None = None,
    family: str | None = None,
    date: str | None = None,
    labels: Mapping[str, str] | None = None,
    progress: bool | None = None,
    data: str | Path | None = None,
    out: str | Path | None = None,
    only_kept: bool = True,
) -> tuple[SetAnswer, ...]:
    """Run a model on the items of a set and return its answers; the arguments are those of `espress.probe.run`.

    A model that is trained here is trained on the split `train` of `data`, or of the published table if `data` has no
    such split. Items that are not kept count in no figure; `only_kept` leaves them out.

    Raises:
        ModelError: the model raised an exception, or returned answers of the wrong number or type.
        UnknownNameError: there is no such set, split, language or baseline.
        InputError: no item is kept, or a file, the date or the name cannot be used.
    """
    find_set(name)
    every = read_items(name, data)
    asked = choose_items(every, split, language)
    asked = kept_items(asked, name, split, language) if only_kept else asked
    pool = every if data is None or any(item.split == "train" for item in every) else read_items(name)
    given = find_baseline(model, name) if isinstance(model, str) else model
    models = {one.name: wrap_model(given, one, name=system, labels=labels) for one in questions(name)}
    called = next(iter(models.values())).name
    day = choose_day(called, date)
    hashes = {item.item_id: item.item_hash for item in every}

    def fits(one: SetAnswer) -> bool:
        return one.set != name or hashes.get(one.item_id) == one.item_hash

    with record(out, called, fits) as recorder:
        steps = _plan(models, name, asked, pool, recorder)
        for items, answers, trained_on in ask_items(steps, len(asked), called, name, progress=progress):
            pairs = [(item, text.strip()) for item, text in zip(items, answers, strict=True)]
            facts = (day, family, trained_on)
            recorder.add([SetAnswer(called, name, one.item_id, one.item_hash, text, *facts) for one, text in pairs])
        return tuple(recorder.answers[name, item.item_id] for item in asked)
