"""Bodies of HTML pages: the article's paragraphs, all of them, and nothing that stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from espress_build.pages.body import find_body
from espress_build.pages.dom import Document

if TYPE_CHECKING:
    from espress_build.pages.prose import Body

FIRST = "The ministry said on Monday that it had found the papers in a flat near the river, after a search of two days."
SECOND = (
    "Its spokesman declined to say who had rented the flat, or whether anybody had been arrested in the case so far."
)
THIRD = (
    "“We do not comment on a case that is before the court,” he told reporters, and left the room by the other door."
)
CZECH = "Policie v pondělí uvedla, že dokumenty našla v bytě u řeky, kde po dva dny hledala stopy po neznámém nájemci."
CHINESE = "警方星期一表示，经过两天的搜查，他们在河边的一间公寓里找到了这些文件，但没有透露租用公寓的人是谁。"
BODY = [FIRST, SECOND, THIRD]
MENU = "<ul class='menu'>" + "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(9)) + "</ul>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(inside: str) -> str:
    return f"<!DOCTYPE html><html><head><title>x</title></head><body>{MENU}{inside}{MENU}</body></html>"


def body_of_html(html: str, title: str | None = None) -> Body:
    return find_body(Document(html), title=title)


def found(html: str, title: str | None = None) -> list[str]:
    return [paragraph.text for paragraph in body_of_html(html, title).paragraphs]


@pytest.mark.parametrize(
    "furniture",
    [
        f"<aside>{paragraphs(THIRD)}</aside>",
        f"<div id='comments'>{paragraphs(SECOND + ' I think.')}</div>",
        f"<div class='cookie-consent'>{paragraphs('We use cookies to make this site work, others to count.')}</div>",
        f"<div class='newsletter-signup'>{paragraphs('Get the best of our reporting in your inbox every day.')}</div>",
        f"<div style='display: none'>{paragraphs('You have read your free articles of the month, sign in now.')}</div>",
        f"<div role='dialog'>{paragraphs('You have read your free articles of the month, sign in now.')}</div>",
        "<figure><figcaption>A view of the flat near the river, as it was. Photo: Ann Lee.</figcaption></figure>",
        "<p><a href='/x'>Read also: what the ministry knew of the papers, and since when it knew about them.</a></p>",
        "<script>var text = 'The script is not a part of what anybody reads, however long its strings are.';</script>",
        "<style>p { content: 'The style is not a part of what anybody reads, however long its strings are.' }</style>",
        "<!-- The comment is not a part of what anybody reads, however long it may become in the end. -->",
    ],
)
def test_what_stands_around_the_article_or_between_its_paragraphs_is_left_out(furniture: str) -> None:
    for inside in (
        f"{furniture}<div>{paragraphs(*BODY)}</div>",
        f"<div>{paragraphs(*BODY)}</div>{furniture}",
        f"<div>{paragraphs(*BODY[:2])}{furniture}{paragraphs(THIRD)}</div>",
    ):
        assert found(page(f"<main>{inside}</main>")) == BODY


def test_sub_headings_quotations_and_lists_of_the_article_are_kept_in_their_order() -> None:
    end = f"<ul><li>two phones</li></ul><blockquote>{THIRD}</blockquote>"
    html = page(f"<article><p>{FIRST}</p><h2>What is known</h2>{end}</article>")
    body = body_of_html(html)
    assert [(one.text, one.role) for one in body.paragraphs] == [
        (FIRST, "body"),
        ("What is known", "sub-heading"),
        ("two phones", "body"),
        (THIRD, "body"),
    ]


def test_an_id_that_repeats_the_words_of_a_sub_heading_does_not_drop_it() -> None:
    html = page(
        f"<article><p>{FIRST}</p><h2 id='social-media-and-cookies'>Social media</h2>{paragraphs(SECOND)}</article>"
    )
    assert found(html) == [FIRST, "Social media", SECOND]


def test_title_and_byline_are_not_the_body() -> None:
    html = page(f"<article><h1>Papers found</h1><p class='byline'>By Ann Lee</p>{paragraphs(*BODY)}</article>")
    assert found(html, "Papers found") == BODY


@pytest.mark.parametrize(
    "inside",
    [
        f"<table><tr><td>{MENU}</td><td>{FIRST}<br><br>{SECOND}<br>{THIRD}</td></tr></table>",
        f"<div id='artibody'><font>{FIRST}</font><br/>{SECOND}<p>{THIRD}</p></div>",
        f"<form>{paragraphs(*BODY)}</form>",
        f"<amp-body><div><span>{paragraphs(*BODY)}</span></div></amp-body>",
        f"<div>{FIRST}</div><div>{SECOND}</div><div>{THIRD}</div>",
        f"<div>{FIRST}<div><b></b><p> </p>{SECOND}</div>{THIRD}</div>",
    ],
)
def test_old_and_odd_markup_is_read_in_the_order_of_a_reader(inside: str) -> None:
    assert found(page(inside)) == BODY


def test_of_several_articles_on_an_endless_page_the_first_is_taken() -> None:
    other = paragraphs(*(f"{number}. {SECOND}" for number in range(9)))
    first = paragraphs(*(f"{number}. {FIRST}" for number in range(9)))
    texts = found(page(f"<article>{first}</article><article>{other}</article>"))
    assert texts == [f"{number}. {FIRST}" for number in range(9)]


@pytest.mark.parametrize("text", [CZECH, CHINESE])
def test_no_language_is_asked_for(text: str) -> None:
    texts = [f"{text}{number}{text}" for number in range(3)]
    assert found(page(f"<div>{paragraphs(*texts)}</div><div class='related'>{paragraphs(text)}</div>")) == texts


def test_names_of_a_theme_or_a_category_drop_no_article() -> None:
    html = page(
        f"<section class='post type-post tag-comments category-social has-sidebar'>{paragraphs(*BODY)}</section>"
    )
    assert found(html) == BODY


def test_teasers_of_other_articles_are_left_out_even_where_they_outweigh_the_article() -> None:
    card = (
        "<div class='card'><h3><a href='/{0}'>Another story of the day, number {0}</a></h3><div><p>{1}</p></div></div>"
    )
    cards = "".join(card.format(number, f"{number}. {SECOND}") for number in range(6))
    assert found(page(f"<main><div>{paragraphs(*BODY)}</div><div class='grid'>{cards}</div></main>")) == BODY


def test_words_beside_a_picture_are_its_caption() -> None:
    picture = "<div class='pic'><img src='/x.jpg'><div><p>The flat by the river, as it was found.</p></div></div>"
    assert found(page(f"<div>{paragraphs(FIRST)}{picture}{paragraphs(SECOND, THIRD)}</div>")) == BODY


def test_paragraphs_beside_pictures_are_no_captions() -> None:
    steps = "".join(f"<div><img src='/{n}.jpg'><p>{text}</p></div>" for n, text in enumerate(BODY))
    assert found(page(f"<div>{steps}</div>")) == BODY


def test_replies_that_are_longer_than_the_article_are_left_out() -> None:
    replies = "".join(f"<li class='comment-body'>{paragraphs(f'{n}. ' + SECOND * 3)}</li>" for n in range(9))
    assert found(page(f"<div>{paragraphs(*BODY)}</div><ol id='comments'>{replies}</ol>")) == BODY


def test_an_article_that_is_cut_into_parts_of_unlike_length_is_whole() -> None:
    more = [f"{number}. {FIRST}" for number in range(12)]
    html = page(f"<div class='text'>{paragraphs(*BODY)}<div class='more'>{paragraphs(*more)}</div></div>")
    assert found(html) == BODY + more


@pytest.mark.parametrize("last", ["Be there or be square!", "Who will pay for it?", "It rained. (dpa)"])
def test_a_short_last_paragraph_is_kept(last: str) -> None:
    assert found(page(f"<div>{paragraphs(*BODY, last)}</div><p>Share</p>")) == [*BODY, last]


@pytest.mark.parametrize("label", ["Source: the ministry", "Advertisement", "责任编辑：霍琦"])
def test_a_label_behind_the_last_paragraph_is_left_out(label: str) -> None:
    assert found(page(f"<div>{paragraphs(*BODY)}<div>{label}</div></div>")) == BODY


@pytest.mark.parametrize("name", ["paywall", "subscriber-only", "has-social", "post-content related"])
def test_names_that_only_sound_like_furniture_drop_no_paragraph(name: str) -> None:
    marked = "".join(f"<p class='{name}'>{text}</p>" for text in BODY[1:])
    assert found(page(f"<div><p>{FIRST}</p>{marked}</div>")) == BODY


def test_where_little_is_found_two_other_readers_who_agree_are_believed() -> None:
    lines = "".join(f"<p>and on the {number}th day of the voyage nobody had seen the shore</p>" for number in range(30))
    html = f"<html><body><article><h1>Voyage</h1>{lines}</article></body></html>"
    assert "on the 20th day" in body_of_html(html).text


@pytest.mark.parametrize("html", ["", " ", "<", "<html>", "<p>Menu</p>", "\0", "%PDF-1.7 stream", "<div>" * 20_000])
def test_a_page_without_prose_has_no_body(html: str) -> None:
    assert found(html) == []


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>" * 5_000 + "</script>",
        "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><p>&b;</p>",
        "\0\x01\ud800",
        "<?xml version='1.0' encoding='utf-16'?>",
        "<div " + "a=1 " * 5_000 + ">",
    ],
)
def test_hostile_markup_in_front_does_not_stop_the_reader(hostile: str) -> None:
    assert SECOND in " ".join(found(hostile + page(paragraphs(*BODY))))


def test_deep_nesting_behind_the_article_neither_fails_nor_hides_it() -> None:
    assert set(BODY) <= set(found(f"<body><div>{paragraphs(*BODY)}</div>{'<div>' * 10_000}{'</div>' * 10_000}</body>"))


TAGS = st.sampled_from(
    ["<div>", "</div>", "<p>", "</p>", "<br>", "<td>", "<a href=x>", "</a>", "<span>", "<x-y>", "<ul><li>",
     FIRST, CZECH, CHINESE, "x", "&amp;", "&#0;", "<h2>", "</h2>", "<svg>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(TAGS, max_size=25))
def test_any_soup_gives_a_body_without_markup_and_the_same_each_time(parts: list[str]) -> None:
    html = "".join(parts)
    body = body_of_html(html)
    assert body == body_of_html(html)
    assert all(one.text == one.text.strip() != "" and "<" not in one.text for one in body.paragraphs)
