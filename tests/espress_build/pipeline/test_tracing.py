"""From bytes to sentences and back, for sources and spans that no curator would dream of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY, beside, received, run_up_to, span

from espress_build.inputs.record import KEPT_ROLES
from espress_build.pipeline.passages import Alignment, Passage, Piece, nfc

if TYPE_CHECKING:
    Ranges = list[tuple[int, int]]

ARTICLE = "herald-20200102-00000000"
FIELD = {"title": "title", "standfirst": "standfirst", "dateline": "text", "body": "text", "sub-heading": "text"}
JOINT = {"title": " ", "standfirst": "\n\n", "text": "\n\n"}
DROPPED_ROLES = ("masthead", "byline", "date", "boilerplate")

# Words and marks that segmenters and normalisers stumble over; some begin or end with a mark that composes.
LETTERS = "A it is e\u0301 e\u0323\u0308 \u0301 \u0308\u0323 \u1112\u1161\u11ab \u1161 \u11ab \u212b \u0f73"
MARKS = ". ? ! ... \u2026 U.S. Mr. \u010d. \u201c \u201d \u201e \u2018 \u2019 \" ' \u00ab \u00bb \u300c \u300d ( ) 9 <"
OTHERS = "\U0001f600 \U0001d49c \u4e2d\u6587 \u3002 \u05d0\u05d1 \u0634\u064e \u0338 \ufeff \u200b"
BITS = f"{LETTERS} {MARKS} {OTHERS}".split(" ")
SPACES = ["", " ", "  ", "\t", "\u00a0", "\u3000", "\u2028", "\u2009"]
RUN = st.lists(st.sampled_from([*BITS, " ", " ", " "]), min_size=1, max_size=8).map(lambda bits: "".join(bits).strip())


@dataclass(frozen=True)
class Page:
    """A source as the test made it: each line a list of (white space before, text, role), and what ends it."""

    lines: list[list[tuple[str, str, str]]]
    ends: list[str]
    mark: bool

    @property
    def text(self) -> str:
        """The page's characters, without the mark."""
        runs = ("".join(before + text for before, text, _ in line) for line in self.lines)
        return "".join(run + end for run, end in zip(runs, self.ends, strict=True))

    @property
    def source(self) -> bytes:
        """The page's bytes."""
        return (b"\xef\xbb\xbf" if self.mark else b"") + self.text.encode()

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The runs as spans of a record."""
        found = []
        for number, line in enumerate(self.lines, 1):
            at = 0
            for before, text, role in line:
                at += len(before)
                if role:
                    found.append(span(number, at, at + len(text), role))
                at += len(text)
        return found

    def expected(self, field: str) -> str:
        """Return the text that a reader should see in that field."""
        return JOINT[field].join(paragraph for name, paragraph in self._paragraphs() if name == field)

    def _paragraphs(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for line in self.lines:
            paragraph, kind, between = "", "", ""
            for before, text, role in line:
                if role not in KEPT_ROLES:
                    between = " "
                    continue
                now = "sub-heading" if role == "sub-heading" else FIELD[role]
                if kind and now != kind:
                    found.append((kind, paragraph))
                    paragraph, between = "", ""
                paragraph += (between or before) + text if paragraph else text
                kind, between = now, ""
            if kind:
                found.append((kind, paragraph))
        return [("text" if kind == "sub-heading" else kind, nfc(paragraph)) for kind, paragraph in found]


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """Draw a page with a title and a body."""
    from ftfy.badness import is_bad

    roles = st.sampled_from([*KEPT_ROLES, *DROPPED_ROLES, "body", "body"])
    run = st.tuples(st.sampled_from(SPACES), RUN.filter(bool), roles)
    lines = draw(st.lists(st.lists(run, max_size=4), min_size=1, max_size=6))
    lines.insert(draw(st.integers(0, len(lines))), [(draw(st.sampled_from(SPACES)), draw(RUN.filter(bool)), "title")])
    lines.append([(draw(st.sampled_from(SPACES)), draw(RUN.filter(bool)), "body")])
    blank = st.sampled_from(SPACES).map(lambda space: [(space, "", "")])
    lines = [line or draw(blank) for line in lines]
    ends = [draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in lines[1:]] + [
        draw(st.sampled_from(["", "\n", "\r\n", "\r"]))
    ]
    for at in range(1, len(ends)):
        # A lone CR, an empty line and a LF would be one line end, and not the two that are meant.
        if ends[at - 1] == "\r" and ends[at][:1] == "\n" and not "".join(b + t for b, t, _ in lines[at]):
            ends[at] = "\r"
    page = Page(lines, ends, draw(st.booleans()))
    assume(not any(is_bad(line) for line in re.split("[\r\n]", page.text)))
    assume(page.mark or not page.text.startswith("\ufeff"))
    return page


def run(page: Page) -> dict[str, Any]:
    """Run a page through extract, normalise and segment, conservation checked."""
    tables = {"received": received({ARTICLE: page.source}, {ARTICLE: page.spans}), **beside()}
    after = run_up_to("segment", tables)
    assert after["rejects"].num_rows == 0, after["rejects"].to_pylist()
    return after


def inside(dropped: Ranges, start: int, end: int) -> bool:
    """Return whether a dropped span lies within these bytes."""
    return any(start <= first and last <= end for first, last in dropped)


def check_spans(page: Page, spans: list[dict[str, Any]]) -> None:
    """Spans tile the source; they hold the text of the record's spans, and gaps hold white space."""
    parts = [page.source[one["source_start"] : one["source_end"]] for one in spans]
    assert b"".join(parts) == page.source
    assert spans[0]["source_start"] == 0
    assert all(before["source_end"] == after["source_start"] for before, after in pairwise(spans))
    given_runs = [(role, text) for line in page.lines for _, text, role in line if role]
    assert [(one["role"], one["raw"]) for one in spans if one["role"] != "gap"] == given_runs
    for one, part in zip(spans, parts, strict=True):
        assert part.decode() == one["raw"] if one["role"] != "gap" else not part.decode().strip("\ufeff").strip()


def check_fields(page: Page, article: dict[str, Any]) -> None:
    """The fields hold the kept text and nothing else."""
    for field in JOINT:
        assert (article[field] or "") == nfc(article[field] or "") == page.expected(field)
        assert "\r" not in (article[field] or "")
    kept = sum(len(text.encode()) for line in page.lines for _, text, role in line if role in KEPT_ROLES)
    assert (article["kept_bytes"], article["source_bytes"]) == (kept, len(page.source))


def check_sentences(page: Page, article: dict[str, Any], sentences: list[dict[str, Any]], dropped: Ranges) -> None:
    """Each sentence is found in its article and its source; together they cover every character once and in order."""
    assert article["n_sentences"] == len(sentences) == len({one["sentence_id"] for one in sentences})
    assert [one["unit_no"] for one in sentences] == list(range(1, len(sentences) + 1))
    for one in sentences:
        assert one["text"] == article[one["field"]][one["text_start"] : one["text_end"]] == one["text"].strip() != ""
        start, end = one["source_byte_start"], one["source_byte_end"]
        if not inside(dropped, start, end):
            assert nfc(page.source[start:end].decode()) == one["text"]
    for field in JOINT:
        own, text = [one for one in sentences if one["field"] == field], article[field] or ""
        assert all(before["text_end"] <= one["text_start"] for before, one in pairwise(own))
        covered = {at for one in own for at in range(one["text_start"], one["text_end"])}
        assert not "".join(character for at, character in enumerate(text) if at not in covered).strip()
        assert max(covered, default=-1) < len(text)


def check_numbers(article: dict[str, Any], sentences: list[dict[str, Any]]) -> None:
    """Numbers of paragraphs and ids follow the order of the text."""
    sentences = [one for one in sentences if one["field"] == "text"]
    paragraphs = (article["text"] or "").split("\n\n")
    assert article["n_paragraphs"] == len(paragraphs)
    assert sorted({one["paragraph"] for one in sentences}) == list(range(1, len(paragraphs) + 1))
    assert all(one["text"] in paragraphs[one["paragraph"] - 1] for one in sentences)
    stems = list(dict.fromkeys(one["sentence_id"].split(".")[1] for one in sentences))
    for letter in "hp":
        numbers = [int(stem[1:]) for stem in stems if stem[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))


def check_passages(page: Page, article: dict[str, Any], rows: list[dict[str, Any]], dropped: Ranges) -> None:
    """Each kept character traces to its bytes."""
    for row in rows:
        passage = Passage(row["raw"], tuple(Piece(**piece) for piece in row["pieces"]))
        assert passage.text == row["text"] == article[row["field"]][row["start"] : row["start"] + len(row["text"])]
        ranges = [passage.source_range(at, at + 1) for at in range(len(passage.text))]
        assert ranges == sorted(ranges)
        for character, (start, end) in zip(passage.text, ranges, strict=True):
            stands_for_dropped = character == " " and inside(dropped, start, end)
            assert stands_for_dropped or character in nfc(page.source[start:end].decode())


@PROPERTY
@given(page=pages())
def test_spans_fields_sentences_and_characters_trace_to_the_source(page: Page) -> None:
    after = run(page)
    (article,), spans = after["articles"].to_pylist(), after["spans"].to_pylist()
    sentences = after["sentences"].to_pylist()
    dropped = [(s["source_start"], s["source_end"]) for s in spans if s["role"] not in (*KEPT_ROLES, "gap")]
    check_spans(page, spans)
    check_fields(page, article)
    check_sentences(page, article, sentences, dropped)
    check_numbers(article, sentences)
    check_passages(page, article, after["passages"].to_pylist(), dropped)


def test_a_dropped_run_becomes_one_space_and_white_space_between_kept_runs_stays() -> None:
    line = [("", "It rained", "body"), (" ", "ADVERTISEMENT", "boilerplate"), ("", "in e\u0301te\u0301.", "body")]
    page = Page([[("", "A headline", "title")], line], ["\r\n", ""], mark=True)
    sentence = run(page)["sentences"].to_pylist()[-1]
    assert sentence["text"] == "It rained in \u00e9t\u00e9."
    cut = page.source[sentence["source_byte_start"] : sentence["source_byte_end"]].decode()
    assert cut == "It rained ADVERTISEMENTin e\u0301te\u0301."
    line = [("", "Prague \u2013", "dateline"), ("\u00a0", "It rained.", "body"), ("", "It poured.", "body")]
    (article,) = run(Page([[("", "A headline", "title")], line], ["\n", "\n"], mark=False))["articles"].to_pylist()
    assert article["text"] == "Prague \u2013\u00a0It rained.It poured."


@pytest.mark.parametrize("wanted", KEPT_ROLES)
def test_units_have_the_role_of_their_line(wanted: str) -> None:
    lines = [[("", "A headline", "title")], [("", "One. Two.", wanted)], [("", "The end.", "body")]]
    units = run(Page(lines, ["\n", "\n", ""], mark=False))["sentences"].to_pylist()
    of_line = [one for one in units if one["text"] in "One. Two."]
    whole = wanted in ("title", "sub-heading")
    assert len(of_line) == (1 if whole else 2)
    assert {one["role"] for one in of_line} == {"body" if wanted == "dateline" else wanted}
    stem = {"title": "t.02", "standfirst": "s.01", "dateline": "p01.01", "body": "p01.01", "sub-heading": "h01.01"}[
        wanted
    ]
    assert of_line[0]["sentence_id"] == f"{ARTICLE}.{stem}"


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
def test_characters_point_in_order_at_the_raw_text_that_normalises_to_them_and_cover_it(raw: str) -> None:
    aligned = Alignment(raw)
    assert aligned.text == nfc(raw)
    ranges = [aligned.raw_range(at, at + 1) for at in range(len(aligned.text))]
    for character, (start, end) in zip(aligned.text, ranges, strict=True):
        assert 0 <= start < end <= len(raw)
        assert character in nfc(raw[start:end])
    assert ranges == sorted(ranges)
    assert [end for _, end in ranges] == sorted(end for _, end in ranges)
    parts = sorted(set(ranges))
    assert "".join(raw[start:end] for start, end in parts) == raw  # every raw character once
    assert "".join(nfc(raw[start:end]) for start, end in parts) == nfc(raw)
    if raw:
        assert aligned.raw_range(0, len(aligned.text)) == (0, len(raw))


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
