"""Headlines in plain-text copies of whole pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from espress_build.inputs.record import parse_record
from espress_build.inputs.registries import read_registries
from espress_build.pages.plaintext_facts import credits_by, headline
from espress_build.pages.propose import PageProposal, propose_page
from espress_build.pages.read import Page

if TYPE_CHECKING:
    from espress_build.inputs.params import Params

BODY = [
    "The harbour council voted on Monday to close the old lighthouse, which had guided ships since the war.",
    "Keepers said that the lighthouse was still needed by the fishing boats that leave the harbour at night.",
]
MENU = ["Home", "News", "Opinion and analysis", "Harbour", "Subscribe to our newsletter", "Search this site"]
TITLE = "Council closes old harbour lighthouse"


@pytest.mark.parametrize(
    "between",
    [
        [],
        ["By Irena Voss", "2019-11-21"],
        ["21 November 2019 18:05", "Share", "Tweet", "12 comments"],
        ["After a long debate, the harbour council has decided about the lighthouse that guided its ships"],
    ],
)
def test_the_headline_is_found_below_menus_and_above_standfirst_byline_and_share_prompts(between: list[str]) -> None:
    lines = [*MENU, "", TITLE, "", *between, "", *BODY]
    assert headline(lines, lines.index(BODY[0]) + 1, set()) == lines.index(TITLE) + 1


def test_the_headline_of_a_script_without_spaces_is_found() -> None:
    title = "港口委员会决定关闭老灯塔"
    body = "港口委员会星期一表决，决定关闭自战争以来一直为船只引航的老灯塔，渔民表示反对这一决定。"
    lines = ["首页", "新闻", "国际新闻频道在线", title, "2019年11月21日 18:05", body]
    assert headline(lines, 6, {5}) == 4


def test_a_menu_above_a_body_is_no_headline() -> None:
    assert headline([*MENU, *BODY], len(MENU) + 1, set()) is None


@pytest.mark.parametrize("lines", [[""], ["", ""], ["?", BODY[0]], ["x" * 200_000, BODY[0]]])
def test_odd_lines_are_no_headline(lines: list[str]) -> None:
    assert headline(lines, len(lines), set()) is None


@pytest.mark.parametrize(
    ("lines", "day", "authors"),
    [
        (["Von Irena Voss", "21. November 2019, 18:05 Uhr"], "2019-11-21", ["Irena Voss"]),
        (["Aktualisiert: 22.11.2019", "21.11.2019", "Von Ina Voss und T. Renn"], "2019-11-21", ["Ina Voss", "T. Renn"]),
        (["2019年11月21日 18:05", "记者 王小明"], "2019-11-21", ["王小明"]),
        (["Publié le 21 novembre 2019", "Par Irena Voss"], "2019-11-21", ["Irena Voss"]),
    ],
)  # fmt: skip
def test_day_and_authors_are_read_between_headline_and_body(lines: list[str], day: str, authors: list[str]) -> None:
    text = [*MENU, TITLE, *lines, *BODY]
    found = credits_by(text, len(MENU) + 1, len(MENU) + len(lines) + 2, None)
    assert found["published"].value == day
    assert found["authors"].value == authors


def test_lines_far_from_the_headline_say_nothing() -> None:
    text = ["By Irena Voss", "2001-01-01", *MENU, TITLE, *BODY]
    assert credits_by(text, len(MENU) + 3, len(MENU) + 4, None) == {}


@pytest.mark.parametrize("folder", sorted(Path("raw/articles").iterdir()), ids=lambda folder: folder.name)
def test_on_the_projects_own_pages_the_headline_is_the_curated_one(folder: Path, params: Params) -> None:
    record, _ = parse_record((folder / "record.toml").read_text(encoding="utf-8"))
    assert record is not None
    payload = (folder / "source.txt").read_bytes()
    lines = payload.decode("utf-8").splitlines()
    wanted = next(lines[span.line - 1][span.start : span.end] for span in record.spans if span.role == "title")
    page = Page(folder.name, "text", payload, None, payload.decode("utf-8"), "utf-8")
    found = propose_page(page, read_registries(Path("schema/registries")), params)
    assert isinstance(found, PageProposal)
    assert found.facts["title"].value == wanted
