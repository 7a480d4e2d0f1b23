"""Pages that came whole and are not the article: walls, pages that say that there is none, other articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.espress_build.hydrate.conftest import SLUG, Judge, fetched, refused
from tests.espress_build.hydrate.server import article, redirect, response

from espress_build.hydrate.responses import Fetched, Unchanged
from espress_build.pages.propose import PageProposal

if TYPE_CHECKING:
    from tests.espress_build.hydrate.conftest import Web
    from tests.espress_build.hydrate.server import Server

WALL = """<html lang="en"><head><title>Sign in - The Harbour Courier</title></head><body>
<h1>Sign in to continue reading</h1>
<p>Already a subscriber? Enter your address and your password, and read on at once.</p>
<form><input name="who"><input type="password" name="word"></form></body></html>"""


def test_wrong_charset(web: Web, server: Server, judge: Judge) -> None:
    page = article("Přístavní plánovač zadržen kvůli mapám").replace('<meta charset="utf-8">', "")
    server.put("/story", response(page.encode("cp1250"), kind="text/html; charset=utf-8"))
    server.put("/other", response(page.encode(), kind="text/html; charset=us-ascii"))
    for path in ("/story", "/other"):
        got = fetched(web, server.url(path))
        assert got.payload == page.encode("cp1250" if path == "/story" else "utf-8"), "bytes are kept as they came"
        proposal = judge.read(got)
        assert isinstance(proposal, PageProposal)
        assert proposal.facts["title"].value == "Přístavní plánovač zadržen kvůli mapám"


def test_login_wall(web: Web, server: Server, judge: Judge) -> None:
    server.put("/story", response(WALL))
    server.put("/moved", redirect("/account/login?back=/moved"))
    server.put("/account/login?back=/moved", response("<title>Welcome</title><p>Your name and your word, please.</p>"))
    server.put("/401", response("", 401, WWW_Authenticate="Basic"))
    teaser = article(paragraphs=1).replace("</article>", "<div>Subscribe to continue reading.</div></article>")
    paid = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script></head>'
    server.put("/teaser", response(teaser.replace("</head>", paid)))
    assert judge.reason(fetched(web, server.url())) == "login_wall"
    assert judge.reason(fetched(web, server.url("/moved"))) == "login_wall"
    assert judge.reason(fetched(web, server.url("/teaser"))) == "login_wall"
    assert refused(web, server.url("/401")).reason == "login_wall"


def test_an_article_with_a_login_form_and_a_cookie_notice_is_an_article(web: Web, server: Server, judge: Judge) -> None:
    around = WALL.partition("<body>")[2].replace("</body></html>", "<div>We use cookies. Accept all cookies.</div>")
    server.put(SLUG, response(article().replace("<article>", around + "<article>")))
    assert judge.reason(fetched(web, server.url(SLUG))) is None


def test_cookie_wall(web: Web, server: Server, judge: Judge) -> None:
    words = "<p>We use cookies and similar means to show you what suits you, if you agree to it.</p>"
    server.put(
        "/story", response(f"<html><head><title>The Courier</title></head><body>{words * 6}<button>Accept</button>")
    )
    server.put("/moved", redirect("http://consent.example:" + str(server.port) + "/consent?for=/moved"))
    server.put("/consent?for=/moved", response("<title>The Courier</title><p>Do you agree?</p>"))
    assert judge.reason(fetched(web, server.url())) == "cookie_wall"
    assert judge.reason(fetched(web, server.url("/moved"))) == "cookie_wall"


def test_soft_404(web: Web, server: Server, judge: Judge) -> None:
    related = (
        "<p>The council of the port votes next week on the timetable of the ferries, after two delays in spring.</p>"
    )
    titles = ("Page not found - The Harbour Courier", "404", "Stránka nenalezena | Deník", "页面不存在")
    for number, title in enumerate(titles):
        server.put(f"/{number}", response(f"<title>{title}</title><h1>Oh</h1><h2>Latest</h2>{related * 4}"))
        assert judge.reason(fetched(web, server.url(f"/{number}"))) == "soft_404", title
    server.put(SLUG, redirect("/"))
    server.put("/", response(article("The Harbour Courier")))
    assert judge.reason(fetched(web, server.url(SLUG))) == "soft_404"


def test_a_page_of_another_article(web: Web, server: Server, judge: Judge) -> None:
    other = article("Ferry fares rise", day="2022-01-05", url="https://news.example/transport/ferry-fares")
    server.put(SLUG, response(other))
    assert judge.reason(fetched(web, server.url(SLUG))) == "another_article"
    server.put("/moved" + SLUG, redirect("/transport/ferry-fares"))
    server.put("/transport/ferry-fares", response(other))
    assert judge.reason(fetched(web, server.url("/moved" + SLUG))) == "another_article"


def test_the_article_at_a_new_address_is_the_article(web: Web, server: Server, judge: Judge) -> None:
    moved = "/news/port-planner-is-held"
    server.put(SLUG, redirect(server.url(moved, host="newer.example")))
    server.put(moved, response(article(url=server.url(moved, host="newer.example"))))
    got = fetched(web, server.url(SLUG))
    assert judge.reason(got) is None
    assert judge.warned(got) == ["another host answered: newer.example"]


def test_an_empty_page(web: Web, server: Server, judge: Judge) -> None:
    for number, page in enumerate(("", " \n", "<html><body><script>var word = 1</script></body></html>")):
        server.put(f"/{number}", response(page))
        assert judge.reason(fetched(web, server.url(f"/{number}"))) == "empty_page", page
    server.put("/204", response("", 204, None))
    assert refused(web, server.url("/204")).reason == "empty_page"


def test_a_page_that_changed(web: Web, server: Server, judge: Judge) -> None:
    server.put(SLUG, response(article(), ETag='"one"'), response(article(paragraphs=9), ETag='"two"'))
    first, second = (fetched(web, server.url(SLUG)) for _ in range(2))
    assert judge.warned(first) == []
    assert judge.warned(second, before=first.sha256) == ["the page changed since it was fetched before"]


def test_a_page_that_did_not_change_is_not_sent_again(web: Web, server: Server) -> None:
    server.put("/story", response("", 304, None))
    known = ('"one"', "Tue, 23 Jul 2019 08:00:00 GMT")
    assert isinstance(fetched(web, server.url(), known=known), Unchanged)
    asked = server.requests[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == known
    assert refused(web, server.url()).reason == "server_error", "nobody asked whether it changed"


def test_validators_that_no_header_can_carry_are_not_sent_and_the_page_comes(web: Web, server: Server) -> None:
    server.put("/story", response(article(), ETag='"é"'))
    got = fetched(web, server.url())
    assert isinstance(fetched(web, server.url(), known=(got.etag, "Tue\n")), Fetched)
    assert not {"if-none-match", "if-modified-since"} & server.requests[-1].headers.keys()
