"""Bytes become spans: unreadable sources are rejected with a reason, readable ones are cut without losing a byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.espress_build.pipeline.helpers import BASIC_PAGE, PARAMS, Corpus, basic_spans, received, run_up_to, span

from espress.errors import InputError
from espress.schema import schema
from espress_build.pipeline.extract import decode, extract, read_lines, split_lines

ARTICLE = "herald-20200102-00000000"
LIMIT = PARAMS.extract.max_line_bytes
CODECS = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
CONTROLS = [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0xFFFE, 0xFFFF]
TOO_LONG = [(letter, width, LIMIT // width + 1) for letter, width in (("x", 1), ("\u00e9", 2), ("\U0001f600", 4))]
MOJIBAKE = [
    "\u00e2\u20ac\u0153Spies\u00e2\u20ac\u2122, he said.", "P\u00c5\u2122\u00c3\u00adbram",
    "l\u2019\u00c3\u00a9t\u00c3\u00a9", "\u00e4\u00b8\u00ad\u00e5\u203a\u00bd\u00e6\u0160\u00a5\u00e7\u00ba\u00b8",
]  # fmt: skip
REFUSALS = [
    (b"", "empty_file", ""),
    (b"A headline \xff\n", "not_utf8", "byte 11 is 0xff"),
    ("Caf\u00e9".encode("latin-1"), "not_utf8", "byte 3 is 0xe9"),
    ("\u010d".encode() + "\u017elu\u0165".encode("cp1250"), "not_utf8", "byte 2 is 0x9e"),
    (b"\xef\xbb\xbfab\x80", "not_utf8", "byte 5 is 0x80"),  # counted from the start of the file, mark included
    (b"cut short \xe2\x80", "not_utf8", "byte 10 is 0xe2"),
    (b"a surrogate \xed\xa0\x80", "not_utf8", "byte 12 is 0xed"),
    (b"overlong \xc0\xaf", "not_utf8", "byte 9 is 0xc0"),
    ("\u4e2d\u56fd".encode("gb18030"), "not_utf8", "byte 0 is 0xd6"),
    (b"\xff", "not_utf8", "add it again"),
    *((f"\ufeff{BASIC_PAGE}".encode(codec), "not_utf8", f"mark of {codec[:6].upper()};") for codec in CODECS),
    *((BASIC_PAGE.encode(codec), "control_character", "U+0000 at line 1") for codec in CODECS),
    *((f"A headline\n\n{line}\n".encode(), "mojibake", "line 3") for line in MOJIBAKE),
    *((f"A headline\n\n{line}\n".encode(), "mojibake", line[:2]) for line in MOJIBAKE),
    ("A headline\r\nA lost l\ufffdtter.".encode(), "mojibake", "line 2, character 8"),
    *((f"A\n\n\u00e9\U0001f600x{chr(code)}y\n".encode(), "control_character", f"U+{code:04X} at line 3, character 3")
      for code in CONTROLS),
    *((f"A\n{letter * size}\n".encode(), "line_too_long", f"line 2 has {size * width} bytes; at most {LIMIT}")
      for letter, width, size in TOO_LONG),
    (b"\xef\xbb\xbf", "no_title", ""),
    (b" \n\t\r\n", "no_title", ""),
    ("\u3000\u2028\n".encode(), "no_title", ""),
]  # fmt: skip
GOOD_LINES = [
    "\u201eAhoj,\u201c \u0159ekl Ing. Dvo\u0159\u00e1k; \u010cTK 5 \u00b0C \u00b1 2 \u00b5m \u00d7 3 \u2013 100 %.",
    "\u4ed6\u8bf4\uff1a\u201c\u53bb\u5427\u3002\u201d\uff08\u65b0\u534e\u793e\uff09\u300a\u73af\u7403\u65f6\u62a5\u300b",
    "Ti\u1ebfng Vi\u1ec7t r\u1ea5t \u0111\u1eb9p; na\u00efve \u00c0 la carte \u2026 \u20ac5 \u00a33 \u00bd",
    "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u00ab\u0442\u0435\u043a\u0441\u0442\u00bb",
    "\u05e2\u05d1\u05e8\u05d9\u05ea; \u0639\u0631\u0628\u064a; \U0001f600",
    "e\u0301te\u0301 n\u0303 c\u030c",
    *(letter * (LIMIT // len(letter.encode())) for letter in "x\u00e9\U0001f600"),  # lines of the greatest length
]


def extract_one(source: bytes, spans: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Run extract over one source and check conservation; return its tables."""
    return run_up_to("extract", {"received": received({ARTICLE: source}, {ARTICLE: spans or []})})


def cut(source: str, spans: list[dict[str, Any]] | None = None) -> list[tuple[str, bytes]]:
    """Return role and bytes of each span of a source that is read."""
    data = source.encode()
    tables = extract_one(data, spans or basic_spans(source.removeprefix("\ufeff")))
    assert tables["rejects"].num_rows == 0, tables["rejects"].to_pylist()
    return [(row["role"], data[row["source_start"] : row["source_end"]]) for row in tables["spans"].to_pylist()]


@pytest.mark.parametrize(("source", "reason", "says"), REFUSALS, ids=lambda part: str(part)[:40])
def test_an_unreadable_source_is_rejected_with_reason_and_place(source: bytes, reason: str, says: str) -> None:
    tables = extract_one(source)
    assert tables["spans"].num_rows == tables["received"].num_rows == 0
    (reject,) = tables["rejects"].to_pylist()
    assert (reject["id"], reject["stage"], reject["reason"]) == (ARTICLE, "extract", reason)
    assert says in reject["detail"]
    assert reason in schema().vocabularies["reject_reason"]
    if reason == "not_utf8":
        assert "add it again" in reject["detail"]


@pytest.mark.parametrize("line", GOOD_LINES, ids=lambda line: line[:10])
def test_text_of_other_languages_and_lines_of_the_greatest_length_are_read(line: str) -> None:
    assert isinstance(read_lines(line.encode(), len(line.encode()), PARAMS), list)


@pytest.mark.parametrize(("role", "reason"), [("body", "no_title"), ("title", "no_body"), ("boilerplate", "no_title")])
def test_a_page_without_title_or_body_is_rejected(role: str, reason: str) -> None:
    rejects = extract_one(b"Some words.\n", [span(1, 0, 11, role)])["rejects"].to_pylist()
    assert [reject["reason"] for reject in rejects] == [reason]


def test_one_utf8_mark_counts_among_the_bytes_but_not_among_the_characters() -> None:
    assert cut("\ufeff" + BASIC_PAGE)[:2] == [("gap", b"\xef\xbb\xbf"), ("title", b"A headline")]
    twice = cut("\ufeff\ufeffA headline\nBody.", [span(1, 0, 11, "title"), span(2, 0, 5, "body")])
    assert twice[1] == ("title", "\ufeffA headline".encode())


def test_tabs_and_line_ends_are_no_control_characters() -> None:
    spans = [span(1, 0, 10, "title"), *(span(n, s, e, "body") for n, s, e in ((2, 1, 6), (3, 0, 5), (4, 0, 5)))]
    kept = [data for role, data in cut("A\theadline\r\n\tBody.\r\nMore.\rLast.\n", spans) if role != "gap"]
    assert kept == [b"A\theadline", b"Body.", b"More.", b"Last."]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\u2028b\u2029c\x85d\x0ce", ["a\u2028b\u2029c\x85d\x0ce"]),  # these end no line
        ("a\n\rb\r\r\nc\n\nd", ["a", "", "b", "", "c", "", "d"]),
    ],
)
def test_lines_end_at_cr_lf_and_crlf_alone(text: str, lines: list[str]) -> None:
    assert [line.text for line in split_lines(text, 0)] == lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_bytes_of_lines_are_found_for_every_line_end(end: str) -> None:
    lines = split_lines(end.join(["\u00e9", "", "\U0001f600", ""]), 3)
    assert [line.text for line in lines] == ["\u00e9", "", "\U0001f600", ""]
    step = len(end)
    assert [line.source_start for line in lines] == [3, 5 + step, 5 + 2 * step, 9 + 3 * step]


def test_a_source_of_the_greatest_size_is_read_one_byte_more_is_rejected_and_nothing_is_lost(corpus: Corpus) -> None:
    limit = replace(PARAMS, extract=replace(PARAMS.extract, max_source_bytes=len(BASIC_PAGE)))
    kept, over = corpus.add(), corpus.add(BASIC_PAGE + "\n")
    tables = run_up_to("segment", corpus.tables(params=limit), limit)
    (reject,) = tables["rejects"].to_pylist()
    assert (reject["id"], reject["reason"]) == (over.name, "too_large")
    assert f"{len(BASIC_PAGE) + 1} bytes" in reject["detail"]
    assert f" {len(BASIC_PAGE)}" in reject["detail"]
    assert tables["articles"]["article_id"].to_pylist() == [kept.name]
    assert set(tables["sentences"]["article_id"].to_pylist()) == {kept.name}


PAGE = "A headline\n\nThe first is here.\n"
TITLE, BODY = span(1, 0, 10, "title"), span(3, 0, 17, "body")
SPAN_FAULTS = [
    ([TITLE, span(3, 0, 18, "body"), span(9, 0, 3, "date")], ["line 9, but the source has 4 lines", "correct"]),
    ([TITLE, span(3, 0, 19, "body")], ["character 19 of line 3, which has 18", "correct"]),
    ([TITLE, span(3, 0, 19, "body"), span(9, 0, 3, "date")], ["character 19 of line 3", "line 9, but the source"]),
    ([TITLE, span(3, 0, 18, "body"), span(2, 0, 1, "date")], ["character 1 of line 2, which has 0"]),
    ([TITLE, span(3, 0, 4, "body"), span(3, 4, 18, "body")], ["characters 0-4: the span begins", "leave it out"]),
    ([TITLE, span(3, 0, 3, "body"), span(3, 3, 18, "body")], ["white space: ' first is here.'"]),
    ([TITLE, BODY], ["line 3, characters 17-18: no span covers '.'"]),
    ([TITLE], ["line 3, characters 0-18: no span covers 'The first is here.'", "give it a role"]),
    ([TITLE, span(3, 0, 3, "body"), span(3, 10, 18, "body")], ["line 3, characters 3-10: no span covers 'first'"]),
]  # fmt: skip


@pytest.mark.parametrize(("spans", "says"), SPAN_FAULTS, ids=[says[0] for _, says in SPAN_FAULTS])
def test_a_span_that_does_not_fit_is_one_problem_with_place_and_remedy(
    spans: list[dict[str, Any]], says: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        extract_one(PAGE.encode(), spans)
    problems = error.value.problems
    assert all(one.startswith(f"raw/articles/{ARTICLE}/record.toml: ") for one in problems)
    assert all(part in "\n".join(problems) for part in says)
    misplaced = sum(one["line"] == 9 or one["end"] == 19 for one in spans)
    assert not misplaced or len(problems) == misplaced


def test_the_problems_of_all_articles_are_listed_at_once() -> None:
    good = [TITLE, span(3, 0, 18, "body")]
    spans = {
        "a-undated-00000000": [TITLE, span(3, 0, 3, "body"), span(8, 0, 2, "date")],
        "b-undated-00000000": good,
        "c-undated-00000000": [*good, span(4, 0, 2, "date")],
    }
    with pytest.raises(InputError) as error:
        extract({"received": received(dict.fromkeys(spans, PAGE.encode()), spans)}, PARAMS)
    assert [problem.split("/")[2][0] for problem in error.value.problems] == ["a", "a", "c"]


def test_spans_on_one_line_leave_each_gap_as_a_span() -> None:
    text = "A headline\n\n Prague \u2013 It rained.\tAd!  It poured. \n"
    places = [(1, 9, "dateline"), (10, 20, "body"), (21, 24, "boilerplate"), (26, 36, "body")]
    assert cut(text, [TITLE, *(span(3, start, end, role) for start, end, role in places)]) == [
        ("title", b"A headline"),
        ("gap", b"\n\n "),
        ("dateline", "Prague \u2013".encode()),
        ("gap", b" "),
        ("body", b"It rained."),
        ("gap", b"\t"),
        ("boilerplate", b"Ad!"),
        ("gap", b"  "),
        ("body", b"It poured."),
        ("gap", b" \n"),
    ]


def test_decoding_refuses_with_a_value_and_never_raises() -> None:
    for first in range(256):
        for second in (0x00, 0x41, 0x80, 0xBF, 0xFE, 0xFF):
            assert isinstance(decode(bytes([first, second])), (str, tuple))
