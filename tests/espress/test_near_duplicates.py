"""Shingles, buckets and linked groups, which the build and the audit share."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from espress.near_duplicates import LinkedGroups, buckets, shingles, sketch


def test_shingles_are_runs_of_words() -> None:
    assert shingles(["a", "b", "c", "d"], 3) == ["a b c", "b c d"]
    assert shingles(["a", "b"], 3) == []


def test_sketches_estimate_the_similarity_of_sets() -> None:
    one, other = ([f"w{at}" for at in range(start, start + 300)] for start in (0, 100))
    sketches = sketch([one, other, one[::-1]], 512)
    assert sketches.shape == (3, 512)
    assert abs((sketches[0] == sketches[1]).mean() - 0.5) < 0.1
    assert (sketches[0] == sketches[2]).all()
    assert sketch([], 8).shape == (0, 8)


@given(st.integers(0, 10_000), st.integers(0, 12), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_buckets_hold_the_rows_that_agree_in_a_band(seed: int, n: int, width: int) -> None:
    sketches = np.random.default_rng(seed).integers(0, 2, (n, 3 * width), dtype=np.uint32)
    found = [tuple(bucket.tolist()) for bucket in buckets(sketches, 3)]
    expected: list[tuple[int, ...]] = []
    for band in range(3):
        rows = [tuple(row[band * width : (band + 1) * width]) for row in sketches.tolist()]
        expected += {tuple(at for at, other in enumerate(rows) if other == row) for row in rows if rows.count(row) > 1}
    assert sorted(found) == sorted(expected)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
@settings(max_examples=100, deadline=None)
def test_groups_are_those_that_links_reach_and_are_named_by_their_least_member(links: list[tuple[int, int]]) -> None:
    groups, reach = LinkedGroups[int](), {item: {item} for item in range(31)}
    for first, second in links:
        groups.link(first, second)
        joined = reach[first] | reach[second]
        for member in joined:
            reach[member] = joined
    assert {item: groups.name(item) for item in reach} == {item: min(reach[item]) for item in reach}
