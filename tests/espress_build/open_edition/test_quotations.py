"""Words become places and places words again, whatever the cell holds."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY

from espress.rejoining.quote_positions import escape, mark, quoted_units, restore
from espress_build.open_edition.leak_check import grams
from espress_build.open_edition.quote_positions import Units, hide

# Few words, so that runs are shared; brackets, astral letters, marks, cases and scripts that trip over offsets.
_WORD = st.sampled_from(
    ["spy", "Spy", "SPY", "the", "data", "China’s", "China's", "𠮷野", "图书馆", "e\u0301t", "İ", "ß"]
)
_GAP = st.sampled_from([" ", "  ", ", ", " “", "” ", " '", "' ", "⟦", "⟧", "⟦(⟧", "⟦u1:0-3⟧", "\n", "", "-", "🗝"])
_TEXT = st.lists(st.tuples(_WORD, _GAP), max_size=12).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@PROPERTY
@given(cell=_TEXT, units=st.lists(_TEXT, max_size=4), words=st.integers(1, 4), quoted=st.sampled_from([None, 1, 2]))
@example(cell="⟦u0:0-3⟧ spy", units=["spy data"], words=1, quoted=None)
@example(cell="𠮷野 data 𠮷野 data spy", units=["𠮷野 data 𠮷野", "data 𠮷野 data spy"], words=2, quoted=None)
def test_a_cell_comes_back_letter_by_letter(cell: str, units: list[str], words: int, quoted: int | None) -> None:
    """Also one that holds brackets of its own, or looks as if it quoted."""
    texts = {f"u{number}": text for number, text in enumerate(units)}
    hidden = hide(cell, Units(texts.items()), words, quoted=quoted, first="u1")
    assert restore(hidden, texts) == cell
    assert quoted_units(hidden) <= texts.keys()


_PLAIN = st.lists(st.sampled_from(["spy", "data", "图", "the", "馆"]), max_size=12).map(", ".join)


@PROPERTY
@given(cell=_PLAIN, units=st.lists(_PLAIN, max_size=4), words=st.integers(1, 3))
def test_no_run_of_so_many_words_stays(cell: str, units: list[str], words: int) -> None:
    hidden = hide(cell, Units((f"u{number}", text) for number, text in enumerate(units)), words)
    shared = {run for text in units for run in grams(text, words)}
    assert not grams(hidden, words) & shared


@PROPERTY
@given(cell=st.text())
def test_own_words_come_back(cell: str) -> None:
    assert restore(escape(cell), {}) == cell


@pytest.mark.parametrize(
    ("cell", "hidden"),
    [
        ("own words alone", "own words alone"),
        ("'was seen' is agentless", "'⟦a.p01.01:13-21⟧' is agentless"),
        ("the spy was seen near a harbour", "⟦a.p01.01:5-26d⟧ a harbour"),
        ("was seen, says the lead", "was seen, says the lead"),
        ("“THE SPY”", "“⟦a.p01.01:5-12u⟧”"),
        ("“near the [OUTLET] harbour”", "“⟦a.p01.01:22-30⟧ [OUTLET] ⟦a.p01.01:31-38⟧”"),
        ("⟦sic⟧", "⟦(⟧sic⟦)⟧"),
    ],
)
def test_what_a_reason_looks_like(cell: str, hidden: str) -> None:
    """Three words in a row, or what stands between quotation marks; a mask is nobody's words."""
    unit = "Yes, The spy was seen near the harbour."
    assert hide(cell, Units([("a.p01.01", unit)]), 3, quoted=1) == hidden
    assert restore(hidden, {"a.p01.01": unit}) == cell


def test_a_place_in_a_unit_without_text_cannot_be_had_back() -> None:
    with pytest.raises(KeyError):
        restore(mark("a.p01.01", 0, 3), {})
