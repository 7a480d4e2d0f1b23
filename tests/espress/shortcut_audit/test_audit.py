"""The whole audit: shortcuts at their true strength, noise as noise, and every number as a plain count gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.espress.shortcut_audit import plain
from tests.espress.shortcut_audit.made import corpus, design_of

import espress
from espress.errors import EspressError, InputError
from espress.shortcut_audit import folds, lookup, measure, references
from espress.shortcut_audit.result import NOT_APPLICABLE, UNDEFINED, Audit, Shortcut
from espress.stats import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence


def _audit(rows: Any, groups: Sequence[str] = ("outlet",), **named: Any) -> Audit:
    return espress.audit(rows, text="text", label="label", groups=list(groups), **{"permutations": 199, **named})


def _only(audit: Audit, name: str = "outlet") -> Shortcut:
    return next(each for each in audit.shortcuts if each.name == name)


@pytest.mark.parametrize(("strength", "seed"), [(0.1, 1), (0.2, 2), (0.35, 3)])
def test_a_shortcut_is_found_at_its_true_strength(strength: float, seed: int) -> None:
    found = _only(_audit(corpus(1500, strength, seed)))
    # Both labels are equally common, so the best possible rule has macro-F1 0.5 + strength and the floor is 0.5.
    assert found.interval.low is not None
    assert found.interval.high is not None
    assert found.interval.low <= 0.5 + strength <= found.interval.high
    assert found.interval.high - found.interval.low < 0.06
    assert found.skill.low is not None
    assert found.skill.high is not None
    assert found.skill.low <= 2 * strength <= found.skill.high
    assert found.flagged == (found.skill.low > 0.10)
    assert found.null is not None
    assert found.null.p == found.null.p_adjusted == 1 / 200
    # Gain: 1 - H(0.5 + strength) bits of one bit.
    p = 0.5 + strength
    assert found.scores.gain_share == pytest.approx(1 + p * np.log2(p) + (1 - p) * np.log2(1 - p), abs=0.05)


def test_a_shuffled_column_of_mostly_singletons_is_no_evidence() -> None:
    # 86 % of the values occur once; counted and scored on the same rows, the look-up seems to know most labels.
    rng = np.random.default_rng(5)
    names = [f"author {at}" for at in range(860)] + [f"desk {at}" for at in range(140)] * 6
    order = rng.permutation(len(names))
    rows = [{**row, "author": names[at]} for row, at in zip(corpus(len(names), 0.0, 5), order, strict=True)]
    audit = _audit(rows, ["author"], permutations=1000)
    found = _only(audit, "author")
    singletons = np.unique(np.unique(names, return_counts=True)[1], return_counts=True)[1]
    assert singletons[0] / singletons.sum() == 0.86
    assert found.in_sample_macro_f1 == pytest.approx(0.84, abs=0.02)
    assert found.status == "no evidence"
    assert not audit.flagged
    assert audit.verdict[0].startswith("There is no evidence that label is predictable from author")
    assert found.null is not None
    assert found.null.p > 0.05
    assert abs(found.null.excess) < 0.03
    assert found.skill.high is not None
    assert found.skill.high < 0.05


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
        assert found.scores.accuracy == pytest.approx(plain.accuracy(gold, predicted), abs=1e-12)
        gain = sum(plain.gain(groups, labels, each, 3) for each in repeats) / 5
        assert found.scores.gain == pytest.approx(gain, abs=1e-12)
        assert found.scores.gain_share == pytest.approx(gain / plain.entropy(labels), abs=1e-12)
        seen = [(y, answer[0]) for y, answer in zip(gold, answers, strict=True) if answer[2]]
        assert found.covered.n == round(len(seen) / 5)
        covered = plain.macro_f1([y for y, _ in seen], [answer for _, answer in seen], 3)
        assert found.covered.macro_f1 == pytest.approx(covered, abs=1e-12)
        skill = (plain.macro_f1(gold, predicted, 3) - floor) / (1 - floor)
        assert found.skill.value == pytest.approx(skill, abs=1e-12)
        assert found.null is not None
        assert found.null.mean + found.null.excess == pytest.approx(found.scores.macro_f1, abs=1e-12)


def test_an_interval_equals_resampling_the_rows_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "RESAMPLES", 30)
    rng = np.random.default_rng(0)
    labels, clusters = rng.integers(0, 2, 40), np.repeat(np.arange(8), 5)
    answers = [np.where(rng.random(40) < right, labels, 1 - labels) for right in (0.8, 0.6)]
    systems = [
        np.stack([_tally(labels[clusters == each], system[clusters == each]) for each in range(8)])
        for system in answers
    ]
    ours = measure.resample(systems, 8, seed=4)
    picks = np.random.default_rng(4).integers(8, size=(30, 8))
    for system, found in zip(answers, ours, strict=True):
        assert found.draws is not None
        for draw, chosen in zip(found.draws, picks, strict=True):
            rows = np.concatenate([np.flatnonzero(clusters == each) for each in chosen])
            assert draw == pytest.approx(plain.macro_f1(labels[rows].tolist(), system[rows].tolist(), 2), abs=1e-12)


def _tally(gold: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return np.array(
        [[((gold == y) & (predicted == y)).sum(), (predicted == y).sum(), (gold == y).sum()] for y in (0, 1)]
    )


def test_drawing_by_the_prior_is_the_best_rule_that_does_not_look() -> None:
    # Among all q, expected macro-F1, mean_k 2 p_k q_k / (p_k + q_k), is highest at q = p, and is 1 / K there.
    rng = np.random.default_rng(0)
    for _ in range(300):
        p, q = rng.dirichlet(np.ones(4), 2)
        assert (2 * p * q / (p + q)).mean() <= (2 * p * p / (2 * p)).mean() + 1e-12
        assert (2 * p * p / (2 * p)).mean() == pytest.approx(1 / 4)


def test_expected_tallies_are_what_drawing_gives_in_the_long_run() -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random(300) < 0.3).astype(int).tolist()
    cut = (rng.permutation(300) % 5).tolist()
    expected = lookup.tally_drawing(design_of(labels, [cut])).sum(axis=0)
    shares = [plain.prior(labels, cut, fold, 2)[1] for fold in cut]
    drawn = [(rng.random(300) < shares).astype(int).tolist() for _ in range(400)]
    once = float(np.mean([plain.macro_f1(labels, answers, 2) for answers in drawn]))
    pooled = plain.macro_f1(labels * 400, [answer for answers in drawn for answer in answers], 2)
    score = float(macro_f1(expected))
    assert score == pytest.approx(pooled, abs=0.005)
    assert score == pytest.approx(once, abs=0.01)  # one draw a row scores a little less: F1 is no linear function


def test_a_group_disjoint_split_is_not_applicable_and_never_nought() -> None:
    rows = [{**row, "split": "test" if row["outlet"] == "outlet 3" else "train"} for row in corpus(200, 0.3, 7)]
    audit = _audit(rows, split="split")
    found = _only(audit)
    assert found.status == found.skill.reason == found.interval.reason == NOT_APPLICABLE
    assert (found.skill.value, found.scores.macro_f1, found.null, found.coverage) == (None, None, None, 0.0)
    assert found.share_of_gain is not None
    assert (found.share_of_gain.value, found.share_of_gain.reason) == (None, NOT_APPLICABLE)
    assert "not applicable by construction" in audit.verdict[0]
    assert audit.overlaps[0].shared_groups == audit.overlaps[0].test_rows_shared == 0
    by_cluster = _audit(rows, cluster="outlet")
    assert _only(by_cluster).status == NOT_APPLICABLE


def test_intervals_are_refused_below_five_clusters_and_warned_of_below_ten() -> None:
    def audited(clusters: int) -> Audit:
        rows = [{**row, "article": f"a{at % clusters}"} for at, row in enumerate(corpus(120, 0.4, 8, outlets=2))]
        return _audit(rows, cluster="article", permutations=100)

    refused, warned, sound = (_only(audited(clusters)) for clusters in (4, 7, 12))
    assert refused.interval.low is None
    assert refused.interval.reason is not None
    assert "fewer than 5" in refused.interval.reason
    assert not refused.flagged
    assert refused.share_of_gain is not None
    assert refused.share_of_gain.reason == UNDEFINED
    assert warned.interval.low is not None
    assert warned.interval.reason is not None
    assert "fewer than 10" in warned.interval.reason
    assert sound.interval.low is not None
    assert sound.interval.reason is None


def test_rows_without_clusters_are_their_own_and_the_result_says_so() -> None:
    audit = _audit(corpus(100, 0.2, 1))
    assert audit.data.cluster.startswith("none given: each row")
    assert audit.data.clusters == 100
    assert any("No cluster was named" in warning for warning in audit.warnings)


def test_share_of_gain_is_undefined_for_a_model_near_the_prior_and_a_ratio_for_another() -> None:
    rows = corpus(600, 0.2, 9)
    assert _audit(rows).model == "text"
    undefined = _only(_audit(rows)).share_of_gain
    assert undefined is not None
    assert (undefined.value, undefined.reason) == (None, UNDEFINED)
    rng = np.random.default_rng(2)
    other = {"pro": "con", "con": "pro"}
    guessed = [{**row, "answer": row["label"] if rng.random() < 0.9 else other[row["label"]]} for row in rows]
    audit = _audit(guessed, model="answer")
    found, model = _only(audit), audit.references[-1]
    assert (audit.model, model.name) == ("answer", "answer")
    gold, answers = ([["con", "pro"].index(row[name]) for row in guessed] for name in ("label", "answer"))
    assert model.scores.macro_f1 == pytest.approx(plain.macro_f1(gold, answers, 2), abs=1e-12)
    share = found.share_of_gain
    assert share is not None
    assert share.value is not None
    assert found.scores.macro_f1 is not None
    assert model.above_prior.value is not None
    assert share.value == pytest.approx(
        (found.scores.macro_f1 - audit.floor.macro_f1) / model.above_prior.value, abs=1e-12
    )
    assert share.low is not None
    assert share.high is not None
    assert share.low < 0.5 < share.high  # 0.2 of 0.4 that can be gained


def test_answers_that_are_no_labels_are_wrong_and_named() -> None:
    rows = [{**row, "answer": row["label"]} for row in corpus(100, 0.2, 9)]
    rows[4]["answer"] = "perhaps"
    audit = _audit(rows, model="answer")
    assert audit.references[-1].scores.accuracy == 0.99
    assert any("gives no label ('perhaps') in row 5" in warning for warning in audit.warnings)
    with pytest.raises(InputError, match="holds none of the labels"):
        _audit([{**row, "answer": "x"} for row in rows], model="answer")


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
    assert constant.status == "no evidence"
    assert constant.null is not None
    assert constant.null.p == 1.0
    assert _only(audit, "copy").scores.macro_f1 == 1.0
    assert _only(audit, "outlet × twin").flags[0].kind == "alias"


def test_a_column_nearly_constant_in_its_clusters_is_flagged() -> None:
    rows = [
        {**row, "article": f"a{at // 20}", "desk": f"d{at // 20 % 3}" if at % 20 else "x"}
        for at, row in enumerate(corpus(400, 0.2, 1))
    ]
    found = _only(_audit(rows, ["desk"], cluster="article"), "desk")
    assert found.null is not None
    assert found.null.scheme == "rows within clusters"
    assert "mostly_constant_in_cluster" in [flag.kind for flag in found.flags]


def test_the_text_model_is_found_where_text_tells_and_scored_within_groups() -> None:
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


def test_length_that_gives_the_label_away_is_seen() -> None:
    rows = corpus(300, 0.0, 6)
    for row in rows:
        row["text"] = "word " * (5 if row["label"] == "pro" else 9)
    audit = _audit(rows)
    assert [each.scores.macro_f1 for each in audit.references[:2]] == [1.0, 1.0]


def test_large_corpora_are_read_in_part_and_the_result_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = corpus(900, 0.3, 2)
    exact = _audit(rows)
    monkeypatch.setattr(references, "ROWS", 300)
    monkeypatch.setattr(folds, "RESAMPLING_UNITS", 200)
    part = _audit(rows)
    assert any("300 of 900 rows" in warning for warning in part.warnings)
    assert part.references[2].scores.n == 300
    assert part.shortcuts[0].scores == exact.shortcuts[0].scores
    low, high = exact.shortcuts[0].interval.low, exact.shortcuts[0].interval.high
    assert part.shortcuts[0].interval.low == pytest.approx(low, abs=0.012)
    assert part.shortcuts[0].interval.high == pytest.approx(high, abs=0.012)


def test_the_same_seed_gives_the_same_result_and_another_other_folds() -> None:
    rows = corpus(200, 0.2, 3)
    assert _audit(rows) == _audit(rows)
    assert _only(_audit(rows)).scores != _only(_audit(rows, seed=1)).scores


def test_a_class_that_is_never_trained_on_is_said() -> None:
    rows = [{**row, "split": "train" if at % 3 else "test"} for at, row in enumerate(corpus(100, 0.2, 3))]
    rows[0]["label"] = rows[3]["label"] = "new"
    audit = _audit(rows, split="split")
    assert any("No row trained on is labelled 'new'" in warning for warning in audit.warnings)
    assert np.isfinite(_only(audit).scores.gain or np.nan)


@pytest.mark.parametrize(
    ("change", "call", "said"),
    [
        ({"label": None}, {}, "label column 'label' has no value in rows 1, 2, 3, 4, 5 and 95 more"),
        ({"label": "pro"}, {}, "holds 'pro' in all 100 rows"),
        ({}, {"label": "id"}, "has 100 different values in 100 rows"),
        ({}, {"groups": []}, "`groups` is empty"),
        ({}, {"groups": ["outlet", "outlet"]}, "names 'outlet' twice"),
        ({}, {"groups": ["label"]}, "'label' has a second role"),
        ({}, {"groups": ["outlets"]}, "'outlet'"),
        ({}, {"groups": None}, "`groups` is empty"),
        ({}, {"groups": [3]}, "3 is no column name"),
        ({}, {"permutations": 99}, "Ask for 100 at least"),
        ({}, {"permutations": 1e3}, "as a whole number"),
        ({}, {"seed": -1}, "The seed -1 cannot start the draws"),
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


def test_empty_texts_are_named_and_do_not_stop_the_audit() -> None:
    rows: list[dict[str, Any]] = list(corpus(100, 0.2, 3))
    rows[6]["text"] = None
    assert any("'text' is empty in row 7" in warning for warning in _audit(rows).warnings)
    nothing = _audit([{**row, "text": "--"} for row in rows])
    assert nothing.references[2].scores.macro_f1 == nothing.floor.majority_macro_f1


def test_the_verdict_claims_no_more_than_was_found() -> None:
    said = " ".join(_audit(corpus(400, 0.35, 3)).verdict)
    assert "predictable from outlet in cross-validation" in said
    assert "neither that the labels are wrong nor that any model uses outlet" in said


def test_a_split_that_cuts_clusters_or_has_one_label_on_a_side_is_said() -> None:
    rows = [
        {**row, "split": "test" if at % 3 else "train", "art": f"a{at % 20}"}
        for at, row in enumerate(corpus(100, 0.2, 3))
    ]
    audit = _audit(rows, split="split", cluster="art")
    assert any("20 clusters (art) are on both sides" in warning for warning in audit.warnings)
    one_sided = [{**row, "label": row["label"] if row["split"] == "train" else "pro"} for row in rows]
    with pytest.raises(InputError, match="all rows tested in the split 'split' are labelled 'pro'"):
        _audit(one_sided, split="split")


def test_rare_labels_are_said() -> None:
    rows = corpus(100, 0.2, 3)
    for row in rows[:4]:
        row["label"] = "rare"
    assert any("Fewer than 10 tested rows are labelled 'rare'" in warning for warning in _audit(rows).warnings)


def test_the_verdict_does_not_repeat_itself_for_pairs() -> None:
    rows = [{**row, "page": f"p{at % 7}"} for at, row in enumerate(corpus(400, 0.35, 3))]
    audit = _audit(rows, ["outlet", "page"])
    assert audit.verdict[0].startswith("label is predictable from outlet in cross-validation")
    assert any(said.startswith("The same holds of outlet × page") for said in audit.verdict)
    assert sum("is predictable from outlet × page" in said for said in audit.verdict) == 0


def test_a_pair_tells_what_neither_column_tells() -> None:
    rng = np.random.default_rng(1)
    rows: list[dict[str, Any]] = []
    for at in range(400):
        desk, page = rng.integers(0, 2, 2)
        rows.append({"text": f"t {at}", "label": "ab"[desk ^ page], "desk": f"d{desk}", "page": f"p{page}"})
    audit = _audit(rows, ["desk", "page"])
    assert audit.flagged == ("desk × page",)
    assert _only(audit, "desk × page").scores.macro_f1 == 1.0


@pytest.mark.parametrize("library", ["sklearn.feature_extraction.text", "rensa"])
def test_a_library_that_is_missing_is_named_with_what_to_type(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    rows = corpus(40, 0.2, 1)
    _audit(rows, permutations=100)  # so that only our own import of it fails
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(espress.MissingLibraryError, match=r"pip install 'espress\[audit\]'"):
        _audit(rows, permutations=100)
