"""NFC with a way back: no character of the normalised text may point at text that it did not come from."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY

from espress_build.pipeline.passages import Alignment, Passage, Piece, nfc

# Marks that compose, reorder or block each other; jamo; marks that do not combine by class, but whose decomposition
# does (U+0F73); singletons; characters that NFC takes apart (U+0958, U+FB2A); astral and right-to-left letters.
TRICKY = [
    *"aeA<\u1100\u1112\u1161\u11ab\u11a8\uac00\u212b\u2126\u0958\ufb2a\U0001d15e\U0001f600\U0001d49c\u05d0\u0634\u064e",
    *"\u0300\u0301\u0308\u0323\u0327\u0328\u0338\u034f\u0334\u0345\u093c\u05b4\u0f71\u0f72\u0f73\u0f75\u0f81\u3099\u304b",
    *"\u09c7\u09be\u0b47\u0b3e\U000110b9\U000110ba ",
]
TEXTS = st.text(st.sampled_from(TRICKY), max_size=14) | st.text(
    st.sampled_from(TRICKY) | st.characters(exclude_categories=["Cs"]), max_size=14
)


@PROPERTY
@given(TEXTS)
def test_every_character_points_at_raw_text_that_normalises_to_it(raw: str) -> None:
    aligned = Alignment(raw)
    assert aligned.text == nfc(raw)
    for at, character in enumerate(aligned.text):
        start, end = aligned.raw_range(at, at + 1)
        assert 0 <= start < end <= len(raw)
        assert character in nfc(raw[start:end])


@PROPERTY
@given(TEXTS)
def test_ranges_never_go_back_and_the_whole_text_maps_to_the_whole_source(raw: str) -> None:
    aligned = Alignment(raw)
    ranges = [aligned.raw_range(at, at + 1) for at in range(len(aligned.text))]
    assert ranges == sorted(ranges)
    assert [end for _, end in ranges] == sorted(end for _, end in ranges)
    covered = {index for start, end in ranges for index in range(start, end)}
    assert covered == set(range(len(raw)))
    if raw:
        assert aligned.raw_range(0, len(aligned.text)) == (0, len(raw))


@PROPERTY
@given(TEXTS)
def test_the_distinct_ranges_cut_the_source_where_each_part_normalises_alone(raw: str) -> None:
    aligned = Alignment(raw)
    parts = sorted({aligned.raw_range(at, at + 1) for at in range(len(aligned.text))})
    assert "".join(raw[start:end] for start, end in parts) == raw
    assert "".join(nfc(raw[start:end]) for start, end in parts) == nfc(raw)


def test_every_range_is_as_narrow_as_the_text_allows() -> None:
    raw = "cafe\u0301 na\u00efve. \u0308\u0323x"  # a mark on a space, then one that NFC moves before it
    aligned = Alignment(raw)
    place = {aligned.text[at]: aligned.raw_range(at, at + 1) for at in range(len(aligned.text))}
    assert place["\u00e9"] == (3, 5)
    assert place["\u00ef"] == (8, 9)
    at = raw.index(".") - 1  # the e with its accent is one character shorter in NFC
    assert aligned.text[at : at + 2] == ". "
    assert aligned.raw_range(at, at + 1) == (11, 12)
    assert aligned.raw_range(at + 1, at + 2) == (12, 13), "the marks behind a space are not the space"


@pytest.mark.parametrize("first", [chr(code) for code in (0x0F73, 0x0F75, 0x0F81)])
def test_a_mark_of_class_zero_that_decomposes_into_marks_opens_no_cluster(first: str) -> None:
    raw = f"A{first}\u0300"  # the grave accent passes it and composes with the A
    assert nfc(raw).startswith("\u00c0")
    assert Alignment(raw).raw_range(0, 1) == (0, 3)


def test_every_character_of_unicode_that_nfc_changes_points_at_itself() -> None:
    changed = [
        chr(code)
        for code in range(0x110000)
        if not 0xD800 <= code < 0xE000 and not unicodedata.is_normalized("NFC", chr(code))
    ]
    raw = "\u4e2d" + "\u4e2d".join(changed)  # a letter that composes with nothing between each two
    aligned, at = Alignment(raw), 1
    for place, character in enumerate(changed):
        size = len(nfc(character))
        assert aligned.raw_range(at, at + size) == (2 * place + 1, 2 * place + 2)
        at += size + 1


def test_a_passage_of_pieces_traces_each_character_across_their_edges() -> None:
    source = "Cafe\u0301 (advertisement) d\U0001f600".encode()
    kept, rest = "Cafe\u0301", "d\U0001f600"
    pieces = (Piece(0, 0), Piece(len(kept), len(kept.encode())), Piece(len(kept) + 1, source.index(b"d\xf0")))
    passage = Passage(f"{kept} {rest}", pieces)
    assert passage.text == "Caf\u00e9 d\U0001f600"
    cut = [source[slice(*passage.source_range(at, at + 1))].decode() for at in range(len(passage.text))]
    assert cut == ["C", "a", "f", "e\u0301", " (advertisement) ", "d", "\U0001f600"]
    assert passage.source_range(0, len(passage.text)) == (0, len(source))


@pytest.mark.parametrize("length", [1, 1023, 1024, 1025, 2048, 5000])
def test_a_passage_of_any_length_traces_to_the_same_bytes_as_its_source(length: int) -> None:
    letters = "ab\u00e9\u4e2d\U0001f600e\u0301 "
    raw = (letters * length)[:length]
    ad, cut = " [AD] ", length // 3
    source = f"\u201e{raw[:cut]}{ad}{raw[cut:]}".encode()
    at = len(f"\u201e{raw[:cut]}".encode())
    pieces = (Piece(0, 3), Piece(cut, at), Piece(cut + 1, at + len(ad)))
    passage = Passage(f"{raw[:cut]} {raw[cut:]}", pieces)
    for place in range(0, len(passage.text), 97):
        start, end = passage.source_range(place, place + 1)
        assert passage.text[place] in nfc(source[start:end].decode())
    assert passage.source_range(0, len(passage.text)) == (3, len(source))
