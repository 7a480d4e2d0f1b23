"""Splits: linked groups stay together, shares are met, and what a release froze does not move."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import InputError
from espress_build.constructed.splits import FRAME_SHARES, SHEET_SHARES, assign_splits, freeze_splits, read_splits

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = {f"denial/f{n:02d}": ("denial",) for n in range(1, 13)}


def test_the_twelve_frames_of_a_function_are_four_two_and_six() -> None:
    assert Counter(assign_splits(FRAMES, (), FRAME_SHARES, {}).values()) == {"train": 4, "dev": 2, "test": 6}


def test_eighty_sheets_are_about_forty_ten_and_thirty_with_each_event_in_each_split() -> None:
    sheets = {f"s{n:03d}": ("all", f"event {n % 8}", f"side {n // 8 % 2}") for n in range(80)}
    found = assign_splits(sheets, (), SHEET_SHARES, {})
    counts = Counter(found.values())
    assert all(abs(counts[split] - n) <= 1 for split, n in (("train", 40), ("dev", 10), ("test", 30)))
    assert len({(sheets[sheet][1], split) for sheet, split in found.items()}) == 8 * 3


_LINKS = st.lists(st.tuples(st.sampled_from(sorted(FRAMES)), st.sampled_from(sorted(FRAMES))), max_size=8)


@given(_LINKS)
def test_linked_frames_are_in_one_split(links: list[tuple[str, str]]) -> None:
    found = assign_splits(FRAMES, links, FRAME_SHARES, {})
    assert set(found) == set(FRAMES)
    assert all(found[one] == found[other] for one, other in links)


@given(st.dictionaries(st.sampled_from(sorted(FRAMES)), st.sampled_from(["train", "dev", "test"])))
def test_frozen_frames_stay_and_new_ones_fill_what_is_missing(frozen: dict[str, str]) -> None:
    found = assign_splits(FRAMES, (), FRAME_SHARES, frozen)
    assert found.items() >= frozen.items()
    before, after = Counter(frozen.values()), Counter(found.values())
    for split, wanted in (("train", 4), ("dev", 2), ("test", 6)):
        assert after[split] >= min(wanted, before[split])
        if all(before[one] <= n for one, n in (("train", 4), ("dev", 2), ("test", 6))):
            assert after[split] == wanted


def test_a_pair_that_was_frozen_apart_is_an_error_that_names_both() -> None:
    frozen = {"denial/f01": "train", "denial/f02": "test"}
    with pytest.raises(InputError, match="denial/f01, denial/f02 are pairs"):
        assign_splits(FRAMES, [("denial/f01", "denial/f02")], FRAME_SHARES, frozen)


def test_a_release_adds_new_groups_and_leaves_the_others(tmp_path: Path) -> None:
    freeze_splits(tmp_path, {"b": "test", "a": "train"}, "1.1.0")
    assert freeze_splits(tmp_path, {"a": "dev", "c": "dev"}, "1.2.0") == 1
    text = (tmp_path / "constructed_splits.csv").read_text(encoding="utf-8")
    assert text == "group,split,since\na,train,1.1.0\nb,test,1.1.0\nc,dev,1.2.0\n"
    assert read_splits(tmp_path) == {"a": "train", "b": "test", "c": "dev"}


@pytest.mark.parametrize(
    ("text", "what"),
    [("group,split\na,train\n", "the columns must be"), ("group,split,since\na,train,1.1.0\na,dev,1.1.0\n", "twice")],
)
def test_a_damaged_file_of_frozen_splits_is_an_error(text: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "constructed_splits.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=what):
        read_splits(tmp_path)
