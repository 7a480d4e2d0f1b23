"""Bytes become blocks: what cannot be read is rejected with a reason, and what can is cut without losing a byte."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.espress_build.pipeline import helpers
from tests.espress_build.pipeline.helpers import BASIC_PAGE, Corpus, basic_spans, received, run_up_to, span

from espress.errors import InputError
from espress_build.pipeline.extract import decode, extract, read_lines, split_lines

if TYPE_CHECKING:
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

ARTICLE = "herald-20200102-00000000"


def step_of(source: bytes, params: Params, spans: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Run extract over one source, conservation checked; returns its tables."""
    return run_up_to("extract", {"received": received({ARTICLE: source}, {ARTICLE: spans or []})}, params)


def refusal(source: bytes, params: Params) -> tuple[str, str]:
    """Return reason and detail of the one reject that a source leads to; nothing of it is kept."""
    tables = step_of(source, params)
    assert tables["spans"].num_rows == 0
    assert tables["received"].num_rows == 0
    (reject,) = tables["rejects"].to_pylist()
    assert (reject["id"], reject["stage"]) == (ARTICLE, "extract")
    return reject["reason"], reject["detail"]


def blocks(source: str, params: Params, spans: list[dict[str, Any]] | None = None) -> list[tuple[str, bytes]]:
    """Return role and bytes of each block of a source that is read."""
    data = source.encode()
    tables = step_of(data, params, spans or basic_spans(source.removeprefix("\ufeff")))
    assert tables["rejects"].num_rows == 0, tables["rejects"].to_pylist()
    return [(row["role"], data[row["source_start"] : row["source_end"]]) for row in tables["spans"].to_pylist()]


def test_an_empty_file_is_rejected(params: Params) -> None:
    assert refusal(b"", params)[0] == "empty_file"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"A headline \xff\n", "byte 11 is 0xff"),
        ("Caf\u00e9".encode("latin-1"), "byte 3 is 0xe9"),
        ("\u010d".encode() + "\u017elu\u0165".encode("cp1250"), "byte 2 is 0x9e"),
        (b"\xef\xbb\xbfab\x80", "byte 5 is 0x80"),  # counted from the start of the file, mark included
        (b"cut short \xe2\x80", "byte 10 is 0xe2"),
        (b"a surrogate \xed\xa0\x80", "byte 12 is 0xed"),
        (b"overlong \xc0\xaf", "byte 9 is 0xc0"),
        ("\u4e2d\u56fd".encode("gb18030"), "byte 0 is 0xd6"),
    ],
)
def test_bytes_that_are_not_utf8_are_rejected_and_the_first_is_named(source: bytes, place: str, params: Params) -> None:
    reason, detail = refusal(source, params)
    assert reason == "not_utf8"
    assert detail.startswith(place)
    assert "add it anew" in detail


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_of_another_encoding_is_named(codec: str, params: Params) -> None:
    reason, detail = refusal(f"\ufeff{BASIC_PAGE}".encode(codec), params)
    assert reason == "not_utf8"
    assert f"mark of {codec[:6].upper()};" in detail


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_utf16_and_utf32_without_a_mark_are_rejected_for_their_nuls(codec: str, params: Params) -> None:
    reason, detail = refusal(BASIC_PAGE.encode(codec), params)
    assert reason == "control_character"
    assert "U+0000 at line 1" in detail


def test_a_utf8_mark_is_accepted_and_counts_among_the_bytes_but_not_among_the_characters(params: Params) -> None:
    found = blocks("\ufeff" + BASIC_PAGE, params)
    assert found[0] == ("gap", b"\xef\xbb\xbf")
    assert found[1] == ("title", b"A headline")


def test_only_one_mark_is_taken_away(params: Params) -> None:
    text = "\ufeff\ufeffA headline\nBody."
    assert blocks(text, params, [span(1, 0, 11, "title"), span(2, 0, 5, "body")])[1] == (
        "title",
        "\ufeffA headline".encode(),
    )


@pytest.mark.parametrize(
    "line",
    [
        "\u00e2\u20ac\u0153Spies\u00e2\u20ac\u009d, he said.".replace("\u009d", "\u2122"),
        "P\u00c5\u2122\u00c3\u00adbram",
        "l\u2019\u00c3\u00a9t\u00c3\u00a9",
        "\u00e4\u00b8\u00ad\u00e5\u203a\u00bd\u00e6\u0160\u00a5\u00e7\u00ba\u00b8",
    ],
)
def test_mojibake_is_rejected_and_its_line_is_quoted(line: str, params: Params) -> None:
    reason, detail = refusal(f"A headline\n\n{line}\n".encode(), params)
    assert reason == "mojibake"
    assert "line 3" in detail
    assert line[:2] in detail


@pytest.mark.parametrize(
    "line",
    [
        "\u201eAhoj,\u201c \u0159ekl Ing. Dvo\u0159\u00e1k; \u010cTK 5 \u00b0C \u00b1 2 \u00b5m \u00d7 3 \u2013 100 %.",
        "\u4ed6\u8bf4\uff1a\u201c\u53bb\u5427\u3002\u201d\uff08\u65b0\u534e\u793e\uff09\u300a\u73af\u7403\u65f6\u62a5\u300b",
        "Ti\u1ebfng Vi\u1ec7t r\u1ea5t \u0111\u1eb9p; na\u00efve \u00c0 la carte \u2026 \u20ac5 \u00a33 \u00bd",
        "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u00ab\u0442\u0435\u043a\u0441\u0442\u00bb",
        "\u05e2\u05d1\u05e8\u05d9\u05ea; \u0639\u0631\u0628\u064a; \U0001f600",
        "e\u0301te\u0301 n\u0303 c\u030c",
    ],
)
def test_sound_text_of_other_languages_is_not_taken_for_mojibake(line: str, params: Params) -> None:
    assert isinstance(read_lines(line.encode(), len(line.encode()), params), list)


def test_a_replacement_character_is_rejected_with_its_place(params: Params) -> None:
    reason, detail = refusal("A headline\r\nA lost l\ufffdtter.".encode(), params)
    assert (reason, "line 2, character 8" in detail) == ("mojibake", True)


@pytest.mark.parametrize("code", [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0xFFFE, 0xFFFF])
def test_a_control_character_is_rejected_with_its_place(code: int, params: Params) -> None:
    reason, detail = refusal(f"A headline\n\n\u00e9\U0001f600x{chr(code)}y\n".encode(), params)
    assert reason == "control_character"
    assert f"U+{code:04X} at line 3, character 3" in detail


def test_tabs_and_line_ends_are_no_control_characters(params: Params) -> None:
    text = "A\theadline\r\n\tBody.\r\nMore.\rLast.\n"
    spans = [span(1, 0, 10, "title"), *(span(n, s, e, "body") for n, s, e in ((2, 1, 6), (3, 0, 5), (4, 0, 5)))]
    kept = [data for role, data in blocks(text, params, spans) if role != "gap"]
    assert kept == [b"A\theadline", b"Body.", b"More.", b"Last."]


def test_next_line_and_line_separator_end_no_line() -> None:
    assert [line.text for line in split_lines("a\u2028b\u2029c\x85d\x0ce", 0)] == ["a\u2028b\u2029c\x85d\x0ce"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_and_their_bytes_are_found_whatever_ends_them(end: str) -> None:
    text = end.join(["\u00e9", "", "\U0001f600", ""])
    lines = split_lines(text, 3)
    assert [line.text for line in lines] == ["\u00e9", "", "\U0001f600", ""]
    step = len(end)
    assert [line.source_start for line in lines] == [3, 5 + step, 5 + 2 * step, 9 + 3 * step]


def test_mixed_line_ends_are_told_apart() -> None:
    assert [line.text for line in split_lines("a\n\rb\r\r\nc\n\nd", 0)] == ["a", "", "b", "", "c", "", "d"]


def test_a_source_of_50_mb_in_one_line_is_rejected_and_nothing_is_lost(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    small = corpus.add()
    big = corpus.add(b"A headline " + b"x" * 50_000_000, [span(1, 0, 10, "title")])
    tables = run_up_to("segment", corpus.tables(registries, params), params)
    (reject,) = tables["rejects"].to_pylist()
    assert (reject["id"], reject["reason"]) == (big.name, "too_large")
    assert "50000011 bytes" in reject["detail"]
    assert str(params.extract.max_source_bytes) in reject["detail"]
    assert tables["articles"]["article_id"].to_pylist() == [small.name]
    assert set(tables["sentences"]["article_id"].to_pylist()) == {small.name}


def test_a_source_of_exactly_the_limit_is_read_and_one_byte_more_is_not(
    corpus: Corpus, registries: Registries, params: Params
) -> None:
    limit = replace(params, extract=replace(params.extract, max_source_bytes=len(BASIC_PAGE)))
    corpus.add()
    over = corpus.add(BASIC_PAGE + "\n")
    rejects = run_up_to("extract", corpus.tables(registries, limit), limit)["rejects"]
    assert rejects["id"].to_pylist() == [over.name]


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f600"])
def test_a_line_over_the_limit_is_rejected_with_its_number_and_bytes(letter: str, params: Params) -> None:
    limit = params.extract.max_line_bytes
    line = letter * (limit // len(letter.encode()))
    assert isinstance(read_lines(line.encode(), 1, params), list)
    reason, detail = refusal(f"A headline\n{line}{letter}\n".encode(), params)
    assert reason == "line_too_long"
    assert f"line 2 has {len((line + letter).encode())} bytes; at most {limit}" in detail


@pytest.mark.parametrize(("role", "reason"), [("body", "no_title"), ("title", "no_body"), ("boilerplate", "no_title")])
def test_a_page_without_title_or_body_is_rejected(role: str, reason: str, params: Params) -> None:
    rejects = step_of(b"Some words.\n", params, [span(1, 0, 11, role)])["rejects"].to_pylist()
    assert [reject["reason"] for reject in rejects] == [reason]


@pytest.mark.parametrize("source", [b"\xef\xbb\xbf", b" \n\t\r\n", "\u3000\u2028\n".encode()])
def test_a_page_of_white_space_alone_is_rejected(source: bytes, params: Params) -> None:
    assert refusal(source, params)[0] == "no_title"


@pytest.mark.parametrize("reason", ["empty_file", "not_utf8", "control_character", "mojibake", "no_title"])
def test_every_reason_given_is_in_the_closed_list(reason: str) -> None:
    from espress.schema import schema

    assert reason in schema().vocabularies["reject_reason"]


def test_rejected_and_kept_articles_together_are_those_given(params: Params) -> None:
    page = BASIC_PAGE.encode()
    sources = {
        "a-undated-00000000": page,
        "b-undated-00000000": b"\xff",
        "c-undated-00000000": page,
        "d-undated-00000000": b"",
    }
    spans = {name: basic_spans(BASIC_PAGE) if source == page else [] for name, source in sources.items()}
    tables = run_up_to("extract", {"received": received(sources, spans)}, params)
    assert tables["received"]["article_id"].to_pylist() == ["a-undated-00000000", "c-undated-00000000"]
    assert tables["rejects"]["id"].to_pylist() == ["b-undated-00000000", "d-undated-00000000"]


def faults(source: str, spans: list[dict[str, Any]], params: Params) -> list[str]:
    """Return the problems that extract raises for one source."""
    with pytest.raises(InputError) as error:
        step_of(source.encode(), params, spans)
    assert all(one.startswith(f"raw/articles/{ARTICLE}/record.toml: ") for one in error.value.problems)
    return error.value.problems


TITLE, BODY = span(1, 0, 10, "title"), span(3, 0, 17, "body")
PAGE = "A headline\n\nThe first is here.\n"


@pytest.mark.parametrize(
    ("spans", "says"),
    [
        ([TITLE, span(3, 0, 18, "body"), span(9, 0, 3, "date")], "line 9, but the source has 4 lines"),
        ([TITLE, span(3, 0, 19, "body")], "character 19 of line 3, which has 18"),
        ([TITLE, span(3, 0, 18, "body"), span(2, 0, 1, "date")], "character 1 of line 2, which has 0"),
        ([TITLE, span(3, 0, 4, "body"), span(3, 4, 18, "body")], "line 3, characters 0-4: the span begins or ends"),
        ([TITLE, span(3, 0, 3, "body"), span(3, 3, 18, "body")], "white space: ' first is here.'"),
        ([TITLE, BODY], "line 3, characters 17-18: no span covers '.'"),
        ([TITLE], "line 3, characters 0-18: no span covers 'The first is here.'"),
        ([TITLE, span(3, 0, 3, "body"), span(3, 10, 18, "body")], "line 3, characters 3-10: no span covers 'first'"),
    ],
)
def test_a_span_that_does_not_fit_the_source_is_named_with_its_place(
    spans: list[dict[str, Any]], says: str, params: Params
) -> None:
    assert any(says in problem for problem in faults(PAGE, spans, params))


@pytest.mark.parametrize("number_of_spans", [1, 2])
def test_a_span_that_is_misplaced_is_one_fault_and_not_two(number_of_spans: int, params: Params) -> None:
    spans = [TITLE, span(3, 0, 19, "body"), span(9, 0, 3, "date")][: number_of_spans + 1]
    assert len(faults(PAGE, spans, params)) == number_of_spans


def test_a_message_about_a_span_says_what_to_do(params: Params) -> None:
    assert "give it a role" in faults(PAGE, [TITLE], params)[0]
    assert "correct" in faults(PAGE, [TITLE, span(3, 0, 19, "body")], params)[0]
    assert "correct" in faults(PAGE, [TITLE, span(9, 0, 3, "body")], params)[0]
    assert "leave it out" in faults(PAGE, [TITLE, span(3, 0, 4, "body"), span(3, 4, 18, "body")], params)[0]


def test_the_faults_of_all_articles_are_listed_at_once(params: Params) -> None:
    source = PAGE.encode()
    sources = {f"{letter}-undated-00000000": source for letter in "abc"}
    good = [TITLE, span(3, 0, 18, "body")]
    spans = {
        "a-undated-00000000": [TITLE, span(3, 0, 3, "body"), span(8, 0, 2, "date")],
        "b-undated-00000000": good,
        "c-undated-00000000": [TITLE, span(3, 0, 18, "body"), span(4, 0, 2, "date")],
    }
    with pytest.raises(InputError) as error:
        extract({"received": received(sources, spans)}, params)
    assert len(error.value.problems) == 3
    assert [problem.split("/")[2][0] for problem in error.value.problems] == ["a", "a", "c"]


def test_a_run_of_spans_on_one_line_leaves_each_gap_as_a_block(params: Params) -> None:
    text = "A headline\n\n Prague \u2013 It rained.\tAd!  It poured. \n"
    spans = [
        TITLE,
        span(3, 1, 9, "dateline"),
        span(3, 10, 20, "body"),
        span(3, 21, 24, "boilerplate"),
        span(3, 26, 36, "body"),
    ]
    assert blocks(text, params, spans) == [
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
            answer = decode(bytes([first, second]))
            assert isinstance(answer, (str, tuple))


def test_the_real_sources_are_read_without_a_reject() -> None:
    tables = helpers.real_tables()
    assert tables["rejects"].num_rows == 0
    assert tables["articles"].num_rows == len(helpers.real_articles())
