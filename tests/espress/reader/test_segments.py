"""Cutting a text at marks and masks: nothing is lost, and each mark covers its words and no others."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from espress.masking import Mask
from espress.reader.segments import Mark, cut

# Letters of several scripts, a combining accent, joiners, a letter beyond the basic plane, and controls of direction.
TEXTS = st.text(alphabet="ab <&\"'\u0301\u200d\u200f\u202e\u2066שع中\U0001f600\U00020000\n", max_size=40)


@st.composite
def _texts_with_spans(draw: Any) -> tuple[str, list[Mark], list[Mask]]:
    text = draw(TEXTS)
    places = st.integers(0, len(text))
    spans = st.lists(st.tuples(places, places), max_size=6)
    marks = [
        Mark(min(pair), max(pair), draw(st.sampled_from(["source", "cue"])), f"e{number}")
        for number, pair in enumerate(draw(spans))
    ]
    masks = [Mask(min(pair), max(pair), f"[PERSON_{number}]") for number, pair in enumerate(draw(spans))]
    return text, marks, masks


@given(_texts_with_spans())
def test_segments_make_up_the_text_and_marks_cover_their_offsets(made: tuple[str, list[Mark], list[Mask]]) -> None:
    text, marks, _ = made
    segments = cut(text, marks)
    assert "".join(one.text for one in segments) == text
    for mark in marks:
        covered = "".join(one.text for one in segments if mark in one.marks)
        assert covered == text[mark.start : mark.end]


@given(_texts_with_spans())
def test_masks_hide_their_words_whole(made: tuple[str, list[Mark], list[Mask]]) -> None:
    text, marks, masks = made
    segments = cut(text, marks, masks)
    assert [one.start for one in segments[1:]] == [one.end for one in segments[:-1]]
    assert not segments or (segments[0].start, segments[-1].end) == (0, len(text))
    for one in segments:
        assert one.masked or one.text == text[one.start : one.end]
        assert {mark.key for mark in one.marks} == {
            mark.key for mark in marks if mark.start < mark.end and mark.start < one.end and one.start < mark.end
        }
    filled = [mask for mask in masks if mask.mask_start < mask.mask_end]
    if filled:
        first = min(filled, key=lambda mask: (mask.mask_start, mask.mask_end))
        shown = [one.text for one in segments if one.start < first.mask_end and first.mask_start < one.end]
        assert shown == [first.mask]


def test_nested_and_overlapping_marks_share_segments() -> None:
    outer, inner, across = Mark(0, 9, "source", "1"), Mark(4, 9, "cue", "1"), Mark(7, 12, "cue", "2")
    assert [(one.text, one.kinds, one.keys) for one in cut("the BIS report", [outer, inner, across])] == [
        ("the ", ("source",), ("1",)),
        ("BIS", ("cue", "source"), ("1",)),
        (" r", ("cue", "source"), ("1", "2")),
        ("epo", ("cue",), ("2",)),
        ("rt", (), ()),
    ]


def test_spans_outside_the_text_are_ignored() -> None:
    assert [one.text for one in cut("abc", [Mark(-1, 2, "cue", "1"), Mark(2, 9, "cue", "1")], [Mask(1, 9, "x")])] == [
        "abc"
    ]
