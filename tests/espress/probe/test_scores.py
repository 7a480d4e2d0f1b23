"""Scores, intervals and differences are what plain code gives, and say what they are for."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from espress import probe
from espress.errors import InputError
from espress.probe.classes import Class, name_metric
from espress.probe.comparison import compare_counts
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
from espress.probe.items import items
from espress.probe.markdown import format_p

if TYPE_CHECKING:
    from pathlib import Path

    from espress.probe import Prediction, Result, Task
    from espress.probe.result import Tested

DATE = "2026-01-31"
Row = dict[str, Any]


def _noisy(seed: int, failures: float = 0.1) -> Any:
    def predict(rows: list[Row]) -> list[str]:
        rng = np.random.default_rng([seed, *rows[0]["item_id"].encode()])
        labels = ["outlet", "official", "other_named", "unnamed"]
        return [labels[n] if rng.random() > failures else "?" for n in rng.integers(4, size=len(rows))]

    return predict


NOISY = probe.run(_noisy(1), "attribution", name="noisy", family="claude", date=DATE)
OTHER = probe.run(_noisy(2), "attribution", name="other", date=DATE)
CARRIED = probe.run(_noisy(1), "attribution-carried", name="noisy", date=DATE)


def _pairs(result: Result) -> tuple[list[str], list[str], list[str]]:
    """Gold, answers and articles of the items."""
    truth = probe.gold(result.task)
    article = {item.item_id: item.article_id for item in items(result.task)}
    kept = result.predictions
    answers = [one.prediction or "none" for one in kept]
    return [truth[one.item_id] for one in kept], answers, [article[one.item_id] for one in kept]


@pytest.mark.parametrize("score", [NOISY, CARRIED], ids=lambda one: one.task)
def test_scores_are_those_of_scikit_learn_over_the_scored_classes(score: Result) -> None:
    gold, answers, _ = _pairs(score)
    scored = [c.label for c in score.classes if c.status == "scored"]
    assert score.metric == f"macro_f1[{len(scored)} of 4]"
    assert score.value == pytest.approx(f1_score(gold, answers, labels=scored, average="macro", zero_division=0))
    assert score.accuracy == pytest.approx(accuracy_score(gold, answers))
    assert score.failed == answers.count("none") > 0
    for one in score.classes:
        assert (one.f1 is None) == (one.status != "scored")
        if one.hits is not None:
            assert one.hits == sum(g == a == one.label for g, a in zip(gold, answers, strict=True))
        assert (one.hits is None) == (one.status == "listed")


def test_every_article_block_and_proposition_has_its_own_value() -> None:
    score = CARRIED
    gold, answers, articles = _pairs(CARRIED)
    scored = {c.label for c in score.classes if c.status == "scored"}
    shown = {group.group: group for group in score.groups if group.column == "article_id"}
    assert set(shown) == set(articles)
    for article, group in shown.items():
        g, a = (np.array(x)[np.array(articles) == article] for x in (gold, answers))
        here = sorted(scored & set(g))
        assert group.score == pytest.approx(f1_score(g, a, labels=here, average="macro", zero_division=0))
        assert group.units == len(g)
        assert group.accuracy == pytest.approx(accuracy_score(g, a))
    assert {group.column for group in score.groups} == set(probe.task("attribution").groups)


def _slow_draws(predictions: tuple[Prediction, ...], resamples: int) -> list[float]:
    """Draw whole paragraphs within each article with replacement, and score with scikit-learn, one draw at a time."""
    truth = probe.gold("attribution")
    answers = {one.item_id: one.prediction or "none" for one in predictions}
    paragraphs: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item in items("attribution"):
        paragraphs[item.article_id][item.paragraph].append(item.item_id)
    scored = [c.label for c in probe.classes("attribution") if c.status == "scored"]
    rng, found = np.random.default_rng(0), []
    for _ in range(resamples):
        drawn_ids = [
            item
            for blocks in paragraphs.values()
            for n in rng.integers(len(blocks), size=len(blocks))
            for item in list(blocks.values())[n]
        ]
        gold, said = [truth[i] for i in drawn_ids], [answers[i] for i in drawn_ids]
        found.append(float(f1_score(gold, said, labels=scored, average="macro", zero_division=0)))
    return found


def test_the_interval_for_these_articles_is_that_of_a_plain_bootstrap_of_paragraphs() -> None:
    slow = _slow_draws(NOISY.predictions, 400)
    fast = bootstrap(count(NOISY.predictions, probe.task("attribution"), "article"))[:, 0]
    assert float(np.mean(slow)) == pytest.approx(fast.mean(), abs=4 * fast.std() / 400**0.5)
    assert float(np.std(slow)) == pytest.approx(fast.std(), rel=0.2)
    fixed = NOISY.fixed
    assert fixed.estimand == "these five articles"
    assert (fixed.low, fixed.high) == pytest.approx(np.quantile(fast, [0.025, 0.975]))
    assert "nothing about other articles" in fixed.note


def test_the_interval_for_new_articles_is_students_t_over_articles_and_called_descriptive() -> None:
    from scipy.stats import t

    score = NOISY
    values = np.array([g.score for g in score.groups if g.column == "article_id"], dtype=float)
    reach = t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    assert (score.new.value, score.new.low) == pytest.approx((values.mean(), values.mean() - reach))
    assert "Descriptive" in score.new.note


def test_fewer_than_five_folds_have_no_interval_and_no_test() -> None:
    found = probe.run(_noisy(1), "attribution-carried", split="block", date=DATE)
    assert found.new.value is not None
    assert (found.new.low, found.new.high) == (None, None)
    assert "No interval: there are three blocks of linked articles, and at least five are needed" in found.new.note
    assert all((r.new.p, r.new.minimum_detectable) == (None, None) for r in found.references)
    assert found.fixed.low is not None


def test_differences_to_the_references_are_paired_and_give_the_detectable_difference() -> None:
    from scipy.stats import norm, t

    score = NOISY
    assert tuple(one.against for one in score.references) == probe.task("attribution").references
    shortcut = probe.run("majority", "attribution", date=DATE)
    (against,) = (one for one in score.references if one.against == "majority")
    value, other = score.value, shortcut.value
    assert value is not None
    assert other is not None
    assert against.fixed.estimate.value == pytest.approx(value - other)
    counts = (count(r.predictions, probe.task("attribution"), "article") for r in (NOISY, shortcut))
    draws = bootstrap(*counts)
    spread = (draws[:, 0] - draws[:, 1]).std(ddof=1)
    assert against.fixed.minimum_detectable == pytest.approx(spread * (norm.ppf(0.975) + norm.ppf(0.8)))
    ours, theirs = (
        np.array([g.score for g in r.groups if g.column == "article_id"], dtype=float) for r in (NOISY, shortcut)
    )
    error = (ours - theirs).std(ddof=1) / 5**0.5
    assert against.new.minimum_detectable == pytest.approx(error * (t.ppf(0.975, 4) + t.ppf(0.8, 4)))
    assert "sqrt(G); G = 5" in against.new.formula
    assert against.new.smallest_p == 0.0625
    assert "cannot go below 0.0625" in against.new.test


def test_a_system_against_itself_differs_by_nothing() -> None:
    one = probe.compare(NOISY, NOISY)
    assert (one.fixed.estimate.value, one.fixed.p, one.new.p) == (0, 1, 1)
    assert one.fixed.minimum_detectable is None
    assert one.new.minimum_detectable is None


def test_the_order_of_two_compared_systems_changes_the_sign_only() -> None:
    one, other = probe.compare(NOISY, OTHER), probe.compare(OTHER, NOISY)
    assert one.fixed.estimate.value == pytest.approx(-(other.fixed.estimate.value or 0))
    assert one.new.p == other.new.p
    assert one.fixed.p == other.fixed.p == one.fixed.p_holm
    assert (one.fixed.smallest_p, one.new.p_holm) == (1 / 10_001, one.new.p)
    assert one.to_dict()["against"] == "other"
    assert "`noisy` minus `other`" in str(one)


def test_p_of_comparisons_that_are_given_together_is_adjusted_by_holm() -> None:
    from statsmodels.stats.multitest import multipletests

    raw = [one.fixed.p for one in NOISY.references]
    assert [one.fixed.p_holm for one in NOISY.references] == pytest.approx(multipletests(raw, method="holm")[1])
    new = [one.new.p for one in NOISY.references]
    assert [one.new.p_holm for one in NOISY.references] == pytest.approx(multipletests(new, method="holm")[1])
    assert "p, Holm: adjusted for the 2 comparisons" in str(NOISY)


def test_a_perfect_system_scores_one_and_an_absent_one_nothing() -> None:
    truth = probe.gold("relevance")
    perfect = probe.run(lambda rows: [truth[row["item_id"]] for row in rows], "relevance", date=DATE)
    assert (perfect.value, perfect.accuracy, perfect.hint) == (1, 1, None)
    silent = probe.run(lambda rows: [""] * len(rows), "relevance", date=DATE)
    assert (silent.value, silent.accuracy) == (0, 0)
    assert silent.failed == len(truth)


def test_nearly_only_failures_give_a_hint_with_the_answers_and_the_labels() -> None:
    result = probe.run(lambda rows: ["It does bear on it"] * len(rows), "relevance", date=DATE)
    n = f"{len(result.predictions):,}"
    assert result.hint is not None
    assert result.hint.startswith(
        f"{n} of {n} answers are not labels of relevance. The model said, for example, 'It does"
    )
    assert "Expected is one of no, yes, alone in the answer" in result.hint
    assert result.hint in str(result)
    assert result.to_dict()["hint"] == result.hint


# ------------------------------------------------------------------------------------------------ one large class


def _make_classes(*sizes: tuple[int, int]) -> list[Class]:
    return [Class(f"c{number}", units, articles) for number, (units, articles) in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "metric"),
    [
        ([(20, 3), (90, 5)], "macro_f1[2 of 2]"),
        ([(9, 5), (30, 5), (25, 4)], "macro_f1[2 of 3]"),
        ([(16, 4), (89, 5)], "f1[c0]"),
        ([(12, 3), (19, 5), (60, 5)], "f1[c0]"),  # the rarest that is large enough to be counted
        ([(9, 4), (60, 5)], "none"),
        ([(16, 2), (60, 5)], "none"),
        ([(16, 4), (15, 4)], "none"),
    ],
)
def test_a_mean_over_classes_needs_two_and_otherwise_the_rare_class_is_scored(
    sizes: list[tuple[int, int]], metric: str
) -> None:
    assert name_metric(_make_classes(*sizes)) == metric


@pytest.fixture
def rare(monkeypatch: pytest.MonkeyPatch) -> tuple[Task, str]:
    """Return a task with only one large class, and the label of its rare class."""
    one = probe.task("relevance")
    kept = items(one)
    yes = [item for item in kept if item.gold == "yes"]
    few = [item for n, item in enumerate(yes) if n % 6 == 0]  # about 17, from all articles
    small = tuple(sorted([item for item in kept if item.gold == "no"] + few, key=lambda item: item.item_id))
    monkeypatch.setattr("espress.probe.items._make_items", lambda _: small)
    monkeypatch.setattr("espress.probe.scores._predict_reference", _predict_again)
    return one, "yes"


def _predict_again(name: str, split: str, reference: str) -> tuple[Prediction, ...]:
    return probe.predict(reference, name, split, date=DATE)


def test_where_only_one_class_is_large_the_rare_class_is_scored_with_wilsons_intervals(rare: tuple[Task, str]) -> None:
    from statsmodels.stats.proportion import proportion_confint

    def predict(rows: list[Row]) -> list[str]:
        return ["yes" if "spy" in row["text"].casefold() else "no" for row in rows]

    task, label = rare
    result = probe.run(predict, task, date=DATE)
    assert result.metric == f"f1[{label}]"
    score = result.rare
    assert score is not None
    assert score.label == label
    assert 0 < score.hits < score.units < 20
    assert score.recall == pytest.approx(
        (score.hits / score.units, *proportion_confint(score.hits, score.units, method="wilson"))
    )
    assert score.precision == pytest.approx(
        (score.hits / score.predicted, *proportion_confint(score.hits, score.predicted, method="wilson"))
    )
    union = score.units + score.predicted - score.hits
    limits = [2 * j / (1 + j) for j in proportion_confint(score.hits, union, method="wilson")]
    assert score.f1 == pytest.approx((2 * score.hits / (score.units + score.predicted), *limits))
    assert (result.value, result.fixed.low, result.fixed.high) == pytest.approx(score.f1)
    assert "if items are independent" in str(result.fixed)
    assert f"recall of `{label}`" in str(result)
    always_no = next(one for one in result.references if one.against == "majority")
    assert always_no.fixed.estimate.value == pytest.approx(result.value)  # the majority finds none
    assert probe.run("majority", task, date=DATE).rare.precision is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("family", "same"),
    [("claude", True), (" claude ", True), ("Claude 9", True), ("Claudette", False), ("Other", False), (None, None)],
)
def test_systems_of_the_annotators_family_are_marked(family: str | None, same: object) -> None:
    (result,) = probe.score(tuple(replace(one, family=family) for one in NOISY.predictions))
    assert result.same_family_as_annotators is same
    assert ("same_family_as_annotators" in str(result)) == (same is True)


def test_a_p_is_never_shown_as_zero() -> None:
    assert (format_p(0.00001), format_p(0.00005), format_p(None)) == ("< 0.0001", "0.0001", None)


def test_a_result_can_be_kept_and_read_again(tmp_path: Path) -> None:
    probe.write(NOISY.predictions, tmp_path / "noisy.parquet")
    (again,) = probe.score(tmp_path / "noisy.parquet")
    assert replace(again, failed_examples=()) == replace(NOISY, failed_examples=())
    assert json.loads(NOISY.to_json())["value"] == NOISY.value
    assert NOISY.to_markdown() == str(NOISY)


def test_a_result_shows_what_its_intervals_assume_and_what_may_not_be_claimed() -> None:
    shown = str(NOISY)
    assert str(NOISY.fixed).endswith("(if paragraphs are independent)")
    assert str(NOISY.new).endswith("(if articles are independent)")
    assert "which articles of one outlet or event are not" in NOISY.new.note
    assert "if articles are independent" in shown
    for line in (*NOISY.may_claim, *NOISY.may_not_claim):
        assert f"- {line}" in shown


# ------------------------------------------------------------------------------------------------ several runs


def _answer(seed: int, failures: float, *, run: str = "1", model: str = "m", split: str = "article") -> tuple[Any, ...]:
    found = probe.predict(_noisy(seed, failures), "attribution", split, name=model, date=DATE)
    return tuple(replace(one, run=run) for one in found)


ONE, TWO, THREE = _answer(1, 0.0), _answer(2, 0.4, run="2"), _answer(3, 0.2, run="3")


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
    assert "mean of 3 runs from" in str(whole)


def test_results_are_one_for_each_system_task_and_split_in_this_order() -> None:
    mixed = [*_answer(1, 0, model="b"), *_answer(1, 0, model="a", split="block"), *_answer(2, 0, model="a")]
    found = probe.score(mixed[::-1])
    assert [(one.model, one.task, one.split) for one in found] == [
        ("a", "attribution", "article"), ("a", "attribution", "block"), ("b", "attribution", "article"),
    ]  # fmt: skip
    assert len(found[0].predictions) == len(found[1].predictions) == len(ONE)
    assert found[2].value == score(ONE).value != found[0].value


def test_intervals_average_the_runs_of_each_system_on_the_same_draws() -> None:
    task = probe.task("attribution")
    a, b, both = (count(one, task, "article") for one in (ONE, TWO, ONE + TWO))
    draws = bootstrap(a, b)
    assert draws.shape == (10_000, 2)
    assert bootstrap(both)[:, 0] == pytest.approx(draws.mean(axis=1))
    assert bootstrap(both, a)[:, 1] == pytest.approx(draws[:, 0])
    assert list(score_folds(both)) == sorted(set(both.folds))
    for name, value in score_folds(both).items():
        assert value == pytest.approx((score_folds(a)[name] + score_folds(b)[name]) / 2)


def test_a_run_that_is_repeated_changes_no_comparison() -> None:
    other = _answer(4, 0.1, model="other")
    twice = ONE + tuple(replace(one, run="2") for one in ONE)
    once, repeated = (probe.compare(score(given), score(other)) for given in (ONE, twice))
    assert repeated.fixed.estimate.value == pytest.approx(once.fixed.estimate.value)
    assert repeated.fixed.estimate.low == pytest.approx(once.fixed.estimate.low)
    assert repeated.fixed.p == pytest.approx(once.fixed.p, abs=0.02)
    assert repeated.new.p == once.new.p
    assert (once.system, once.against, once.task, once.split) == ("m", "other", "attribution", "article")


@pytest.mark.parametrize(
    ("field", "value"), [("task", "other"), ("split", "block"), ("data_version", "0"), ("split_hash", "0")]
)
def test_results_that_differ_in_task_split_or_data_are_not_compared(field: str, value: str) -> None:
    a = score(ONE)
    with pytest.raises(InputError, match=f"'m' has {field} .*, 'm' has '{value}'|'m' has {field} .*{value}"):
        probe.compare(a, replace(a, **{field: value}))


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
        probe.compare(found, found)


def test_one_scored_class_is_given_with_wilsons_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("espress.probe.estimates.choose_classes", lambda _: (1,))
    found = score(ONE + TWO)
    task = probe.task("attribution")
    tallies = count(ONE + TWO, task, "article").tallies.sum(axis=1)[:, 1].mean(axis=0)
    hits, predicted, gold = tallies
    rare = found.rare
    assert (rare.label, rare.hits, rare.predicted, rare.units) == (task.labels[1], hits, predicted, gold)
    assert (rare.recall.value, rare.precision.value) == (hits / gold, hits / predicted)
    assert rare.f1.value == pytest.approx(2 * hits / (predicted + gold))
    assert (found.fixed.value, found.fixed.low, found.fixed.high) == (rare.f1.value, rare.f1.low, rare.f1.high)
    assert found.fixed.assumes == "if items are independent"


def test_a_group_without_gold_of_a_scored_class_has_no_score() -> None:
    counts = count(ONE, probe.task("attribution"), "article")
    empty = np.zeros_like(counts.tallies.sum(axis=1))
    assert score_present(empty, counts.scored) is None
    held = empty.copy()
    held[:, counts.scored[0]] = (3, 4, 5)
    assert score_present(held, counts.scored) == pytest.approx(2 * 3 / 9)
    none = replace(counts, scored=())
    assert [one.value for one in estimate(none, "article", None)] == [None, None]


def test_many_folds_are_compared_by_random_flips_and_few_not_at_all() -> None:
    counts, other = (count(one, probe.task("attribution"), "article") for one in (ONE, _answer(5, 0.3)))

    def compare_in(n_folds: int) -> Tested:
        names = tuple(f"fold {at % n_folds:02d}" for at in range(len(counts.folds)))
        a, b = replace(counts, folds=names), replace(other, folds=names)
        return compare_counts(a, b, ("a", "b"), ("attribution", "block")).new

    many, five, few = compare_in(25), compare_in(5), compare_in(4)
    assert (many.test, many.smallest_p) == ("sign flip of whole articles", 1 / 100_001)
    assert compare_in(20).test.startswith("exact sign-flip test of whole articles; with 20 p cannot go below 1.907e-06")
    assert five.p is not None
    assert five.estimate.low is not None
    assert few.test == "none: too few articles or blocks"
    assert (few.p, few.smallest_p, few.minimum_detectable, few.estimate.low) == (None,) * 4
    assert few.estimate.value is not None


def test_words_of_an_estimand_are_those_of_its_number() -> None:
    counts = count(ONE, probe.task("attribution"), "article")
    one = replace(counts, articles=("a",) * len(counts.articles))
    assert (name_estimand(counts), name_estimand(one)) == ("these five articles", "this one article")
    assert [spell(number) for number in (0, 12, 13)] == ["no", "twelve", "13"]
    assert "score.  It" not in explain_new(10, "articles").replace("score. It", "")
    assert explain_new(10, "articles").endswith("how these were drawn is not known. It may extend beyond 0 or 1.")
    assert "pooled score. It takes articles as independent" in explain_new(10, "articles")
    assert "No interval" in explain_new(4, "articles")
    assert "Descriptive" in explain_new(9, "articles")
    assert "Descriptive" not in explain_new(10, "articles")
    assert estimate_new([], "article").value is None
    assert estimate_new([0.5, 1.0], "block").value == 0.75
