"""The proposer: right on the project's own pages, and never a draft that the build would refuse."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.espress_build.pipeline.helpers import PROPERTY, real_articles

from espress_build.inputs.record import Record, parse_record, precision
from espress_build.pages.plaintext import body_of_text
from espress_build.pages.plaintext_facts import Proposal, propose_roles
from espress_build.pages.propose import PageProposal, propose_page
from espress_build.pages.read import Page
from espress_build.pipeline.extract import read_lines, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries

STRUCTURE = ("title", "standfirst", "dateline", "body", "sub-heading")


def curated(folder: Path) -> tuple[Record, list[str]]:
    """Return the record of an article and the lines of its source."""
    record, _ = parse_record((folder / "record.toml").read_text(encoding="utf-8"))
    assert record is not None
    return record, [line.text for line in split_lines((folder / "source.txt").read_text(encoding="utf-8"), 0)]


def page(*lines: str) -> list[str]:
    """Return lines with a blank one between each two."""
    return [part for line in lines for part in (line, "")][:-1]


def runs(lines: list[str], proposal: Proposal) -> list[tuple[str, str]]:
    """Return role and text of each span."""
    return [(span.role, lines[span.line - 1][span.start : span.end]) for span in proposal.spans]


def texts(lines: list[str], proposal: Proposal, role: str) -> list[str]:
    return [text for found, text in runs(lines, proposal) if found == role]


@pytest.mark.parametrize("folder", real_articles(), ids=lambda folder: folder.name)
def test_title_body_and_facts_of_the_real_pages_are_the_curated_ones(folder: Path, real_registries: Registries) -> None:
    record, lines = curated(folder)
    proposal = propose_roles(lines, real_registries)
    assert [span for span in proposal.spans if span.role in STRUCTURE] == [
        replace(span, events=()) for span in record.spans if span.role in STRUCTURE
    ]
    for field, fact in proposal.facts.items():
        assert fact.value == record.value(field), field


@pytest.mark.parametrize("folder", real_articles(), ids=lambda folder: folder.name)
def test_body_and_headline_of_the_real_pages_are_the_curated_ones(
    folder: Path, real_registries: Registries, params: Params
) -> None:
    record, lines = curated(folder)
    wanted = {span.line for span in record.spans if span.role in ("body", "sub-heading")}
    body = body_of_text("\n".join(lines))
    assert {line for one in body.paragraphs if one.lines for line in range(one.lines[0], one.lines[1] + 1)} == wanted
    title = next(lines[span.line - 1][span.start : span.end] for span in record.spans if span.role == "title")
    payload = (folder / "source.txt").read_bytes()
    found = propose_page(Page(folder.name, "text", payload, None, payload.decode(), "utf-8"), real_registries, params)
    assert isinstance(found, PageProposal)
    assert found.facts["title"].value == title


@pytest.mark.parametrize("lines", [[], [""], ["", " ", "\t"], ["\u3000"]])
def test_an_empty_page_gives_no_span_and_a_doubt(lines: list[str], registries: Registries) -> None:
    proposal = propose_roles(lines, registries)
    assert proposal.spans == []
    assert proposal.facts == {}
    assert proposal.doubts == ["no line reads like a paragraph; mark the body by hand"]


def test_a_page_without_prose_is_all_boilerplate_with_a_doubt(registries: Registries) -> None:
    lines = page("Home", "Menu | Contact", "  Sign in  ", "Page 404")
    proposal = propose_roles(lines, registries)
    assert runs(lines, proposal) == [("boilerplate", line.strip()) for line in lines if line]
    assert "mark the body by hand" in proposal.doubts[0]


def test_prose_without_a_headline_is_a_body_with_a_doubt(registries: Registries) -> None:
    lines = page("Home", "The ministry said on Monday that it had found the documents in a flat near the river.")
    proposal = propose_roles(lines, registries)
    assert texts(lines, proposal, "title") == []
    assert texts(lines, proposal, "body") == [lines[2]]
    assert "mark the title by hand" in proposal.doubts[0]


def test_a_short_name_above_the_headline_is_not_taken_for_it(registries: Registries) -> None:
    prose = "港务局星期二宣布，两名规划员因涉嫌复制海湾图纸并交给境外顾问，已被停职接受调查。"
    lines = page("海湾晚报", "港务局两名规划员因复制海图被停职", "作者：林小川", "2021-03-10", prose)
    assert texts(lines, propose_roles(lines, registries), "title") == ["港务局两名规划员因复制海图被停职"]


def test_a_headline_whose_words_the_body_does_not_repeat_is_found_by_its_place_with_a_doubt(
    registries: Registries,
) -> None:
    prose = "Until four years ago the only mast in these hills was that of the fire brigade, a spokesman said."
    above = ("Home", "All of our sections", "How quiet places begin to listen", "Nobody asked them, it seems.")
    lines = page(*above, "By Ann Lee", "2 June 2022", "Share the story now", prose)
    proposal = propose_roles(lines, registries)
    assert texts(lines, proposal, "title") == ["How quiet places begin to listen"]
    assert "by its place alone" in proposal.doubts[0]


ENGLISH = page(
    "World News",
    "The Herald",
    "Officers arrest engineer in secrets case",
    "By Ann Lee and Bo Chan Source: x",
    "2 March 2020 10:15 Updated: 3 March 2020",
    "Auckland, Mar 2 (WSV) – Officers arrested an engineer on Monday who is said to have copied secrets of his firm.",
    "What is known",
    "The engineer denies the case, and his firm declined to comment on the secrets or on the arrest.",
    "Share this article",
)


def test_an_english_page_gives_all_roles_and_facts(registries: Registries) -> None:
    proposal = propose_roles(ENGLISH, registries)
    assert texts(ENGLISH, proposal, "masthead") == ["The Herald"]
    assert texts(ENGLISH, proposal, "title") == ["Officers arrest engineer in secrets case"]
    assert texts(ENGLISH, proposal, "byline") == ["By Ann Lee and Bo Chan"]
    assert texts(ENGLISH, proposal, "date") == ["2 March 2020 10:15", "3 March 2020"]
    assert texts(ENGLISH, proposal, "dateline") == ["Auckland, Mar 2 (WSV) –"]
    assert [text[:8] for text in texts(ENGLISH, proposal, "body")] == ["Officers", "The engi"]
    assert texts(ENGLISH, proposal, "sub-heading") == ["What is known"]
    assert texts(ENGLISH, proposal, "boilerplate")[-1] == "Share this article"
    facts = {name: fact.value for name, fact in proposal.facts.items()}
    assert facts["outlet_id"] == "herald"
    assert facts["authors"] == ["Ann Lee", "Bo Chan"]
    assert facts["published"] == "2020-03-02T10:15"
    assert facts["updated"] == "2020-03-03"
    assert {fact.basis for fact in proposal.facts.values()} == {"text"}


def test_a_czech_page_is_read(registries: Registries) -> None:
    lines = page(
        "Domácí",
        "Policie zadržela inženýra kvůli utajovaným dokumentům",
        "Vydáno 3. května 2020, aktualizováno 4. května 2020",
        "Praha – Policie v pondělí zadržela inženýra, který měl podle ní kopírovat utajované dokumenty své firmy.",
        "„Inženýr vinu popírá a jeho firma odmítla zadržení i dokumenty komentovat,“ uvedl v úterý mluvčí policie.",
        "Sdílet",
    )
    proposal = propose_roles(lines, registries)
    assert texts(lines, proposal, "title") == [lines[2]]
    assert texts(lines, proposal, "section") == ["Domácí"]
    assert texts(lines, proposal, "dateline") == ["Praha –"]
    assert len(texts(lines, proposal, "body")) == 2
    assert texts(lines, proposal, "boilerplate")[-1] == "Sdílet"
    assert {name: fact.value for name, fact in proposal.facts.items()} == {
        "published": "2020-05-03",
        "updated": "2020-05-04",
    }


def test_a_chinese_page_is_read(registries: Registries) -> None:
    lines = page(
        "首页",
        "警方逮捕涉嫌窃取机密的工程师",
        "作者：王小明、李华 来源：新华社",
        "2020年3月2日 10:15",
        "警方星期一逮捕了一名工程师，他涉嫌复制并出售其公司的机密文件。",
        "案件详情",
        "该工程师否认指控，其公司拒绝就逮捕和机密文件发表评论。",
        "分享",
    )
    proposal = propose_roles(lines, registries)
    assert texts(lines, proposal, "title") == ["警方逮捕涉嫌窃取机密的工程师"]
    assert texts(lines, proposal, "byline") == ["作者：王小明、李华"]
    assert texts(lines, proposal, "date") == ["2020年3月2日 10:15"]
    assert texts(lines, proposal, "sub-heading") == ["案件详情"]
    assert len(texts(lines, proposal, "body")) == 2
    facts = {name: fact.value for name, fact in proposal.facts.items()}
    assert facts == {"authors": ["王小明", "李华"], "published": "2020-03-02T10:15"}


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Ann Lee , Bo Chan", ["Ann Lee", "Bo Chan"]),
        ("By Ann Lee,Bo Chan and Cy Dee & Eva Fox", ["Ann Lee", "Bo Chan", "Cy Dee", "Eva Fox"]),
        ("By Ann Lee, The Herald", ["Ann Lee"]),
        ("Von Ann Lee", ["Ann Lee"]),
        ("作者：王小明", ["王小明"]),
        ("作者 王小明", ["王小明"]),
        ("By Andrea Landers", ["Andrea Landers"]),
    ],
)
def test_the_persons_of_a_byline_are_told_apart(line: str, authors: list[str], registries: Registries) -> None:
    lines = [*ENGLISH[:6], line, *ENGLISH[7:]]
    assert propose_roles(lines, registries).facts["authors"].value == authors


@pytest.mark.parametrize(
    "line", ["By Ann Lee  ", "By  ", "By Ann Lee   | World", "By\t\u00a0Ann Lee \t", "  By Ann Lee"]
)
def test_a_byline_has_no_white_space_at_its_edges(line: str, registries: Registries) -> None:
    lines = [*ENGLISH[:6], line, *ENGLISH[7:]]
    for role, text in runs(lines, propose_roles(lines, registries)):
        assert text == text.strip() != "", role
    authors = propose_roles(lines, registries).facts.get("authors")
    assert authors is None or authors.value == ["Ann Lee"]


def test_an_agency_is_found_where_it_stands_alone_and_not_inside_a_word(registries: Registries) -> None:
    for credit, wanted in (("WSV", True), ("Text: Wire Service", True), ("WSVX", False), ("wsv", False)):
        lines = [*ENGLISH[:6], credit, *ENGLISH[7:]]
        assert ("agency_id" in propose_roles(lines, registries).facts) == wanted, credit


def test_only_the_first_paragraph_may_begin_with_a_dateline(registries: Registries) -> None:
    lines = [*ENGLISH]
    lines[14] = f"Secrets – {lines[14]}"
    proposal = propose_roles(lines, registries)
    assert texts(lines, proposal, "dateline") == ["Auckland, Mar 2 (WSV) –"]
    assert texts(lines, proposal, "body")[-1] == lines[14]


def test_an_impossible_time_does_not_become_a_fact(registries: Registries) -> None:
    lines = [*ENGLISH[:8], "2 March 2020 25:70", *ENGLISH[9:]]
    published = propose_roles(lines, registries).facts["published"].value
    assert published == "2020-03-02"


SCRAPS = st.sampled_from([
    "By", "Ann Lee", ":", "Source:", "2019-07-23", "13:53", "26. 11. 2019", "July", "5, 2019", "WSV", "Wire Service",
    "Herald", "The Herald", "–", "-", ",", "(WSV)", ".", "?”", "。", "作者：", "中文", "updated", "U.S.", "  ",
    "\t", "\xa0", "\u3000", "\u2028", "officers arrested engineer", "\ufeff", "é", "|",
    "the officers arrested an engineer in the case of the secrets",
])  # fmt: skip
LINE = st.lists(SCRAPS, max_size=7).map(" ".join) | st.lists(SCRAPS, max_size=7).map("".join) | st.text(max_size=30)
ANY_LINES = st.lists(LINE.map(lambda line: line.replace("\r", "").replace("\n", "")), max_size=9)
# Half of the pages end in a paragraph, as without one all is boilerplate.
LINES = ANY_LINES | ANY_LINES.map(lambda lines: [*lines, "", ENGLISH[10]])


@settings(PROPERTY, max_examples=200)
@given(lines=LINES)
def test_every_run_that_is_no_white_space_is_covered_once_and_spans_fit_their_lines(
    lines: list[str], registries: Registries
) -> None:
    proposal = propose_roles(lines, registries)
    assert all((first.line, first.end) <= (second.line, second.start) for first, second in pairwise(proposal.spans)), (
        proposal.spans
    )
    rest = [list(line) for line in lines]
    for span in proposal.spans:
        text = lines[span.line - 1][span.start : span.end]
        assert len(text) == span.end - span.start
        assert text == text.strip() != ""
        rest[span.line - 1][span.start : span.end] = " " * len(text)
    assert not "".join("".join(line) for line in rest).strip()


@settings(PROPERTY, max_examples=200)
@given(lines=LINES)
def test_every_fact_that_is_proposed_is_one_that_a_record_may_hold(lines: list[str], registries: Registries) -> None:
    for name, fact in propose_roles(lines, registries).facts.items():
        assert fact.basis == "text"
        if name == "authors":
            assert isinstance(fact.value, list)
            assert all(one == one.strip() != "" for one in fact.value)
        elif name == "updated":
            assert precision(str(fact.value)) == "day"
        elif name == "published":
            assert precision(str(fact.value)) in ("day", "minute", "second")
        else:
            assert fact.value in registries.outlets


def test_a_source_that_is_read_can_be_proposed_for(registries: Registries, params: Params) -> None:
    source = "\ufeff" + "\r\n".join(ENGLISH)
    lines = read_lines(source.encode(), 0, params)
    assert isinstance(lines, list)
    assert texts(ENGLISH, propose_roles([line.text for line in lines], registries), "title") == [ENGLISH[4]]
