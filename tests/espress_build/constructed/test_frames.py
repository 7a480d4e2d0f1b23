"""Frames expand to cases; each kind of bad input is named with file, frame and filling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import InputError
from espress_build.constructed.frames import Case, Frame, count_changed_words, find_word_span, read_cases
from espress_build.constructed.text_checks import find_slots

if TYPE_CHECKING:
    from pathlib import Path

PROPOSITIONS = ("covert_activity_by_cn", "covert_activity_against_cn")
FUNCTION = """
name = "denial"
task = "position"
tests = "A denial."
label = "deny"
why = "The source denies."

[[frame]]
id = "f01"
text = "{Body} denied that two agents had photographed the northern harbour."
source = "{Body}"
proposition = "covert_activity_by_cn"
fills = [
  { Body = "The embassy", states = ["CN", "DK"] },
  { Body = "A spokesman", states = ["CN", "XV"] },
]

[[frame]]
id = "f02"
pair = "denial/f01"
text = "{Body} repeated that two agents had photographed the northern harbour."
source = "{Body}"
proposition = "covert_activity_by_cn"
label = "support"
fills = [{ Body = "The embassy", states = ["CN", "DK"] }]
"""
SECOND = 'id = "f02"\npair = "denial/f01"'


def read(folder: Path, text: str, natural: tuple[str, ...] = ()) -> list[Case]:
    file = folder / "denial.toml"
    file.write_text(text, encoding="utf-8")
    return read_cases([file], PROPOSITIONS, natural)


def test_expansion(tmp_path: Path) -> None:
    case = read(tmp_path, FUNCTION)[-1]
    assert (case.case_id, case.frame_id, case.pair, case.pair_kind) == (
        "denial/f02/1", "denial/f02", "denial/f01/1", "label"
    )  # fmt: skip
    assert (case.label, case.states, case.source_span) == ("support", ("CN", "DK"), (0, 11))
    assert case.text == "The embassy repeated that two agents had photographed the northern harbour."


def test_each_line_of_the_context_is_a_unit(tmp_path: Path) -> None:
    text = FUNCTION.replace("source =", 'before = "One line.\\n{Body} came."\nsource =')
    case = read(tmp_path, text)[0]
    assert (case.context_before, case.context_after) == (("One line.", "The embassy came."), ())


BAD = {
    "missing slot": ('{ Body = "A spokesman",', "{", r"denial.toml: frame f01, filling 2: the frame has the slots"),
    "slot too many": ('{ Body = "A spokesman",', '{ Body = "A", x = "y",', r"filling 2: the frame has the slots"),
    "slot no string": ('{ Body = "A spokesman",', "{ Body = 3,", r"filling 2: \['Body'\] must be strings"),
    "no states": (', states = ["CN", "XV"]', "", r"filling 2 lacks \['states'\]"),
    "unknown state": ('"XV"', '"XY"', r"filling 2: states \['XY'\]"),
    "brace": ("{Body} denied", "{Body denied", r"frame f01: .*slots are written"),
    "label": ('label = "deny"', 'label = "denies"', r"filling 1: label 'denies' is not one of \['support'"),
    "task": ('"position"', '"positions"', r"task 'positions' is not one of"),
    "proposition": ('= "covert_activity_by_cn"\nfills', '= "covert"\nfills', r"proposition 'covert' is not one of"),
    "unknown key": ('id = "f01"', 'id = "f01"\nkind = "x"', r"frame f01 has unknown keys \['kind'\]"),
    "frame twice": ('id = "f02"', 'id = "f01"', r"frame f01: the id occurs twice"),
    "repeated": ("A spokesman", "The embassy", r"frame f01, filling 2: repeats the case denial/f01/1"),
    "source": ('source = "{Body}"', 'source = "The ministry{Body}"', r"the source 'The ministry.*' is neither"),
    "article": ("A spokesman", "An spokesman", r"filling 2: 'An spokesman' in"),
    "length": ("had photographed the northern harbour", "came", r"filling 2: 7 words, not 8 to 35"),
    "file name": ('name = "denial"', 'name = "denials"', r"denial.toml: the name must be that of the file"),
    "no fillings": (
        'fills = [{ Body = "The embassy", states = ["CN", "DK"] }]', "fills = []", r"f02: fills: must be a list"
    ),
    "shared words": ('pair = "denial/f01"\n', "", r"denial/f02: shares the words .* with denial/f01"),
    "pair missing": (SECOND, 'id = "f02"\npair = "denial/f09"', r"there is no case 'denial/f09/1'"),
    "pair with other context": (SECOND, SECOND + '\nbefore = "A line."', r"in 1 words and in the neighbouring units"),
    "pair of one label": ('label = "support"', 'label = "deny"', r"the labels of a pair must differ"),
    "pair too different": ("repeated that", "often repeated on Monday that", r"differs from denial/f01/1 in 4 words"),
    "pair_kind": (SECOND, SECOND + '\npair_kind = "other"', r"pair_kind 'other' is not one of"),
    "context alone": (SECOND, SECOND + '\npair_kind = "context"', r"must differ from denial/f01/1 in the neighbouring"),
    "invariance": (
        "fills = [\n  {", 'pair_kind = "invariance"\nfills = [\n  { label = "question",',
        r"denial/f01: the fillings have different labels",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(tmp_path: Path, name: str) -> None:
    old, new, message = BAD[name]
    assert old in FUNCTION
    with pytest.raises(InputError) as raised:
        read(tmp_path, FUNCTION.replace(old, new, 1))
    assert any(re.search(message, problem) for problem in raised.value.problems), raised.value.problems


def test_words_of_a_natural_text_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"denial/f01: the words .* are from an article of the corpus"):
        read(tmp_path, FUNCTION, ("Yesterday two agents had photographed the northern harbour.",))


def test_all_faults_are_listed(tmp_path: Path) -> None:
    bad = FUNCTION.replace("XV", "XY").replace("A spokesman", "An spokesman").replace('"deny"', '"denies"')
    with pytest.raises(InputError) as raised:
        read(tmp_path, bad)
    assert all(any(word in fault for fault in raised.value.problems) for word in ("XY", "An spokesman", "denies"))


SLOT = st.sampled_from(["Body", "place", "day"])
PLAIN = st.text(st.characters(categories=["L", "Nd", "Zs"]), max_size=10)
# What a slot is filled with may hold braces: it is text, not a template.
WORDS = st.fixed_dictionaries({name: st.text(max_size=10) for name in ("Body", "place", "day")})


@given(st.lists(PLAIN | SLOT.map("{{{}}}".format), max_size=8), WORDS)
def test_filling_replaces_the_slots_and_nothing_else(parts: list[str], slots: dict[str, str]) -> None:
    frame = Frame("f01", "".join(parts))
    filled = frame.fill(slots)[0]
    assert filled == "".join(slots[part[1:-1]] if part.startswith("{") else part for part in parts)
    assert find_slots(frame.text) == {part[1:-1] for part in parts if part.startswith("{")}


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_changed_words(one: list[str], other: list[str]) -> None:
    changed = count_changed_words(" ".join(one), " ".join(other))
    assert (changed == 0) == (one == other)
    assert abs(len(one) - len(other)) <= changed <= max(len(one) + len(other), 1)


@pytest.mark.parametrize(("word", "span"), [("he", (4, 6)), ("the", (0, 3)), ("e h", None), ("", None)])
def test_find_word_span_finds_whole_words(word: str, span: tuple[int, int] | None) -> None:
    assert find_word_span(word, "the he") == span
