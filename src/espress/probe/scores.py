"""Results: run a model on a task and score it, or score predictions, by class and group."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from espress.data.resolve import versions
from espress.errors import InputError
from espress.probe.answers import explain_failures
from espress.probe.baselines import baseline
from espress.probe.classes import classes, name_metric
from espress.probe.comparison import adjust, compare_counts
from espress.probe.constructed.answers import SetAnswer, is_set_file
from espress.probe.constructed.answers import write as write_set
from espress.probe.constructed.items import read_items
from espress.probe.constructed.questions import ENGLISH, SETS
from espress.probe.constructed.runs import ask as ask_set
from espress.probe.constructed.scores import make_result as make_set_result
from espress.probe.constructed.scores import score as score_set
from espress.probe.estimates import Counts, count, estimate, run_names, score_present, score_rare
from espress.probe.model_runs import EXAMPLES, ask
from espress.probe.models import model_name
from espress.probe.predictions import Prediction, check, is_annotators_family, read
from espress.probe.predictions import write as write_predictions
from espress.probe.prompts import DRAWS, prompt
from espress.probe.result import ClassScore, Comparison, GroupScore, Result
from espress.probe.tasks import find_task, task
from espress.stats import accuracy, f1, tally
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from espress.probe.constructed.check_result import CheckResult
    from espress.probe.constructed.stance_result import StanceResult
    from espress.probe.model_runs import Failed
    from espress.probe.tasks import Task

_EPOCH = "1970-01-01"  # date of the predictions of reference baselines, which are never shown


@cache
def _predict_reference(name: str, split: str, reference: str) -> tuple[Prediction, ...]:
    """Compute the predictions of a reference baseline, which is quick and always gives the same result."""
    return ask(baseline(reference), name, split, date=_EPOCH, progress=False).predictions


def _score_classes(counts: Counts, one: Task) -> tuple[ClassScore, ...]:
    totals = counts.tallies.sum(axis=1)
    scores, hits = f1(totals).mean(axis=0), totals[:, :, 0].mean(axis=0)
    return tuple(
        ClassScore(
            c.label,
            c.status,
            c.units,
            c.articles,
            f1=float(scores[n]) if c.status == "scored" or n in counts.scored else None,
            hits=float(hits[n]) if c.status != "listed" else None,
        )
        for n, c in enumerate(classes(one))
    )


def _score_groups(counts: Counts, one: Task) -> tuple[GroupScore, ...]:
    found = []
    for column in one.groups:
        names, where = np.unique([item.record[column] for item in counts.kept], return_inverse=True)
        runs = [tally(counts.gold, run, len(one.labels), where, len(names)) for run in counts.predicted]
        for name, tallies in zip(names.tolist(), np.stack(runs, axis=1), strict=True):
            units, right = int(tallies[0, :, 2].sum()), float(accuracy(tallies).mean())
            found.append(GroupScore(column, name, units, score_present(tallies, counts.scored), right))
    return tuple(found)


def _compare_references(counts: Counts, one: Task, split: str, model: str) -> tuple[Comparison, ...]:
    if not counts.scored:
        return ()
    others = {name: count(_predict_reference(one.name, split, name), one, split) for name in one.references}
    return adjust([compare_counts(counts, other, (model, name), (one.name, split)) for name, other in others.items()])


def _make_result(predictions: Sequence[Prediction], failed: Sequence[Failed] = ()) -> Result:
    """Return the result of one system's checked predictions of one task and split, over all runs."""
    first = predictions[0]
    one = task(first.task)
    counts = count(predictions, one, first.split)
    by_run = [float(value) for value in counts.score(counts.tallies.sum(axis=1))] if counts.scored else []
    rare = score_rare(counts, one.labels[counts.scored[0]]) if len(counts.scored) == 1 else None
    fixed, new = estimate(counts, first.split, rare)
    n_failed = sum(given.prediction is None for given in predictions)
    said = [example.said for example in failed]
    return Result(
        task=one.name,
        question=one.question,
        split=first.split,
        model=first.model,
        family=first.family,
        same_family_as_annotators=is_annotators_family(first.family),
        ran_on=first.ran_on,
        data_version=versions()[0],
        split_hash=first.split_hash,
        runs=run_names(predictions),
        metric=name_metric(classes(one)),
        units=len(counts.kept),
        value=counts.pooled_score() if counts.scored else None,
        lowest=min(by_run, default=None),
        highest=max(by_run, default=None),
        accuracy=float(accuracy(counts.tallies.sum(axis=1)).mean()),
        failed=float((counts.predicted < 0).sum(axis=1).mean()),
        hint=explain_failures(n_failed, len(predictions), said, one.labels, one.name),
        rare=rare,
        classes=_score_classes(counts, one),
        groups=_score_groups(counts, one),
        fixed=fixed,
        new=new,
        references=_compare_references(counts, one, first.split, first.model),
        may_claim=one.may_claim,
        may_not_claim=one.may_not_claim,
        failed_examples=tuple(failed[:EXAMPLES]),
        predictions=tuple(predictions),
    )


def _check_types(found: Sequence[object]) -> None:
    strays = [(type(one).__name__, number) for number, one in enumerate(found, 1) if not isinstance(one, Prediction)]
    if strays:
        kinds, rows = ", ".join(sorted({kind for kind, _ in strays})), join_few([number for _, number in strays])
        problem = f"predictions, rows {rows}: hold {kinds}, not espress.probe.Prediction. Save a table as Parquet or "
        raise InputError([problem + "JSONL with the columns of docs/user/probe.md, and pass its path."])


@overload
def score(predictions: Iterable[Prediction], data: None = ...) -> list[Result]: ...
@overload
def score(predictions: Iterable[SetAnswer], data: str | Path | None = ...) -> list[CheckResult | StanceResult]: ...
@overload
def score(predictions: str | Path, data: str | Path | None = ...) -> list[Any]: ...
def score(
    predictions: Iterable[Prediction] | Iterable[SetAnswer] | str | Path, data: str | Path | None = None
) -> list[Any]:
    """Score predictions, or a file of them; return a result for each system, task and split, sorted by these names.

    Args:
        predictions: the output of `predict` or a result's `predictions`, or the path of a Parquet or JSONL file, for
            the tasks on natural articles or for the constructed sets.
        data: for the constructed sets, a Parquet file to use instead of the published table.

    Raises:
        InputError: the predictions are not in the format, or do not fit the data; every fault is listed with its rows.
    """
    found: tuple[Any, ...]
    if isinstance(predictions, str | Path):
        if is_set_file(predictions):
            return list(score_set(predictions, data))
        where, found = str(predictions), read(predictions)
    else:
        where, found = "predictions", tuple(predictions)
        if found and all(isinstance(one, SetAnswer) for one in found):
            return list(score_set(found, data))
        _check_types(found)
    if data is not None:
        raise InputError([f"{where}: these are predictions for natural articles; `data` is for constructed sets only."])
    check(found, where)
    ordered = sorted(found, key=lambda one: (one.model, one.task, one.split, one.run, one.item_id))
    return [_make_result(tuple(group)) for _, group in groupby(ordered, key=lambda o: (o.model, o.task, o.split))]


def write(predictions: Iterable[Prediction] | Iterable[SetAnswer], path: str | Path) -> None:
    """Write sorted predictions to a Parquet or JSONL file, by its suffix; the same predictions give the same bytes.

    Args:
        predictions: a result's `predictions`, for tasks on natural articles or for a constructed set.
        path: the file.

    Raises:
        InputError: the suffix is neither of these, the folder does not exist, or the predictions are of both kinds.
    """
    found: list[Any] = list(predictions)
    of_sets = [isinstance(one, SetAnswer) for one in found]
    if any(of_sets) and not all(of_sets):
        raise InputError([f"{path}: predictions for natural articles and for constructed sets need a file each."])
    (write_set if any(of_sets) else write_predictions)(found, path)


def _find_installed(given: Task | str) -> Task:
    """Return the installed task for a task or its name, because results hold only the name; raises UnknownNameError."""
    return task(find_task(given).name)


@overload
def run(  # type: ignore[overload-overlap]
    model: object,
    task: Literal["check"],
    split: str | None = ...,
    name: str | None = ...,
    family: str | None = ...,
    date: str | None = ...,
    *,
    labels: Mapping[str, str] | None = ...,
    progress: bool | None = ...,
    language: str | None = ...,
    data: str | Path | None = ...,
    out: str | Path | None = ...,
) -> CheckResult: ...
@overload
def run(  # type: ignore[overload-overlap]
    model: object,
    task: Literal["stance"],
    split: str | None = ...,
    name: str | None = ...,
    family: str | None = ...,
    date: str | None = ...,
    *,
    labels: Mapping[str, str] | None = ...,
    progress: bool | None = ...,
    language: str | None = ...,
    data: str | Path | None = ...,
    out: str | Path | None = ...,
) -> StanceResult: ...
@overload
def run(
    model: object,
    task: Task | str,
    split: str | None = ...,
    name: str | None = ...,
    family: str | None = ...,
    date: str | None = ...,
    *,
    labels: Mapping[str, str] | None = ...,
    progress: bool | None = ...,
) -> Result: ...
def run(  # noqa: PLR0913, PLR0917 -- each result records who was asked, and when
    model: object,
    task: Task | str,
    split: str | None = None,
    name: str | None = None,
    family: str | None = None,
    date: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    progress: bool | None = None,
    language: str | None = ENGLISH,
    data: str | Path | None = None,
    out: str | Path | None = None,
) -> Result | CheckResult | StanceResult:
    """Run a model on a task or a constructed set, and score its answers.

    Args:
        model: a function `predict(rows: list[dict]) -> list[str]`, where a row holds `item_id` and the task's inputs; a
            scikit-learn estimator, of which a copy is trained for each fold, on `as_text` of the rows of the other
            folds; a Hugging Face pipeline for text-classification or zero-shot-classification; an object with
            `fit(rows, labels)` and `predict(rows)`; or the name of a baseline. Pass a model that is already trained as
            a function, so that it is not trained again.
        task: a task or its name, which `tasks()` lists; or "check" or "stance", the constructed sets. A model that can
            be trained is trained on the set's split `train`, separately for each question and language.
        split: for a task, "article" (the default) holds out each article, "block" each block of linked articles; for a
            constructed set, "test" (the default), "dev" or "train".
        name: the name of the system in the result; by default the model's own name.
        family: family of the model; a result is marked if models of its family annotated the corpus.
        date: ISO date of the run; today's date in UTC by default. Scores do not depend on it.
        labels: for text-classification pipelines, the task's label for each label of the pipeline, if the names differ.
        progress: whether to show a progress bar on stderr; None shows it only on a terminal.
        language: language of a constructed set: "en", "cs", "de" or "zh"; None for all.
        data: for a constructed set, a Parquet file with the columns of its table, to use instead of the published one.
        out: for a constructed set, a predictions file, Parquet or JSONL. Answers are appended to it as they come, and
            items with an answer in the file are not asked again, so a run that stopped can be continued.

    Answers are matched with the labels without regard to case and surrounding marks. An answer that is not a label
    counts as wrong; the result shows some of them, and says what was expected if nearly all of them are no labels.

    Raises:
        ModelError: the model raised an exception, returned answers of the wrong number or type, or changed its input.
        UnknownNameError: the task, split, language or baseline does not exist.
        InputError: the date is not valid; or, of a constructed set, no item is kept, or a file cannot be used.
        MissingLibraryError: the model needs a library that is not installed.
    """
    if isinstance(task, str) and task in SETS:
        answered = ask_set(
            model,
            task,
            split or "test",
            language,
            system=name,
            family=family,
            date=date,
            labels=labels,
            progress=progress,
            data=data,
            out=out,
        )
        return make_set_result(answered, {item.item_id: item for item in read_items(task, data)})
    if data is not None or out is not None or language != ENGLISH:
        raise InputError([f"language, data and out: only for {', '.join(SETS)}, the constructed sets. Leave them out."])
    one, split = _find_installed(task), split or "article"
    answers = ask(model, one, split, name=name, family=family, date=date, labels=labels, progress=progress)
    return _make_result(answers.predictions, answers.failed)


def prompted(  # noqa: PLR0913, PLR0917 -- as `run`
    complete: Callable[[list[str]], list[str]],
    task: Task | str,
    split: str = "article",
    name: str | None = None,
    family: str | None = None,
    date: str | None = None,
    *,
    few_shot: bool = False,
    progress: bool | None = None,
) -> Result:
    """Run a model that completes prompts: every prompt of the task and, few-shot, every draw of examples.

    `complete(prompts) -> answers` receives up to a batch of prompts at a time. The result holds one run for each
    prompt, or for each combination of draw and prompt. Its values are means over the runs; the lowest and the highest
    score are also given.

    Raises:
        ModelError: as for `run`.
        UnknownNameError: the task or split does not exist.
        InputError: the task is a constructed set.
    """
    if isinstance(task, str) and task in SETS:
        raise InputError(
            [f"prompted() runs tasks on natural articles. Type: run(espress.probe.answer_prompts(complete), {task!r})."]
        )
    one = _find_installed(task)
    called = name or model_name(complete)
    predictions: list[Prediction] = []
    failed: list[Failed] = []
    for draw in range(1, DRAWS + 1) if few_shot else (None,):
        for number in range(1, len(one.prompts) + 1):

            def predict(rows: list[dict[str, object]], number: int = number, draw: int | None = draw) -> list[str]:
                return complete([prompt(one, row, number, draw) for row in rows])

            run_name = f"prompt{number}" if draw is None else f"draw{draw}-prompt{number}"
            answers = ask(predict, one, split, name=called, family=family, date=date, run=run_name, progress=progress)
            predictions += answers.predictions
            failed += answers.failed
    return _make_result(predictions, failed)
