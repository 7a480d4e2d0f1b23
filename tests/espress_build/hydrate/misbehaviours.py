"""Misbehaviours of servers: name -> cases, each with the reason that the client must give."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.espress_build.hydrate.server import article, dripping, endless
from tests.web_server import cut, redirect, response

if TYPE_CHECKING:
    from tests.web_server import Behaviour

# Each has cases here, or a test with its name in test_misbehaving.py.
NAMES = [
    "endless body", "slow drip", "redirect loop", "redirect to loopback", "DNS that changes", "gzip bomb",
    "wrong charset", "login wall", "cookie wall", "soft 404", "404", "410", "429 with Retry-After", "503",
    "connection cut", "wrong length", "chunked garbage", "robots.txt that forbids", "robots.txt that fails",
    "robots.txt that loops", "a PDF", "a zip", "an image", "a page of another article", "an empty page",
    "a page that changed", "TLS failure",
]  # fmt: skip
SLUG = "/2019/07/23/port-planner-held-over-harbour-maps"

WALL = """<html lang="en"><head><title>Sign in - The Harbour Courier</title></head><body>
<h1>Sign in to continue reading</h1>
<p>Already a subscriber? Enter your address and your password, and read on at once.</p>
<form><input name="who"><input type="password" name="word"></form></body></html>"""
_COOKIES = "<p>We use cookies and similar means to show you what suits you, if you agree to it.</p>"
_OTHERS = "<p>The council of the port votes next week on the timetable of the ferries, after two delays in spring.</p>"
_TEASER = (
    article(paragraphs=1)
    .replace("</article>", "<div>Subscribe to continue reading.</div></article>")
    .replace(
        "</head>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script></head>',
    )
)
_FERRIES = article("Ferry fares rise", day="2022-01-05", url="https://news.example/transport/ferry-fares")
_LENGTH = len(article().encode())
_BOMB = gzip.compress(b"\x00" * 50_000_000, mtime=0)
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = HTML + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """The answers of a server by path; the client requests the first path and must give the reason."""

    reason: str
    paths: dict[str, Behaviour]
    again: bool = False  # whether a later run may ask again
    limits: dict[str, float] = field(default_factory=dict)


def _page(reason: str, *pages: Behaviour, again: bool = False) -> list[Case]:
    return [Case(reason, {"/story": page}, again) for page in pages]


def _error_page(title: str) -> bytes:
    return response(f"<title>{title}</title><h1>Oh</h1><h2>Latest</h2>{_OTHERS * 4}")


# fmt: off
MISBEHAVIOURS: dict[str, list[Case]] = {
    "endless body": _page("too_large", endless, response(article(), Content_Length=10**15)),
    "slow drip": [
        Case("timed_out", {"/story": dripping(head)}, again=True, limits={"seconds_total": 0.5, "seconds_read": 10})
        for head in (HTML + b"\r\n", b"", b"HTTP/1.1 200 OK\r\nX: ")
    ],
    "redirect loop": [
        Case("too_many_redirects", {"/loop": redirect("/loop")}),
        Case("too_many_redirects", {"/story": redirect("/other"), "/other": redirect("/story")}),
        Case("too_many_redirects", {f"/{number}": redirect(f"/{number + 1}") for number in range(20)}),
    ],
    "redirect to what is no address of the web": _page(
        "bad_address",
        *map(redirect, ("file:///etc/passwd", "ftp://news.example/", "http://u:p@news.example/", "gopher:x", "http://xn--/")),
    ),
    "gzip bomb": _page(
        "broken_coding", response(_BOMB, Content_Encoding="gzip"),
        response(gzip.compress(_BOMB, mtime=0), Content_Encoding="gzip, gzip"),
    ),
    "other coding": _page(
        "broken_coding", response("anything", Content_Encoding="br"), response("no gzip", Content_Encoding="gzip"),
        response(gzip.compress(b"x" * 999, mtime=0)[:-9], Content_Encoding="gzip"),
    ),
    "login wall": [
        *_page("login_wall", response(WALL), response(_TEASER), response("", 401, WWW_Authenticate="Basic")),
        Case("login_wall", {
            "/moved": redirect("/account/login?back=/moved"),
            "/account/login?back=/moved": response("<title>Welcome</title><p>Your name and your word, please.</p>"),
        }),
    ],
    "cookie wall": _page(
        "cookie_wall", response(f"<html><head><title>The Courier</title></head>{_COOKIES * 6}<button>Accept</button>")
    ),
    "soft 404": [
        *_page("soft_404", *map(_error_page, ("Page not found - The Courier", "404", "Stránka nenalezena | Deník",
                                              "页面不存在"))),
        Case("soft_404", {SLUG: redirect("/"), "/": response(article("The Harbour Courier"))}),
    ],
    "404": _page("not_found", response("none", 404)),
    "410": _page("gone", response("none", 410)),
    "403": _page("refused", response("", 403)),
    "503": _page("server_error", response("", 503), again=True),
    "connection cut": _page("no_connection", cut(b""), cut(b"", reset=False), again=True),
    "wrong length": [
        *_page("incomplete", response(article(), Content_Length=_LENGTH + 400),
               response(article(), Content_Length=_LENGTH - 400), again=True),
        *_page("server_error", response(article(), Content_Length=-5), again=True),
    ],
    "chunked garbage": [
        *_page("broken_coding", _CHUNKED + b"5\r\nhello\r\nzz top\r\nworld\r\n0\r\n\r\n"),
        *_page("incomplete", _CHUNKED + b"ffff\r\nhello\r\n", again=True),
    ],
    "a PDF": _page("not_a_page", *(response(b"%PDF-1.7\n" + b"text " * 99, kind=kind)
                                   for kind in ("text/html", "application/pdf"))),
    "a zip": _page("not_a_page", *(response(b"PK\x03\x04\x14\x00\x00\x00" + b"x" * 99, kind=kind)
                                   for kind in ("application/zip", "text/plain", None))),
    "an image": _page("not_a_page", *(response(b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 99, kind=kind)
                                      for kind in ("image/jpeg", "text/html; charset=utf-8"))),
    "a page of another article": [
        Case("another_article", {SLUG: response(_FERRIES)}),
        Case("another_article", {f"/moved{SLUG}": redirect("/transport/ferry-fares"),
                                 "/transport/ferry-fares": response(_FERRIES)}),
    ],
    "an empty page": _page("empty_page", response(""), response(" \n"), response("", 204, None),
                           response("<html><body><script>var word = 1</script></body></html>")),
}
# fmt: on
