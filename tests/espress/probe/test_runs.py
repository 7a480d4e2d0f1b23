"""Scores over several runs are means over the runs; comparisons weigh runs equally and name what cannot be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from espress import probe
from espress.errors import InputError
from espress.probe.comparison import compare, compare_counts
from espress.probe.estimates import (
    bootstrap,
    count,
    estimate,
    estimate_new,
    explain_new,
    name_estimand,
    score_folds,
    score_present,
    spell,
)
from espress.stats import minimum_detectable_difference

if TYPE_CHECKING:
    from espress.probe import Prediction
    from espress.probe.result import Tested

DATE = "2026-01-31"
TASK = "attribution"
LABELS = ("outlet", "official", "other_named", "unnamed")


def answer(seed: int, failures: float, *, run: str = "1", model: str = "m", split: str = "article") -> tuple[Any, ...]:
    """Return predictions drawn at random, of which this share are no labels."""

    def predict(rows: list[dict[str, Any]]) -> list[str]:
        rng = np.random.default_rng([seed, *rows[0]["item_id"].encode()])
        return [LABELS[n] if rng.random() >= failures else "?" for n in rng.integers(4, size=len(rows))]

    found = probe.predict(predict, TASK, split, name=model, date=DATE)
    return tuple(replace(one, run=run) for one in found)


ONE, TWO, THREE = answer(1, 0.0), answer(2, 0.4, run="2"), answer(3, 0.2, run="3")


def score(predictions: tuple[Prediction, ...]) -> Any:
    (found,) = probe.score(predictions)
    return found


def test_values_of_several_runs_are_means_and_the_lowest_and_highest_are_given() -> None:
    whole = score(ONE + TWO + THREE)
    runs = [score(tuple(replace(one, run="1") for one in run)) for run in (ONE, TWO, THREE)]
    assert whole.runs == ("1", "2", "3")
    values = [one.value for one in runs]
    assert (whole.lowest, whole.highest) == pytest.approx((min(values), max(values)))
    assert len(set(values)) == 3
    for name in ("value", "accuracy", "failed"):
        assert getattr(whole, name) == pytest.approx(np.mean([getattr(one, name) for one in runs])), name
    assert [one.failed for one in runs] == [sum(p.prediction is None for p in run) for run in (ONE, TWO, THREE)]
    for number, shown in enumerate(whole.classes):
        for name in ("f1", "hits"):
            each = [getattr(one.classes[number], name) for one in runs]
            assert getattr(shown, name) == (pytest.approx(np.mean(each)) if each[0] is not None else None)
    for number, group in enumerate(whole.groups):
        assert group.units == runs[0].groups[number].units
        assert group.accuracy == pytest.approx(np.mean([one.groups[number].accuracy for one in runs]))
        each = [one.groups[number].score for one in runs]
        assert group.score == (pytest.approx(np.mean(each)) if each[0] is not None else None)
    assert (runs[0].lowest, runs[0].highest) == (runs[0].value, runs[0].value)


def test_results_are_one_for_each_system_task_and_split_in_this_order() -> None:
    mixed = [*answer(1, 0, model="b"), *answer(1, 0, model="a", split="block"), *answer(2, 0, model="a")]
    found = probe.score(mixed[::-1])
    assert [(one.model, one.task, one.split) for one in found] == [
        ("a", TASK, "article"), ("a", TASK, "block"), ("b", TASK, "article"),
    ]  # fmt: skip
    assert len(found[0].predictions) == len(found[1].predictions) == len(ONE)
    assert found[2].value == score(ONE).value != found[0].value


def test_intervals_average_the_runs_of_each_system_on_the_same_draws() -> None:
    task = probe.task(TASK)
    a, b, both = (count(one, task, "article") for one in (ONE, TWO, ONE + TWO))
    draws = bootstrap(a, b)
    assert draws.shape == (10_000, 2)
    assert bootstrap(both)[:, 0] == pytest.approx(draws.mean(axis=1))
    assert bootstrap(both, a)[:, 1] == pytest.approx(draws[:, 0])
    assert list(score_folds(both)) == sorted(set(both.folds))
    for name, value in score_folds(both).items():
        assert value == pytest.approx((score_folds(a)[name] + score_folds(b)[name]) / 2)


def test_a_run_that_is_repeated_changes_no_comparison() -> None:
    other = answer(4, 0.1, model="other")
    twice = ONE + tuple(replace(one, run="2") for one in ONE)
    once, repeated = (compare(score(given), score(other)) for given in (ONE, twice))
    assert repeated.fixed.estimate.value == pytest.approx(once.fixed.estimate.value)
    assert repeated.fixed.estimate.low == pytest.approx(once.fixed.estimate.low)
    assert repeated.fixed.p == pytest.approx(once.fixed.p, abs=0.02)
    assert repeated.new.p == once.new.p
    back = compare(score(other), score(twice))
    for one, other_way in ((once.fixed, back.fixed), (once.new, back.new)):
        assert one.estimate.value is not None
        assert other_way.estimate.value == pytest.approx(-one.estimate.value)
    assert (once.system, once.against, once.task, once.split) == ("m", "other", TASK, "article")


def test_a_comparison_holds_the_difference_its_test_and_what_it_could_detect() -> None:
    a, b = score(ONE), score(answer(4, 0.5, model="other"))
    found = compare(a, b)
    assert found.fixed.estimate.value == pytest.approx(a.value - b.value)
    assert (found.fixed.smallest_p, found.fixed.p_holm) == (1 / 10_001, found.fixed.p)
    folds_a, folds_b = (score_folds(count(one.predictions, probe.task(TASK), "article")) for one in (a, b))
    differences = np.array([folds_a[name] - folds_b[name] for name in folds_a])
    assert found.new.estimate.value == pytest.approx(differences.mean())
    assert found.new.smallest_p == 2.0 ** (1 - len(differences))
    assert found.new.p_holm == found.new.p
    assert "exact sign-flip test of whole articles; with five p cannot go below 0.0625" in found.new.test
    error = differences.std(ddof=1) / len(differences) ** 0.5
    assert found.new.minimum_detectable == pytest.approx(minimum_detectable_difference(error, len(differences) - 1))
    draws = bootstrap(*(count(one.predictions, probe.task(TASK), "article") for one in (a, b)))
    spread = (draws[:, 0] - draws[:, 1]).std(ddof=1)
    assert found.fixed.minimum_detectable == pytest.approx(minimum_detectable_difference(spread))


def test_systems_with_the_same_answers_differ_by_nothing_and_could_detect_nothing() -> None:
    found = compare(score(ONE), score(tuple(replace(one, model="again") for one in ONE)))
    assert (found.fixed.estimate.value, found.fixed.p, found.fixed.minimum_detectable) == (0, 1, None)
    assert (found.new.estimate.value, found.new.p, found.new.minimum_detectable) == (0, 1, None)


@pytest.mark.parametrize(
    ("field", "value"), [("task", "other"), ("split", "block"), ("data_version", "0"), ("split_hash", "0")]
)
def test_results_that_differ_in_task_split_or_data_are_not_compared(field: str, value: str) -> None:
    a = score(ONE)
    with pytest.raises(InputError, match=f"'m' has {field} .*, 'm' has '{value}'|'m' has {field} .*{value}"):
        compare(a, replace(a, **{field: value}))


def test_without_a_scored_class_there_is_no_score_and_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("espress.probe.estimates.choose_classes", lambda _: ())
    found = score(ONE)
    assert (found.value, found.lowest, found.highest, found.references, found.rare) == (None, None, None, (), None)
    assert found.accuracy > 0
    assert (found.fixed.value, found.new.value) == (None, None)
    assert found.fixed.estimand == "these five articles"
    assert {group.score for group in found.groups} == {None}
    assert {one.f1 is None for one in found.classes if one.status != "scored"} == {True}
    with pytest.raises(InputError, match="No class of attribution has enough items"):
        compare(found, found)


def test_one_scored_class_is_given_with_wilsons_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("espress.probe.estimates.choose_classes", lambda _: (1,))
    found = score(ONE + TWO)
    task = probe.task(TASK)
    tallies = count(ONE + TWO, task, "article").tallies.sum(axis=1)[:, 1].mean(axis=0)
    hits, predicted, gold = tallies
    rare = found.rare
    assert (rare.label, rare.hits, rare.predicted, rare.units) == (task.labels[1], hits, predicted, gold)
    assert (rare.recall.value, rare.precision.value) == (hits / gold, hits / predicted)
    assert rare.f1.value == pytest.approx(2 * hits / (predicted + gold))
    assert (found.fixed.value, found.fixed.low, found.fixed.high) == (rare.f1.value, rare.f1.low, rare.f1.high)
    assert found.fixed.assumes == "if items are independent"


def test_a_group_without_gold_of_a_scored_class_has_no_score() -> None:
    counts = count(ONE, probe.task(TASK), "article")
    empty = np.zeros_like(counts.tallies.sum(axis=1))
    assert score_present(empty, counts.scored) is None
    held = empty.copy()
    held[:, counts.scored[0]] = (3, 4, 5)
    assert score_present(held, counts.scored) == pytest.approx(2 * 3 / 9)
    none = replace(counts, scored=())
    assert [one.value for one in estimate(none, "article", None)] == [None, None]


def test_many_folds_are_compared_by_random_flips_and_few_not_at_all() -> None:
    counts, other = (count(one, probe.task(TASK), "article") for one in (ONE, answer(5, 0.3)))

    def compare_in(n_folds: int) -> Tested:
        names = tuple(f"fold {at % n_folds:02d}" for at in range(len(counts.folds)))
        a, b = replace(counts, folds=names), replace(other, folds=names)
        return compare_counts(a, b, ("a", "b"), (TASK, "block")).new

    many, five, few = compare_in(25), compare_in(5), compare_in(4)
    assert (many.test, many.smallest_p) == ("sign flip of whole articles", 1 / 100_001)
    assert compare_in(20).test.startswith("exact sign-flip test of whole articles; with 20 p cannot go below 1.907e-06")
    assert five.p is not None
    assert five.estimate.low is not None
    assert few.test == "none: too few articles or blocks"
    assert (few.p, few.smallest_p, few.minimum_detectable, few.estimate.low) == (None,) * 4
    assert few.estimate.value is not None


def test_words_of_an_estimand_are_those_of_its_number() -> None:
    counts = count(ONE, probe.task(TASK), "article")
    one = replace(counts, articles=("a",) * len(counts.articles))
    assert (name_estimand(counts), name_estimand(one)) == ("these five articles", "this one article")
    assert [spell(number) for number in (0, 12, 13)] == ["no", "twelve", "13"]
    assert "score.  It" not in explain_new(10, "articles").replace("score. It", "")
    assert explain_new(10, "articles").endswith("how these were drawn is not known. It may extend beyond 0 or 1.")
    assert "pooled score. It takes articles as independent" in explain_new(10, "articles")
    assert estimate_new([], "article").value is None
    assert estimate_new([0.5, 1.0], "block").value == 0.75


def test_faults_of_predictions_that_are_passed_or_read_name_where_they_are() -> None:
    with pytest.raises(InputError, match="predictions, row"):
        probe.score([replace(ONE[0], split_hash="0"), *ONE[1:]])


def test_a_prompted_model_keeps_its_family_and_name_in_every_run() -> None:
    def complete(prompts: list[str]) -> list[str]:
        return ["outlet"] * len(prompts)

    found = probe.prompted(complete, TASK, name="mine", family="some-family", date=DATE)
    assert {(one.model, one.family) for one in found.predictions} == {("mine", "some-family")}
    assert found.runs == tuple(f"prompt{number}" for number in range(1, len(probe.task(TASK).prompts) + 1))
