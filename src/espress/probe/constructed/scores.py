"""Score answers to the constructed sets, or a predictions file of them."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.resolve import versions
from espress.probe.answers import explain_failures, parse_answer
from espress.probe.constructed.answers import check, read
from espress.probe.constructed.check_result import CheckResult, score_check
from espress.probe.constructed.items import kept_items, read_items
from espress.probe.constructed.questions import question, questions
from espress.probe.constructed.stance_result import StanceResult, score_stance
from espress.probe.model_runs import EXAMPLES, LONGEST_SHOWN
from espress.probe.predictions import is_annotators_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from espress.probe.constructed.answers import SetAnswer
    from espress.probe.constructed.items import SetItem


def _parse(answer: SetAnswer, item: SetItem) -> str | None:
    return parse_answer(answer.answer, question(item.task).labels) if answer.answer else None


def make_result(answers: Sequence[SetAnswer], items: Mapping[str, SetItem]) -> CheckResult | StanceResult:
    """Return the result of one system's checked answers to one split of a set.

    Args:
        answers: the answers; those to items that are not kept are ignored.
        items: item_id -> item, of the whole set.

    Raises:
        InputError: none of the items is kept.
    """
    first, asked = answers[0], [items[one.item_id] for one in answers]
    languages = sorted({item.language for item in asked})
    kept = kept_items(asked, first.set, asked[0].split, languages[0] if len(languages) == 1 else None)
    given = {one.item_id: one for one in answers}
    labels = {item.item_id: _parse(given[item.item_id], item) for item in kept}
    failed = [given[name] for name, label in labels.items() if label is None]
    said = [(one.answer or "")[:LONGEST_SHOWN] for one in failed]
    known = dict.fromkeys(label for one in questions(first.set) for label in one.labels)
    about: dict[str, Any] = {
        "set": first.set,
        "split": asked[0].split,
        "languages": tuple(languages),
        "model": first.model,
        "family": first.family,
        "same_family_as_annotators": is_annotators_family(first.family),
        "ran_on": tuple(sorted({one.ran_on for one in answers})),
        "trained_on": tuple(sorted({one.trained_on for one in answers if one.trained_on})),
        "data_version": versions()[0],
        "failed": len(failed),
        "failed_examples": tuple((one.item_id, text) for one, text in zip(failed, said, strict=True))[:EXAMPLES],
        "hint": explain_failures(len(failed), len(kept), said, list(known), first.set),
        "may_claim": tuple(dict.fromkeys(line for one in questions(first.set) for line in one.may_claim)),
        "may_not_claim": tuple(dict.fromkeys(line for one in questions(first.set) for line in one.may_not_claim)),
        "predictions": tuple(answers),
    }
    return (score_check if first.set == "check" else score_stance)(kept, labels, about)


def score(
    answers: Iterable[SetAnswer] | str | Path, data: str | Path | None = None
) -> list[CheckResult | StanceResult]:
    """Score answers, or a file of them, as `espress.probe.score` does; return one result per system, set and split."""
    if isinstance(answers, str | Path):
        where, found = str(answers), read(answers)
    else:
        where, found = "predictions", tuple(answers)
    check(found, where, data)
    items = {name: {item.item_id: item for item in read_items(name, data)} for name in {one.set for one in found}}

    def key(one: SetAnswer) -> tuple[str, str, str]:
        return one.model, one.set, items[one.set][one.item_id].split

    ordered = sorted(found, key=lambda one: (*key(one), one.item_id))
    return [make_result(tuple(own), items[name]) for (_, name, _), own in groupby(ordered, key)]
