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

from espress_build.cli.main import main
from espress_build.inputs.judgements import Judgement, read_annotations
from espress_build.labels.agreement import (
    NO_ENTRY,
    _compute_alpha,
    _compute_alphas,
    _count_votes,
    count_differences,
    measure,
    measure_fields,
)
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


def test_ordinal_alpha_forgives_near_misses_more_than_far_ones() -> None:
    def items(odd: str) -> dict[str, dict[str, str | None]]:
        scale = ["against", "neither", "favor"] * 4
        return {f"i.{n}": {"x": v, "y": odd if n == 0 else v} for n, v in enumerate(scale)}

    near, far = (measure("article x event", "stance", items(odd)).alpha for odd in ("neither", "favor"))
    assert near is not None
    assert far is not None
    assert near > far


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


def test_an_interval_needs_enough_paragraphs_and_holds_the_estimate() -> None:
    votes: dict[str, dict[str, str | None]] = {
        f"art.p{n:02d}.01": {"x": "ab"[n % 2], "y": "ab"[n % 2] if n > 2 else "a"} for n in range(30)
    }
    found = measure("unit", "aspect", votes)
    assert found.interval is not None
    assert found.alpha is not None
    assert found.interval[0] <= found.alpha <= found.interval[1]
    assert measure("unit", "aspect", dict(list(votes.items())[:9])).interval is None


def test_judgements_that_differ_are_counted_by_pair_and_field_and_a_missing_one_differs() -> None:
    def one(who: str, item: str, value: str) -> Judgement:
        return Judgement(who, item, "", 0, "aspect", value, None, None, "", "r", "1.0.0")

    given_by = [one("x", "i", "none"), one("y", "i", "sourcing"), one("x", "j", "none")]
    assert count_differences(given_by) == {("x", "y"): {"aspect": 2}}


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


def test_pairs_are_compared_by_the_values_of_all_their_entries() -> None:
    def judge(who: str, *positions: str) -> list[Judgement]:
        bears = Judgement(
            who, "a.p01.01", "p", 0, "bears_on", "yes" if positions else "no", None, None, "", "r", "2.0.0"
        )
        return [bears] + [
            Judgement(who, "a.p01.01", "p", number, "position", value, None, None, "", "r", "2.0.0")
            for number, value in enumerate(positions, 1)
        ]

    def compare(first: tuple[str, ...], second: tuple[str, ...]) -> dict[str, str | None]:
        found = measure_fields([*judge("x", *first), *judge("y", *second)], {}, resamples=0)
        own = [one for one in found if one.level == "unit x proposition, its entries" and one.field == "position"]
        return next(iter(own[0].disputes.values()), {}) if own else {}

    assert compare(("deny", "support"), ("support", "deny")) == {}
    assert compare(("support",), ()) == {"x": "support", "y": NO_ENTRY}
    assert compare(("support",), ("support", "deny")) == {"x": "support", "y": "deny + support"}
