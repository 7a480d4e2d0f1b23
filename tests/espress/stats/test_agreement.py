"""Agreement: the figures are those of plain arithmetic, and copies are found."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.stats.agreement import (
    FEWEST_CLUSTERS,
    NO_ENTRY,
    SEEN,
    _compute_alpha,
    _compute_alphas,
    _count_votes,
    count,
    count_differences,
    group_entries,
    measure,
    measure_fields,
    read_value,
)
from espress_build.cli.main import main
from espress_build.inputs.judgements import Judgement, read_annotations
from espress_build.metadata.labels import find_copied_passes

if TYPE_CHECKING:
    from pathlib import Path


def _plain_alpha(items: list[dict[str, str | None]]) -> float | None:
    """Krippendorff's nominal alpha, as in the textbook: one minus observed over expected disagreement."""
    units = [list(votes.values()) for votes in items if len(votes) > 1]
    coincidences: dict[tuple[str | None, str | None], float] = defaultdict(float)
    for votes in units:
        for one, two in permutations(votes, 2):
            coincidences[one, two] += 1 / (len(votes) - 1)
    totals: dict[str | None, float] = defaultdict(float)
    for (value, _), number in coincidences.items():
        totals[value] += number
    n = sum(totals.values())
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b) / (n - 1) if n > 1 else 0
    if not expected:
        return None
    return 1 - sum(number for (a, b), number in coincidences.items() if a != b) / expected


_VOTES = st.lists(
    st.dictionaries(st.sampled_from(["x", "y", "z"]), st.sampled_from(["a", "b", None]), min_size=2),
    min_size=2,
    max_size=12,
)


@settings(deadline=None)
@given(_VOTES)
def test_nominal_alpha_is_the_textbook_s(votes: list[dict[str, str | None]]) -> None:
    found = measure("unit", "aspect", {f"i.{n}": v for n, v in enumerate(votes)})
    plain = _plain_alpha(votes)
    assert found.alpha is None if plain is None else found.alpha == pytest.approx(plain, abs=6e-4)
    assert found.disputed == sum(len(set(v.values())) > 1 for v in votes)


@pytest.mark.parametrize("order", [None, ("a", "b", "c")])
@settings(deadline=None, max_examples=30)
@given(_VOTES, st.data())
def test_resampled_alphas_are_the_librarys(
    order: tuple[str, ...] | None, votes: list[dict[str, str | None]], data: st.DataObject
) -> None:
    numbers = st.lists(st.integers(0, 3), min_size=len(votes), max_size=len(votes))
    weights = np.array([data.draw(numbers)])
    drawn = [vote for vote, number in zip(votes, weights[0], strict=True) for _ in range(number)]
    alphas = _compute_alphas(weights, _count_votes(votes, order), is_ordinal=order is not None)
    alpha = _compute_alpha(drawn, order)
    assert list(alphas) == ([] if alpha is None else [pytest.approx(alpha)])


def test_the_real_passes_are_no_copies_and_a_copy_is_found(project: Path, tmp_path: Path) -> None:
    import shutil

    assert find_copied_passes(project / "dataset") == []
    dataset = shutil.copytree(project / "dataset", tmp_path / "dataset")
    path = dataset / "data" / "annotations.parquet"
    table = pq.read_table(path)
    rows = [row for row in table.to_pylist() if row["annotator"] != "model-2"]
    rows += [row | {"annotator": "model-2"} for row in rows if row["annotator"] == "model-1"]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    assert find_copied_passes(dataset) == [("model-1", "model-2")]
    assert main(["--project", str(project), "--dataset", str(dataset), "agreement"]) == 1


def test_a_coefficient_stands_only_where_the_design_fixes_the_items(project: Path) -> None:
    counted = read_annotations(project / "raw" / "annotations").select_counted()
    found = {(one.level, one.field): one for one in measure_fields(counted, {}, resamples=0)}
    entry = [one for (level, _), one in found.items() if level == "entry"]
    assert {one.metric for one in entry} == {"counts"}
    assert {one.alpha for one in entry} == {None}
    assert found["unit x proposition", "bears_on"].annotators == 3
    assert found["unit x proposition", "bears_on"].alpha is not None
    pairs = found["unit x proposition, its entries", "position"]
    assert pairs.items == found["unit x proposition", "bears_on"].items
    assert pairs.with_value < pairs.items  # most pairs have no entry, and agreement on that is no value
    assert ("entry", "cue_strength, lapsed carried on") in found
    lapsed = found["entry", "lapsed"]
    assert lapsed.with_value < lapsed.items == found["entry", "attributed"].items


def _judge(who: str, item: str, field: str, value: str, entry: tuple[str, int] = ("", 0), **more: int) -> Judgement:
    return Judgement(who, item, *entry, field, value, more.get("start"), more.get("end"), "", "r", "2.0.0")


def test_pairs_are_compared_by_the_values_of_all_their_entries() -> None:
    def judge(who: str, *positions: str) -> list[Judgement]:
        bears = _judge(who, "a.p01.01", "bears_on", "yes" if positions else "no", ("p", 0))
        entries = enumerate(positions, 1)
        return [bears, *(_judge(who, "a.p01.01", "position", value, ("p", number)) for number, value in entries)]

    def compare(first: tuple[str, ...], second: tuple[str, ...]) -> dict[str, str | None]:
        found = measure_fields([*judge("x", *first), *judge("y", *second)], {}, resamples=0)
        own = [one for one in found if one.level == "unit x proposition, its entries" and one.field == "position"]
        return next(iter(own[0].disputes.values()), {}) if own else {}

    assert compare(("deny", "support"), ("support", "deny")) == {}
    assert compare(("support",), ()) == {"x": "support", "y": NO_ENTRY}
    assert compare(("support",), ("support", "deny")) == {"x": "support", "y": "deny + support"}


def test_counts_are_of_items_that_two_or_more_judged() -> None:
    found = count(
        "entry",
        "position",
        {
            "a": {"x": "deny", "y": "support", "z": "deny"},
            "b": {"x": None, "y": None},
            "c": {"x": "deny", "z": NO_ENTRY},
            "d": {"w": "deny"},
            "e": {"x": NO_ENTRY, "y": NO_ENTRY},
        },
    )
    assert (found.level, found.field, found.metric) == ("entry", "position", "counts")
    assert (found.items, found.with_value, found.annotators, found.disputed) == (4, 2, 3, 2)
    assert (found.alpha, found.interval) == (None, None)
    assert found.confusion == {
        "deny · deny": 1,
        "deny · no entry": 1,
        "deny · support": 2,
        "no entry · no entry": 1,
        "∅ · ∅": 1,
    }
    assert list(found.confusion) == sorted(found.confusion)
    assert set(found.disputes) == {"a", "c"}


def _make_items(n_paragraphs: int, *, units: int = 2) -> dict[str, dict[str, str | None]]:
    """Return the votes of two annotators on units of paragraphs, some of them disputed."""
    rng = np.random.default_rng(3)
    return {
        f"art.p{paragraph:02d}.{number:02d}:prop": {
            "x": "ab"[(paragraph + number) % 2],
            "y": "ab"[(paragraph + number + int(rng.random() < 0.3)) % 2],
        }
        for paragraph in range(n_paragraphs)
        for number in range(units)
    }


def test_the_interval_is_that_of_a_plain_bootstrap_of_paragraphs() -> None:
    items = _make_items(12)
    paragraphs = [[votes for item, votes in items.items() if f".p{n:02d}." in item] for n in range(12)]
    alphas = [
        _plain_alpha([votes for place in row for votes in paragraphs[place]])
        for row in np.random.default_rng(0).integers(12, size=(200, 12))
    ]
    plain = np.quantile([alpha for alpha in alphas if alpha is not None], [0.025, 0.975])
    found = measure("unit x proposition", "bears_on", items, resamples=200)
    assert found.interval == tuple(round(float(end), 3) for end in plain)
    assert found.metric == "nominal"
    assert found.alpha is not None
    assert found.alpha == round(found.alpha, 3)


def test_units_of_one_paragraph_are_one_cluster_and_ten_clusters_are_enough() -> None:
    assert FEWEST_CLUSTERS == 10
    assert measure("unit", "aspect", _make_items(9, units=4)).interval is None
    assert measure("unit", "aspect", _make_items(10)).interval is not None
    single = measure("unit", "aspect", _make_items(12), cluster=lambda item: item)
    assert single.interval != measure("unit", "aspect", _make_items(12)).interval
    assert measure("unit", "aspect", _make_items(12), cluster=lambda _: "all").interval is None
    assert measure("unit", "aspect", _make_items(12), resamples=0).interval is None
    same: dict[str, dict[str, str | None]] = {item: dict.fromkeys("xy", v["x"]) for item, v in _make_items(12).items()}
    assert (measure("unit", "aspect", same).alpha, measure("unit", "aspect", same).interval) == (1.0, None)


def test_the_classes_of_stance_and_voice_are_ordered_and_nulls_have_no_place_among_them() -> None:
    def alpha(field: str, *pairs: tuple[str | None, str | None]) -> float | None:
        found = measure("article x event", field, {f"{n}": {"x": a, "y": b} for n, (a, b) in enumerate(pairs)})
        assert found.metric == ("nominal" if field == "focal_proposition" else "ordinal")
        return found.alpha

    same = [("against", "against"), ("neither", "neither"), ("favor", "favor")]
    near, far = alpha("stance", *same, ("against", "neither")), alpha("stance", *same, ("against", "favor"))
    # By hand. Values 3, 3, 2: distances 9, 30.25, 6.25; observed 18 / 8, expected 2 * (81 + 181.5 + 37.5) / 56.
    assert near == 0.79
    # Values 3, 2, 3: distances 6.25, 25, 6.25; observed 50 / 8, expected 2 * (37.5 + 225 + 37.5) / 56.
    assert far == 0.417
    assert alpha("stance", *same, ("against", None)) == 1.0
    assert alpha("stance", ("favor", "favor"), (None, "against")) is None
    assert alpha("focal_proposition", ("p", "p"), ("p", "p")) is None
    voices = [("denies", "denies"), ("reports", "reports"), ("asserts", "asserts")]
    nearer, farther = (alpha("lead_voice", *voices, ("denies", other)) for other in ("reports", "asserts"))
    assert nearer is not None
    assert farther is not None
    assert nearer > farther


def test_an_annotator_alone_on_an_item_changes_no_alpha() -> None:
    items = _make_items(4)
    more: dict[str, dict[str, str | None]] = items | {"art.p09.01": {"x": "a"}, "art.p09.02": {"y": "c"}}
    assert measure("unit", "aspect", more).alpha == measure("unit", "aspect", items).alpha


@pytest.mark.parametrize(
    ("one", "value"),
    [
        (_judge("x", "i", "cue_span", "yes", start=0, end=4), "0-4"),
        (_judge("x", "i", "cue_span", ""), None),
        (_judge("x", "i", "stance", "none"), "neither"),
        (_judge("x", "i", "aspect", "none"), "none"),
        (_judge("x", "i", "stance", "favor"), "favor"),
        (_judge("x", "i", "position", ""), None),
    ],
)
def test_the_value_of_a_judgement_is_its_place_class_or_null(one: Judgement, value: str | None) -> None:
    assert read_value(one) == value


def _judge_entries() -> list[Judgement]:
    """Two annotators judge two units; both record the entry of the first, one that of the second."""
    p = ("prop", 1)
    first = {"x": ("paper", "yes", "ministry"), "y": ("paper", "no", "")}
    judged = [_judge(who, item, "bears_on", "yes", ("prop", 0)) for who in "xy" for item in ("a.p01.01", "a.p01.02")]
    for who, (source, lapsed, carried) in first.items():
        values = {"position": "deny", "source_id": source, "lapsed": lapsed, "carried_source_id": carried}
        strengths = {"cue_strength": "weak", "carried_cue_strength": "strong"}
        judged += [_judge(who, "a.p01.01", field, value, p) for field, value in (values | strengths).items()]
    judged.append(_judge("y", "a.p01.02", "position", "support", p))
    return judged


def test_entries_are_seen_by_those_who_record_them_among_those_who_judged_the_pair() -> None:
    assert group_entries(_judge_entries()) == {
        "a.p01.01:prop:1": {"x": "recorded", "y": "recorded"},
        "a.p01.02:prop:1": {"x": "not recorded", "y": "recorded"},
    }


def test_fields_of_entries_are_measured_in_both_readings_and_by_class_of_source() -> None:
    classes = {"paper": "outlet", "ministry": "official"}
    found = {(one.level, one.field): one for one in measure_fields(_judge_entries(), classes, resamples=0)}
    assert found["entry", SEEN].confusion == {"not recorded · recorded": 1, "recorded · recorded": 1}
    assert found["entry", "source_id"].disputes == {}
    assert found["entry", "source_id, lapsed carried on"].disputes == {
        "a.p01.01:prop:1": {"x": "ministry", "y": "paper"}
    }
    assert found["entry", "source_class, lapsed carried on"].disputes == {
        "a.p01.01:prop:1": {"x": "official", "y": "outlet"}
    }
    assert found["entry", "cue_strength, lapsed carried on"].disputes == {
        "a.p01.01:prop:1": {"x": "strong", "y": "weak"}
    }
    pairs = "unit x proposition, its entries"
    assert {field for level, field in found if level == pairs} == {
        "source_id", "source_class", "position", "source_id, lapsed carried on", "source_class, lapsed carried on",
    }  # fmt: skip
    assert found[pairs, "position"].disputes == {"a.p01.02:prop": {"x": NO_ENTRY, "y": "support"}}
    assert found[pairs, "source_class, lapsed carried on"].confusion == {
        "no entry · no entry": 1, "official · outlet": 1,
    }  # fmt: skip
    assert found["unit x proposition", "bears_on"].items == 2


def test_an_entry_of_an_annotator_who_did_not_judge_its_pair_is_no_value_of_the_pair() -> None:
    judged = [*_judge_entries(), _judge("z", "a.p01.02", "position", "deny", ("prop", 1))]
    found = {(one.level, one.field): one for one in measure_fields(judged, {}, resamples=0)}
    assert found["unit x proposition, its entries", "position"].annotators == 2


def test_differences_leave_out_devices_and_pairs_that_share_no_item() -> None:
    given_by = [
        _judge("x", "i", "stance", "none"), _judge("y", "i", "stance", "neither"),
        _judge("x", "i", "devices", "irony"), _judge("y", "i", "devices", "quotes"),
        _judge("x", "i", "position", "deny", ("p", 1)), _judge("y", "i", "position", "deny", ("p", 2)),
        _judge("x", "i", "lapsed", ""), _judge("a", "k", "stance", "favor"),
    ]  # fmt: skip
    assert count_differences(given_by) == {("x", "y"): {"lapsed": 1, "position": 2}}
