"""What counts as a word, and which dates a line shows."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY

from espress.text import words
from espress_build.inputs.record import precision
from espress_build.pages.dates import find_dates


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The dogs' bone, isn't it?", ["The", "dogs", "bone", "isn't", "it"]),
        ("People’s well-known 5G U.S. co‐operation", ["People’s", "well-known", "5G", "U", "S", "co‐operation"]),
        ("Příliš žluťoučký kůň", ["Příliš", "žluťoučký", "kůň"]),
        ("中国GDP增长", ["中", "国", "GDP", "增", "长"]),
        ("スパイ がいる", ["ス", "パ", "イ", "が", "い", "る"]),
        ("국가 안보", ["국가", "안보"]),
        ("5,500 files in 2019–2020", ["5", "500", "files", "in", "2019", "2020"]),
        ("snake_case and --dashes-- 'quoted'", ["snake", "case", "and", "dashes", "quoted"]),
        ("", []),
        ("… — “” ?!", []),
    ],
)
def test_words_are_runs_of_letters_and_digits_or_single_han_and_kana(text: str, found: list[str]) -> None:
    assert words(text) == found


@PROPERTY
@given(st.text(max_size=60))
def test_words_stand_in_the_text_in_their_order_and_hold_no_white_space(text: str) -> None:
    at = 0
    for word in words(text):
        at = text.index(word, at) + len(word)
        assert word
        assert not any(character.isspace() for character in word)
    assert len(words(text)) == len(words(f" {text}\n"))


PRINTED = {
    "2019-07-23": "2019-07-23",
    "2019/11/6": "2019-11-06",
    "2019.11.06": "2019-11-06",
    "2019年11月6日": "2019-11-06",
    "2019 年 11 月 6 日": "2019-11-06",
    "26.11.2019": "2019-11-26",
    "3. 4. 2019": "2019-04-03",
    "3.4.2019": "2019-04-03",
    "July 23, 2019": "2019-07-23",
    "JULY 23 2019": "2019-07-23",
    "Nov. 1st, 2019": "2019-11-01",
    "Sept 3, 2019": "2019-09-03",
    "23 July 2019": "2019-07-23",
    "3. května 2019": "2019-05-03",
    "1 září 2019": "2019-09-01",
    "26. listopadu 2019": "2019-11-26",
    "31. PROSINCE 2019": "2019-12-31",
    "2020-02-29": "2020-02-29",
    "2019-07-23T10:00": "2019-07-23T10:00",
    "2019-07-23 10:00:59": "2019-07-23T10:00:59",
    "26.11.2019 13:53:51": "2019-11-26T13:53:51",
    "2019/11/6 9:13:40": "2019-11-06T09:13:40",
    "July 23, 2019, 9:05": "2019-07-23T09:05",
    "2019年11月6日 00:00": "2019-11-06T00:00",
}  # fmt: skip


@pytest.mark.parametrize("printed", PRINTED)
def test_a_date_is_found_in_each_printed_form_and_its_place_is_told(printed: str) -> None:
    assert find_dates(f"Updated: {printed} (cet)") == [(9, 9 + len(printed), PRINTED[printed])]


@pytest.mark.parametrize(
    "line",
    [
        "2019-02-30", "2019-13-01", "31.4.2019", "0.1.2019", "2019/0/1", "2019年2月30日", "February 30, 2019",
        "31 June 2019", "2019-02-29", "99.99.2019", "23 July", "July 2019", "2019", "1899-01-01", "12-34-5678",
        "120193-01-01", "2019-01-011", "7/23/2019", "section 3.4.20195", "Mayor 5, 2019", "no date", "",
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_holds_and_what_is_no_full_date_are_left_out(line: str) -> None:
    assert find_dates(line) == []


@pytest.mark.parametrize("clock", ["24:00", "25:10", "29:59", "99:00", "12:60"])
def test_an_impossible_time_is_left_out_and_the_day_is_kept(clock: str) -> None:
    assert [day for _, _, day in find_dates(f"26.11.2019 {clock}")] == ["2019-11-26"]


@pytest.mark.parametrize(
    ("clock", "iso"), [("3:30 pm", "15:30"), ("3:30 p.m.", "15:30"), ("12:05 AM", "00:05"), ("11:05am", "11:05")]
)
def test_a_time_before_or_after_noon_is_never_told_wrong(clock: str, iso: str) -> None:
    assert [day for _, _, day in find_dates(f"July 23, 2019 {clock}")] == [f"2019-07-23T{iso}"]


def test_all_dates_of_a_line_are_found_in_order() -> None:
    line = "Written on 26.11.2019 13:53:51 (updated on 27.11.2019), first 2019-11-25"
    assert [day for _, _, day in find_dates(line)] == ["2019-11-26T13:53:51", "2019-11-27", "2019-11-25"]


@pytest.mark.parametrize(
    "line", ["Auguſt 5, 2019", "Aprıl 5, 2019", "5 AUGUſT 2019", "２０１９-01-01", "2019/11/６ 1９:13", "2019-٠١-٠١"]
)
def test_letters_and_digits_of_other_alphabets_never_crash_and_never_give_what_is_no_date(line: str) -> None:
    assert all(precision(day) is not None for _, _, day in find_dates(line))


NUMBERS = st.integers(0, 99).map(str) | st.sampled_from(["2019", "1999", "2020"])
SCRAPS = NUMBERS | st.sampled_from(
    ["-", "/", ".", ":", " ", ", ", "T", "年", "月", "日", "July", "května", "Sept.", "th", "３", "ſ", "pm"]
)


@PROPERTY
@given(st.lists(SCRAPS, max_size=16).map("".join))
def test_whatever_is_found_is_a_real_date_that_stands_there(line: str) -> None:
    found = find_dates(line)
    for start, end, day in found:
        assert precision(day) in ("day", "minute", "second")
        date.fromisoformat(day[:10])
        assert 0 <= start < end <= len(line)
        assert line[start:end].strip() == line[start:end]
    assert all(first[1] <= second[0] for first, second in pairwise(found))
