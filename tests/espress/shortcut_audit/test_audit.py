"""The whole audit: shortcuts at their true strength, noise as noise, and every number as a plain count gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from tests.espress.shortcut_audit import plain
from tests.espress.shortcut_audit.made import corpus, design_of, imbalanced

import espress
from espress.errors import EspressError, InputError
from espress.shortcut_audit import folds, label_shares, lookup, measure, references
from espress.shortcut_audit.criteria import NOT_APPLICABLE
from espress.shortcut_audit.result import UNDEFINED, Audit, Estimate, Null, Shortcut
from espress.stats import balanced_accuracy, macro_f1, tally

if TYPE_CHECKING:
    from collections.abc import Sequence


def _audit(rows: Any, groups: Sequence[str] = ("outlet",), **named: Any) -> Audit:
    return espress.audit(rows, text="text", label="label", groups=list(groups), **{"permutations": 199, **named})


def _only(audit: Audit, name: str = "outlet") -> Shortcut:
    return next(each for each in audit.shortcuts if each.name == name)


def _bounds(estimate: Estimate | None) -> tuple[float, float]:
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low, estimate.high


def _null(found: Shortcut) -> Null:
    assert found.null is not None
    return found.null


@pytest.mark.parametrize(("strength", "seed"), [(0.1, 1), (0.2, 2), (0.35, 3)])
def test_a_shortcut_is_found_at_its_true_strength(strength: float, seed: int) -> None:
    found = _only(_audit(corpus(1500, strength, seed)))
    # Both labels are equally common, so the best possible rule has macro-F1 0.5 + strength and the floor is 0.5.
    low, high = _bounds(found.interval)
    assert low <= 0.5 + strength <= high
    assert high - low < 0.06
    low, high = _bounds(found.skill)
    assert low <= 2 * strength <= high
    assert found.flagged == (low > 0.10)
    assert _null(found).p == _null(found).p_adjusted == 1 / 200
    # Gain: 1 - H(0.5 + strength) bits of one bit.
    p = 0.5 + strength
    assert found.scores.gain_share == pytest.approx(1 + p * np.log2(p) + (1 - p) * np.log2(1 - p), abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_45_percent_positives_against_2_percent_are_found_although_macro_f1_sees_nothing(seed: int) -> None:
    audit = _audit(imbalanced(400, seed), permutations=1000)
    found = _only(audit)
    assert audit.flagged == ("outlet",)
    assert found.found_by == ("gain",)
    assert (found.scores.accuracy, _null(found).p) == (349 / 400, 1.0)  # the look-up always answers `no`
    assert _null(found).gain_p_adjusted <= 0.002
    assert _bounds(found.gain_share)[0] > 0.1
    # At the prior-matched threshold the look-up answers `yes` in outlet A: 45 of 51 and 294 of 349 rows are right.
    assert found.scores.balanced_accuracy == pytest.approx((45 / 51 + 294 / 349) / 2, abs=1e-12)
    assert "removes" in audit.verdict[0]
    assert audit.verdict[1] == (
        "The share of label = yes varies between values of outlet from 2.0 % (B: 2 of 100 rows) to 45.0 % "
        "(A: 45 of 100 rows)."
    )


@pytest.mark.parametrize("seed", range(5))
def test_imbalanced_labels_are_no_evidence_when_the_outlets_are_shuffled(seed: int) -> None:
    rows, order = imbalanced(400, seed), np.random.default_rng(seed).permutation(400)
    shuffled = [{**row, "outlet": rows[at]["outlet"]} for row, at in zip(rows, order, strict=True)]
    audit = _audit(shuffled)
    assert _only(audit).status == "no evidence"
    assert _bounds(_only(audit).gain_share)[1] < 0.05


@pytest.mark.parametrize("seed", range(5))
def test_labels_constant_in_clusters_are_a_finding_only_without_the_cluster(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, outlets = rng.permutation(30) < 5, rng.permutation(30) % 4  # of the articles, independent of each other
    rows = [
        {
            **row,
            "label": "yes" if labels[at // 20] else "no",
            "outlet": f"o{outlets[at // 20]}",
            "article": f"a{at // 20}",
        }
        for at, row in enumerate(corpus(600, 0.0, seed))
    ]
    assert _only(_audit(rows)).status in {"shortcut", "some evidence"}
    assert _only(_audit(rows, cluster="article")).status == "no evidence"


def test_label_shares_count_every_row_and_show_the_largest_and_the_most_deviating_groups() -> None:
    rows = [{"text": f"text {at}", "label": "no" if at % 4 else "yes", "outlet": f"big {at % 8}"} for at in range(800)]
    rows += [{"text": f"t {at}", "label": "no" if at % 4 else "yes", "outlet": f"small {at // 8}"} for at in range(400)]
    rows += [{"text": f"odd {at}", "label": "yes", "outlet": "odd"} for at in range(7)]
    (shares,) = _audit(rows, permutations=100).label_shares
    assert (shares.name, shares.labels, shares.groups) == ("outlet", ("no", "yes"), 59)
    assert shares.total.counts == (900, 307)
    names = [group.group for group in shares.shown]
    assert len(names) == label_shares.LARGEST + label_shares.DEVIATING
    assert [group.n for group in shares.shown] == sorted((group.n for group in shares.shown), reverse=True)
    assert {f"big {at}" for at in range(8)} < set(names)
    (odd,) = (group for group in shares.shown if group.group == "odd")
    assert (odd.counts, odd.shares) == ((0, 7), (0.0, 1.0))
    assert shares.rest is not None
    assert shares.n_rest == 59 - len(names)
    counted = np.sum([group.counts for group in (*shares.shown, shares.rest)], axis=0)
    assert tuple(counted) == shares.total.counts


def test_many_labels_are_counted_together_after_the_commonest() -> None:
    rows = [{"text": f"t {at}", "label": "aabbccddefg"[at % 11], "outlet": f"o{at % 3}"} for at in range(330)]
    (shares,) = _audit(rows, permutations=100).label_shares
    assert shares.labels == ("a", "b", "c", "d", "other labels")
    assert shares.total.counts == (60, 60, 60, 60, 90)
    assert (shares.rest, shares.n_rest) == (None, 0)


def test_a_shuffled_column_of_mostly_singletons_is_no_evidence() -> None:
    # 86 % of the values occur once; counted and scored on the same rows, the look-up seems to know most labels.
    rng = np.random.default_rng(5)
    names = [f"author {at}" for at in range(860)] + [f"desk {at}" for at in range(140)] * 6
    order = rng.permutation(len(names))
    rows = [{**row, "author": names[at]} for row, at in zip(corpus(len(names), 0.0, 5), order, strict=True)]
    audit = _audit(rows, ["author"], permutations=1000)
    found = _only(audit, "author")
    assert found.in_sample_macro_f1 == pytest.approx(0.84, abs=0.02)
    assert found.status == "no evidence"
    assert not audit.flagged
    assert audit.verdict[0].startswith("There is no evidence that label is predictable from author")
    assert _null(found).p > 0.05
    assert abs(_null(found).excess) < 0.03
    assert _bounds(found.skill)[1] < 0.05


@pytest.fixture(scope="module")
def small() -> tuple[list[dict[str, str]], Audit]:
    """Return a small corpus of three labels with missing values, and its audit."""
    rng = np.random.default_rng(11)
    rows: list[dict[str, Any]] = []
    for at in range(150):
        outlet = int(rng.integers(0, 30))
        label = "abc"[outlet % 3] if rng.random() < 0.6 else "abc"[rng.integers(0, 3)]
        rows.append({"text": f"text {at}", "label": label, "outlet": f"o{outlet}", "page": f"{rng.integers(0, 4)}"})
    for at in (3, 50, 90):
        rows[at]["outlet"] = None
    return rows, _audit(rows, ["outlet", "page"], permutations=100, seed=3)


def test_every_score_equals_the_plain_count(small: tuple[list[dict[str, str]], Audit]) -> None:
    rows, audit = small
    labels = ["abc".index(row["label"]) for row in rows]
    cut = folds.stratify(np.array(labels), np.arange(150), 5, rng := np.random.default_rng(3))
    repeats = [cut.tolist(), *(folds.stratify(np.array(labels), np.arange(150), 5, rng).tolist() for _ in range(4))]
    floor = plain.drawing(labels, repeats, 3)
    assert audit.floor.macro_f1 == pytest.approx(floor, abs=1e-12)
    for found in audit.shortcuts:
        groups = [tuple(row[name] for name in found.columns) for row in rows]
        answers = [answer for each in repeats for answer in plain.look_up(groups, labels, each, 3)]
        gold, predicted = labels * 5, [answer[0] for answer in answers]
        assert found.scores.n == 150
        assert found.groups == len(set(groups))
        assert found.singleton_share == sum(groups.count(group) == 1 for group in groups) / 150
        assert found.coverage == pytest.approx(sum(answer[2] for answer in answers) / 750, abs=1e-12)
        assert found.scores.macro_f1 == pytest.approx(plain.macro_f1(gold, predicted, 3), abs=1e-12)
        assert found.scores.accuracy == pytest.approx(np.mean(np.array(gold) == predicted), abs=1e-12)
        gain = sum(plain.gain(groups, labels, each, 3) for each in repeats) / 5
        assert found.scores.gain == pytest.approx(gain, abs=1e-12)
        assert found.scores.gain_share == pytest.approx(gain / plain.entropy(labels), abs=1e-12)
        seen = [(y, answer[0]) for y, answer in zip(gold, answers, strict=True) if answer[2]]
        assert found.covered.n == round(len(seen) / 5)
        covered = plain.macro_f1([y for y, _ in seen], [answer for _, answer in seen], 3)
        assert found.covered.macro_f1 == pytest.approx(covered, abs=1e-12)
        skill = (plain.macro_f1(gold, predicted, 3) - floor) / (1 - floor)
        assert found.skill.value == pytest.approx(skill, abs=1e-12)
        assert _null(found).mean + _null(found).excess == pytest.approx(found.scores.macro_f1, abs=1e-12)


def test_an_interval_equals_resampling_the_rows_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "RESAMPLES", 30)
    rng = np.random.default_rng(0)
    labels, clusters = rng.integers(0, 2, 40), np.repeat(np.arange(8), 5)
    answers = [np.where(rng.random(40) < right, labels, 1 - labels) for right in (0.8, 0.6)]
    tallies, gain = [tally(labels, system, 2, clusters, 8) for system in answers], rng.normal(size=40)
    design = design_of(labels.tolist(), [(clusters % 2).tolist()], clusters.tolist())
    systems = [(tallies[0], macro_f1), (tallies[1], macro_f1), (tallies[1], balanced_accuracy)]
    ours = measure.resample([*systems, (lookup.sum_gains(design, gain), lookup.share_gained)], seed=4)
    picks = [np.arange(8), *np.random.default_rng(4).integers(8, size=(30, 8))]
    for scores, chosen in zip(ours.T, picks, strict=True):
        rows = np.concatenate([np.flatnonzero(clusters == each) for each in chosen])
        gold, first, second = (each[rows].tolist() for each in (labels, *answers))
        expected = [plain.macro_f1(gold, first, 2), plain.macro_f1(gold, second, 2)]
        expected += [balanced_accuracy_score(gold, second), gain[rows].mean() / plain.entropy(gold)]
        assert scores == pytest.approx(np.array(expected), abs=1e-12)


def test_a_group_disjoint_split_is_not_applicable_and_never_zero() -> None:
    rows = [{**row, "split": "test" if row["outlet"] == "outlet 3" else "train"} for row in corpus(200, 0.3, 7)]
    audit = _audit(rows, split="split")
    found = _only(audit)
    assert found.status == found.skill.reason == found.interval.reason == NOT_APPLICABLE
    assert (found.skill.value, found.scores.macro_f1, found.null, found.coverage) == (None, None, None, 0.0)
    assert (found.share_of_gain.value, found.share_of_gain.reason) == (None, NOT_APPLICABLE)
    assert "not applicable by construction" in audit.verdict[0]
    assert audit.overlaps[0].shared_groups == audit.overlaps[0].test_rows_shared == 0
    by_cluster = _audit(rows, cluster="outlet")
    assert _only(by_cluster).status == NOT_APPLICABLE


def test_intervals_are_refused_below_five_clusters_and_warned_of_below_ten() -> None:
    def audited(clusters: int) -> Shortcut:
        rows = [{**row, "article": f"a{at % clusters}"} for at, row in enumerate(corpus(120, 0.4, 8, outlets=2))]
        return _only(_audit(rows, cluster="article", permutations=100))

    refused, warned, sound = map(audited, (4, 7, 12))
    assert refused.interval.low is None
    assert "at least 5 are needed" in str(refused.interval.reason)
    assert not refused.flagged
    assert refused.share_of_gain == Estimate(None, reason=UNDEFINED)
    assert _bounds(warned.interval)
    assert "fewer than 10" in str(warned.interval.reason)
    assert _bounds(sound.interval)
    assert sound.interval.reason is None


def test_share_of_gain_is_undefined_for_a_model_near_the_prior_and_a_ratio_for_another() -> None:
    rows, other = corpus(600, 0.2, 9), {"pro": "con", "con": "pro"}
    audit = _audit(rows)
    assert (audit.model, _only(audit).share_of_gain) == ("text", Estimate(None, reason=UNDEFINED))
    rng = np.random.default_rng(2)
    guessed = [{**row, "answer": row["label"] if rng.random() < 0.9 else other[row["label"]]} for row in rows]
    audit = _audit(guessed, model="answer")
    found, model = _only(audit), audit.references[-1]
    assert (audit.model, model.name) == ("answer", "answer")
    gold, answers = ([["con", "pro"].index(row[name]) for row in guessed] for name in ("label", "answer"))
    assert model.scores.macro_f1 == pytest.approx(plain.macro_f1(gold, answers, 2), abs=1e-12)
    share, score, above = found.share_of_gain, found.scores.macro_f1, model.above_prior.value
    assert score is not None
    assert above is not None
    assert share.value == pytest.approx((score - audit.floor.macro_f1) / above, abs=1e-12)
    low, high = _bounds(share)
    assert low < 0.5 < high  # 0.2 of 0.4 that can be gained


def _sided(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the rows with a split that tests two rows of three, and cuts every article."""
    return [{**row, "split": "test" if at % 3 else "train", "art": f"a{at % 20}"} for at, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("place", "change", "named", "said"),
    [
        (0, {}, {}, "No cluster was named"),
        (0, {}, {}, "199 permutations: p has few possible values; the default is 1000."),
        (6, {"text": None}, {}, "'text' is empty in row 7"),
        (4, {"answer": "perhaps"}, {"model": "answer"}, "holds values that are not labels ('perhaps') in row 5"),
        (4, {"label": "rare"}, {}, "Fewer than 10 tested rows are labelled 'rare'"),
        (4, {"label": "new"}, {"split": "split"}, "No training row is labelled 'new'"),
        (0, {}, {"split": "split", "cluster": "art"}, "20 clusters (art) are on both sides of the given split"),
    ],
)
def test_limits_of_the_numbers_are_warnings(
    place: int, change: dict[str, Any], named: dict[str, str], said: str
) -> None:
    rows = [{**row, "answer": row["label"]} for row in _sided(corpus(100, 0.2, 3))]
    for at in {place, place + 3}:
        rows[at] |= change if at == place or "label" in change else {}
    audit = _audit(rows, **named)
    assert any(said in warning for warning in audit.warnings)
    assert np.isfinite(_only(audit).scores.gain or np.nan)
    if "answer" in change:
        assert audit.references[-1].scores.accuracy == 0.99


def test_constant_unique_alias_and_missing_are_flagged_with_their_meaning() -> None:
    rows: list[dict[str, Any]] = [
        {**row, "one": "same", "twin": row["outlet"][-1], "copy": row["label"].upper()} for row in corpus(200, 0.3, 4)
    ]
    for at in range(0, 60, 10):
        rows[at]["twin2"] = None
    for row in rows:
        row.setdefault("twin2", row["outlet"])
    audit = _audit(rows, ["outlet", "one", "id", "twin", "copy", "twin2"], permutations=100)
    kinds = {name: [flag.kind for flag in _only(audit, name).flags] for name in ("one", "id", "twin", "copy", "twin2")}
    assert kinds == {"one": ["constant"], "id": ["unique"], "twin": ["alias"], "copy": ["alias"], "twin2": ["missing"]}
    assert "as outlet" in _only(audit, "twin").flags[0].meaning
    assert "as label" in _only(audit, "copy").flags[0].meaning
    assert "6 of 200 rows (rows 1, 11" in _only(audit, "twin2").flags[0].meaning
    assert _only(audit, "id").status == NOT_APPLICABLE
    constant = _only(audit, "one")
    assert (constant.status, _null(constant).p) == ("no evidence", 1.0)
    assert _only(audit, "copy").scores.macro_f1 == 1.0
    assert _only(audit, "outlet × twin").flags[0].kind == "alias"


def test_a_column_nearly_constant_in_its_clusters_is_flagged() -> None:
    rows = [
        {**row, "article": f"a{at // 20}", "desk": f"d{at // 20 % 3}" if at % 20 else "x"}
        for at, row in enumerate(corpus(400, 0.2, 1))
    ]
    found = _only(_audit(rows, ["desk"], cluster="article"), "desk")
    assert _null(found).scheme == "rows within clusters"
    assert "mostly_constant_in_cluster" in [flag.kind for flag in found.flags]


def test_the_text_model_is_scored_within_groups() -> None:
    rows = corpus(400, 0.3, 6)
    for at, row in enumerate(rows):
        row["text"] += " praised" if (row["label"] == "pro") ^ (at % 10 == 9) else " blamed"
    audit = _audit(rows)
    text = audit.references[2]
    assert [each.name for each in audit.references] == ["characters", "words", "text"]
    assert text.scores.macro_f1 == pytest.approx(0.9, abs=0.03)
    within = _only(audit).within
    assert within is not None
    assert within.n == 400
    assert within.groups == 10
    assert within.text_macro_f1 > 0.75
    assert within.lookup_macro_f1 < 0.5


@pytest.mark.parametrize("words", [("word " * 5, "word " * 9), ("--", "--")])
def test_references_read_length_and_words_alone(words: tuple[str, str]) -> None:
    audit = _audit([{**row, "text": words[row["label"] == "pro"]} for row in corpus(300, 0.0, 6)])
    best = 1.0 if words[0] != words[1] else audit.floor.majority_macro_f1
    assert [each.scores.macro_f1 for each in audit.references[:2]] == [best, best]
    if words[0] == words[1]:
        assert audit.references[2].scores.macro_f1 == audit.floor.majority_macro_f1


def test_large_corpora_are_read_in_part_and_the_result_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = corpus(900, 0.3, 2)
    exact = _audit(rows)
    monkeypatch.setattr(references, "ROWS", 300)
    monkeypatch.setattr(folds, "RESAMPLING_UNITS", 200)
    part = _audit(rows)
    assert any("300 of 900 rows" in warning for warning in part.warnings)
    assert part.references[2].scores.n == 300
    assert part.shortcuts[0].scores == exact.shortcuts[0].scores
    assert _bounds(part.shortcuts[0].interval) == pytest.approx(_bounds(exact.shortcuts[0].interval), abs=0.012)


def test_the_same_seed_gives_the_same_result_and_another_other_folds() -> None:
    rows = corpus(200, 0.2, 3)
    assert _audit(rows) == _audit(rows)
    assert _only(_audit(rows)).scores != _only(_audit(rows, seed=1)).scores


@pytest.mark.parametrize(
    ("change", "call", "said"),
    [
        ({"label": None}, {}, "label column 'label' has no value in rows 1, 2, 3, 4, 5 and 95 more"),
        ({"answer": "x"}, {"model": "answer"}, "holds none of the labels"),
        ({"label": "pro", "split": "test"}, {"split": "split"}, "holds 'pro' in all 100 rows"),
        ({"label": "pro"}, {}, "holds 'pro' in all 100 rows"),
        ({}, {"label": "id"}, "has 100 different values in 100 rows"),
        ({}, {"groups": []}, "`groups` is empty"),
        ({}, {"groups": ["outlet", "outlet"]}, "names 'outlet' twice"),
        ({}, {"groups": ["label"]}, "'label' is also named for another role"),
        ({}, {"groups": ["outlets"]}, "'outlet'"),
        ({}, {"groups": None}, "`groups` is empty"),
        ({}, {"groups": [3]}, "3 is not a column name"),
        ({}, {"permutations": 99}, "whole number of at least 100"),
        ({}, {"permutations": 1e3}, "Give a whole number of at least"),
        ({}, {"seed": -1}, "The seed -1 cannot be used"),
        ({}, {"seed": None}, "Give a whole number from 0"),  # it would draw otherwise each time
        ({"article": None}, {"cluster": "article"}, "cluster column 'article' has no value in rows 1, 2"),
    ],
)
def test_bad_input_is_an_error_that_names_columns_and_rows(
    change: dict[str, Any], call: dict[str, Any], said: str
) -> None:
    rows = [{**row, **change} for row in corpus(100, 0.2, 3)]
    with pytest.raises(EspressError) as error:
        espress.audit(rows, **{"text": "text", "label": "label", "groups": ["outlet"], **call})
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("yes", "yes "), "'yes' (rows 1, 3, 5, 7, 9 and 45 more), 'yes ' (rows"),
        (("yes", "yes\u00a0"), r"'yes\xa0'"),
        (("ye s", "ye\u00a0s"), r"'ye\xa0s'"),
        (("yes", "y\u200bes"), r"'y\u200bes'"),
        (("é", "e\u0301"), r"'\xe9'"),
    ],
)
def test_labels_that_look_alike_are_refused_and_both_are_named(values: tuple[str, str], named: str) -> None:
    rows = [{**row, "label": values[at % 2]} for at, row in enumerate(corpus(100, 0.2, 3))]
    with pytest.raises(InputError) as error:
        _audit(rows)
    assert "label column 'label' holds values that look alike" in str(error.value)
    assert named in str(error.value)
    assert "Correct them if they are one label" in str(error.value)


def test_values_that_look_alike_are_a_warning_in_other_columns() -> None:
    rows = [
        {**row, "label": row["label"] if at % 9 else row["label"].upper()} for at, row in enumerate(corpus(100, 0.2, 3))
    ]
    rows[3]["outlet"] += " "
    warnings = _audit(rows).warnings
    assert any("label column 'label' holds values that look alike: 'CON' (rows" in one for one in warnings)
    (about,) = (one for one in warnings if "group column 'outlet'" in one)
    assert "'outlet 3' (rows" in about
    assert "'outlet 3 ' (row 4). They count as different values." in about


def test_predictions_that_look_like_a_label_are_refused() -> None:
    rows = [{**row, "answer": row["label"] if at else f"{row['label']} "} for at, row in enumerate(corpus(100, 0.2, 3))]
    with pytest.raises(InputError, match=r"'(pro|con) ' looks like the label '(pro|con)'\. Correct the predictions"):
        _audit(rows, model="answer")


def test_a_split_with_one_label_on_a_side_is_refused() -> None:
    rows = _sided(corpus(100, 0.2, 3))
    one_sided = [{**row, "label": row["label"] if row["split"] == "train" else "pro"} for row in rows]
    with pytest.raises(InputError, match="all rows tested in the split 'split' are labelled 'pro'"):
        _audit(one_sided, split="split")


def test_the_verdict_claims_no_more_than_was_found_and_does_not_repeat_itself_for_pairs() -> None:
    rows = [{**row, "page": f"p{at % 7}"} for at, row in enumerate(corpus(400, 0.35, 3))]
    verdict = _audit(rows, ["outlet", "page"]).verdict
    assert verdict[0].startswith("label is predictable from outlet in cross-validation")
    assert verdict[1].startswith("The share of label = pro varies between values of outlet")
    assert verdict[2].startswith("The same is true of outlet × page")
    assert "neither that the labels are wrong nor that any model uses outlet" in verdict[3]
    assert not any("is predictable from outlet × page" in sentence for sentence in verdict)


def test_names_of_columns_cannot_control_the_terminal_through_verdict_and_warnings() -> None:
    name = "out\x1b[2J\nlet"
    rows = [{**row, name: row["outlet"], "art\x07": f"a{at % 7}"} for at, row in enumerate(corpus(100, 0.35, 3))]
    audit = _audit(rows, [name], cluster="art\x07", permutations=100)
    assert any("out [2J let" in sentence for sentence in audit.verdict)
    assert "Only 7 clusters (art )" in audit.warnings[0]
    assert all(sentence.isprintable() for sentence in (*audit.verdict, *audit.warnings))


def test_a_pair_can_predict_labels_that_neither_column_predicts() -> None:
    rng = np.random.default_rng(1)
    rows: list[dict[str, Any]] = []
    for at in range(400):
        desk, page = rng.integers(0, 2, 2)
        rows.append({"text": f"t {at}", "label": "ab"[desk ^ page], "desk": f"d{desk}", "page": f"p{page}"})
    audit = _audit(rows, ["desk", "page"])
    assert audit.flagged == ("desk × page",)
    pair = _only(audit, "desk × page")
    assert (pair.scores.macro_f1, pair.scores.balanced_accuracy, pair.found_by) == (1.0, 1.0, ("macro-F1", "gain"))
    assert {_only(audit, name).status for name in ("desk", "page")} == {"no evidence"}
    # Only the label shares of the pair show the finding, so they are part of the report.
    assert [each.name for each in audit.label_shares] == ["desk", "page", "desk × page"]
    assert {max(group.shares) for group in audit.label_shares[2].shown} == {1.0}


@pytest.mark.parametrize("library", ["sklearn.feature_extraction.text", "rensa"])
def test_a_missing_library_is_reported_with_the_command_that_installs_it(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    rows = corpus(40, 0.2, 1)
    _audit(rows, permutations=100)  # so that only our own import of it fails
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(espress.MissingLibraryError, match=r"pip install 'espress-[\d.]+-py3-none-any\.whl\[audit\]'"):
        _audit(rows, permutations=100)
