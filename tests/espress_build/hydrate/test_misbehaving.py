"""Each misbehaviour of a server leads to its reason; those that need no code are in misbehaviours.py."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from tests.espress_build.hydrate.conftest import LIMITS, Judge, fetched, refused
from tests.espress_build.hydrate.misbehaviours import MISBEHAVIOURS, NAMES, SLUG, WALL, Case
from tests.espress_build.hydrate.server import PathServer, article, certificate, endless
from tests.web_server import cut, redirect, response, serving

from espress_build.hydrate import transport
from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.judge import days_apart
from espress_build.hydrate.responses import Fetched, Refused
from espress_build.pages.propose import PageProposal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.espress_build.hydrate.conftest import Web

PUBLIC = "93.184.215.14"


def test_every_name_has_cases_or_a_test() -> None:
    own = {name: "test_" + re.sub(r"[ .-]", "_", name.lower()) for name in NAMES}
    assert len(own) == 27
    assert [name for name, test in own.items() if name not in MISBEHAVIOURS and not callable(globals().get(test))] == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{name} {number}")
        for name, cases in MISBEHAVIOURS.items()
        for number, case in enumerate(cases)
    ],
)
def test_it_has_its_reason_and_is_retried_only_if_that_may_help(
    web: Web, server: PathServer, judge: Judge, case: Case
) -> None:
    for path, behaviour in case.paths.items():
        server.put(path, behaviour)
    with web.limited(**case.limits) as fetcher:
        answer = fetcher.fetch(server.url(next(iter(case.paths))))
    found = (answer.reason, answer.again) if isinstance(answer, Refused) else (judge.reason(answer), False)
    assert found == (case.reason, case.again)
    tries = Counter(server.asked())
    assert max(tries.values()) <= (LIMITS.tries if case.again else 1)
    assert len(tries) <= LIMITS.redirects_most + 1


# ---- addresses


def fetch_guarded(server: PathServer, *lookups: list[str]) -> tuple[Any, list[str]]:
    """Return the answer of a fetcher that may connect to public addresses only, and the addresses it connected to.

    Every connection leads to the server; `lookups` are the results of successive look-ups of its name.
    """
    dialled: list[str] = []
    answers = list(lookups)

    def connect(address: str, _: int, timeout: float | None) -> httpcore.NetworkStream:
        dialled.append(address)
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", server.port, timeout)

    def resolve(host: str, _: int) -> list[str]:
        if ":" in host or host[0].isdigit() or host == "localhost":
            return [host.replace("localhost", "127.0.0.1")]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "resolve_host", resolve)
        patch.setattr(transport, "connect", connect)
        with Fetcher(archive=None, sleep=lambda _: None) as fetcher:
            return fetcher.fetch("http://news.example/story"), dialled


INNER = [
    "http://127.0.0.1/admin", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest", "http://10.0.0.7/"
]  # fmt: skip


@pytest.mark.parametrize("inside", INNER)
def test_redirect_to_loopback(server: PathServer, inside: str) -> None:
    server.put("/story", redirect(inside))
    answer, dialled = fetch_guarded(server, [PUBLIC])
    assert (answer.reason, answer.again) == ("private_address", False)
    assert set(dialled) == {PUBLIC}, "nothing but the checked address is connected to"
    assert [one.path for one in server.requests] == ["/robots.txt", "/story"], "nothing is asked of the inner address"


def test_dns_that_changes(server: PathServer) -> None:
    server.put("/story", response(article()))
    answer, dialled = fetch_guarded(server, [PUBLIC], ["127.0.0.1"])
    assert answer.reason == "private_address"
    assert dialled == [PUBLIC], "robots.txt came from the first address; the page was not asked of the second"


def test_a_name_with_one_private_address_is_refused(server: PathServer) -> None:
    answer, dialled = fetch_guarded(server, [PUBLIC, "192.168.0.1"])
    assert (answer.reason, dialled) == ("private_address", [])


def test_the_checked_address_is_connected_to_and_the_host_header_has_the_name(server: PathServer) -> None:
    server.put("/story", response(article()))
    answer, dialled = fetch_guarded(server, [PUBLIC])
    assert isinstance(answer, Fetched)
    assert dialled == [PUBLIC, PUBLIC]
    assert {one.headers["host"] for one in server.requests} == {"news.example"}


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"), "news.example")


def test_tls_failure(web: Web, papers: tuple[Path, Path]) -> None:
    with serving(PathServer(papers)) as server:
        server.put("/story", response(article()))
        answer = refused(web, server.url(scheme="https"))
        assert (answer.reason, answer.again) == ("tls_failure", True)
        with web.fetcher(trusted=papers[0]) as fetcher:
            other = fetcher.fetch(server.url(host="other.example", scheme="https"))
            assert isinstance(other, Refused)
            assert other.reason == "tls_failure", "a certificate of another host"
            assert isinstance(fetcher.fetch(server.url(scheme="https")), Fetched)
        assert server.names[-1] == "news.example", "TLS uses the name, although the connection was made to an address"
    with serving(PathServer()) as plain:
        assert refused(web, plain.url(scheme="https")).reason == "tls_failure"


# ---- bytes


def test_pages_with_any_content_coding_are_read(web: Web, server: PathServer) -> None:
    page = article().encode()
    raw = zlib.compressobj(wbits=-15)
    chunks = b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in (page[:99], page[99:], b""))
    packed = {
        "/gzip": ("gzip", gzip.compress(page)),
        "/members": ("x-gzip", gzip.compress(page[:99]) + gzip.compress(page[99:])),
        "/deflate": ("deflate", zlib.compress(page)),
        "/raw": ("Deflate", raw.compress(page) + raw.flush()),
        "/plain": ("identity", page),
        "/charset": ("UTF-8", page),  # no coding at all
        "/nothing": ("none, text/html", page),
        "/both": ("utf-8, gzip", gzip.compress(page)),
    }
    for path, (coding, body) in packed.items():
        server.put(path, response(body, Content_Encoding=coding))
    server.put("/no-length", response(page, Content_Length=None))
    server.put("/chunked", response(chunks, Content_Length=None, Transfer_Encoding="chunked"))
    for path in server.paths:
        assert fetched(web, server.url(path)).payload == page, path


@pytest.mark.parametrize(
    ("first", "second", "charset"),
    [
        ("text/html", "text/html; charset=utf-8", "utf-8"), ("text/html; charset=utf-8", "text/html", "utf-8"),
        ("application/octet-stream", "text/html; charset=ISO-8859-2", "iso-8859-2"), ("text/plain", "text/html", None),
        ('text/html; x="a, b"; charset=utf-8', "", "utf-8"),
    ],
)  # fmt: skip
def test_content_type_may_be_sent_twice(
    first: str, second: str, charset: str | None, web: Web, server: PathServer
) -> None:
    server.put("/story", response(article(), kind=f"{first}\r\nContent-Type: {second}"))
    page = fetched(web, server.url())
    assert (page.media_type, page.charset) == ("text/html", charset)


def test_wrong_charset(web: Web, server: PathServer, judge: Judge) -> None:
    page = article("Přístavní plánovač zadržen kvůli mapám").replace('<meta charset="utf-8">', "")
    server.put("/story", response(page.encode("cp1250"), kind="text/html; charset=utf-8"))
    server.put("/other", response(page.encode(), kind="text/html; charset=us-ascii"))
    for path in ("/story", "/other"):
        got = fetched(web, server.url(path))
        assert got.payload == page.encode("cp1250" if path == "/story" else "utf-8"), "bytes are kept as they came"
        proposal = judge.read(got)
        assert isinstance(proposal, PageProposal)
        assert proposal.facts["title"].value == "Přístavní plánovač zadržen kvůli mapám"


def test_a_cut_connection_is_retried(web: Web, server: PathServer) -> None:
    whole = response(article())
    server.put("/story", cut(whole[:700]), cut(b""), whole)
    assert isinstance(fetched(web, server.url()), Fetched), "the third try"
    for path, part in {"/head": b"HTTP/1.1 200 OK\r\nContent", "/body": whole[:700]}.items():
        for reset in (True, False):
            server.put(path, cut(part, reset=reset))
            answer = refused(web, server.url(path))
            assert answer.reason in ("no_connection", "incomplete"), (path, answer)
            assert answer.again


# ---- patience


def test_429_with_retry_after(web: Web, server: PathServer) -> None:
    server.put("/story", response("", 429, Retry_After="31"), response(article()))
    assert isinstance(fetched(web, server.url()), Fetched)
    assert any(30 < pause <= 31 for pause in web.slept), "waited as long as was asked"
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    server.put("/dated", response("", 429, Retry_After=then), response(article()))
    assert isinstance(fetched(web, server.url("/dated")), Fetched)
    assert any(40 < pause <= 60 for pause in web.slept)


def test_429_with_too_long_a_wait_ends_requests_to_the_host(web: Web, server: PathServer) -> None:
    server.put("/story", response("", 429, Retry_After="86400"))
    server.put("/next", response(article()))
    with web.fetcher() as fetcher:
        answers = [fetcher.fetch(server.url()), fetcher.fetch(server.url("/next"))]
    assert [(one.reason, one.again) for one in answers if isinstance(one, Refused)] == [("too_many_requests", True)] * 2
    assert server.asked() == ["/story"], "the next page of the host is not asked for"
    assert max(web.slept) <= 5


def test_503_is_retried_after_growing_pauses(web: Web, server: PathServer) -> None:
    server.put("/story", response("", 503))
    with web.limited(tries=4) as fetcher:
        answer = fetcher.fetch(server.url())
    assert isinstance(answer, Refused)
    assert (answer.status, len(server.asked())) == (503, 4)
    assert web.slept[-1] > 8 > web.slept[0]
    server.put("/again", response("", 503, Retry_After="7"), response(article()))
    assert isinstance(fetched(web, server.url("/again")), Fetched)


# ---- robots.txt


def test_robots_txt_that_forbids(web: Web, server: PathServer) -> None:
    rules = b"User-agent: *\nAllow: /\n\nUser-agent: Espress-Hydrate\nDisallow: /private\nCrawl-delay: 40\n"
    server.put("/robots.txt", response(rules, kind="text/plain"))
    server.put("/open", response(article()))
    with web.fetcher() as fetcher:
        answer = fetcher.fetch(server.url("/private/story"))
        assert isinstance(answer, Refused)
        assert (answer.reason, answer.again) == ("robots_forbids", False)
        assert isinstance(fetcher.fetch(server.url("/open")), Fetched)
        assert isinstance(fetcher.fetch(server.url("/open")), Fetched)
    assert server.asked() == ["/open", "/open"]
    assert len(server.requests) == 3, "robots.txt is asked for once"
    assert web.slept[-1] > 30, "the delay that it asks for is kept"


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("espress-hydrate/1.0", "us"), ("Espress-Hydrate / 1.0", "us"), ("espress-hydrate (reads articles)", "us"),
        ("espress-hydrate, otherbot", "us"), ("espress-hydrate\t# ours", "us"), ("espress-hydrate-news/1.0", "another"),
        ("otherbot/1.0 espress-hydrater", "another"),
    ],
)  # fmt: skip
def test_robots_txt_that_names_us_with_a_version(agent: str, named: str, web: Web, server: PathServer) -> None:
    rules = f"User-agent: *\nAllow: /\n\nUser-Agent : {agent}\r\nDisallow: /\n"
    server.put("/robots.txt", response(rules, kind="text/plain"))
    server.put("/story", response(article()))
    answer = fetched(web, server.url())
    assert (isinstance(answer, Refused) and answer.reason == "robots_forbids") == (named == "us")


def test_robots_txt_of_a_host_that_a_redirect_leads_to_is_asked_too(web: Web, server: PathServer) -> None:
    server.put("/story", redirect(server.url("/there", host="other.example")))
    server.put("other.example/robots.txt", response(b"User-agent: *\nDisallow: /", kind="text/plain"))
    assert refused(web, server.url()).reason == "robots_forbids"
    assert server.asked() == ["/story"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_txt_that_fails(web: Web, server: PathServer, status: int) -> None:
    server.put("/robots.txt", response("", status))
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("robots_unreachable", True)
    assert server.asked() == []


def test_robots_txt_that_loops(web: Web, server: PathServer) -> None:
    server.put("/robots.txt", redirect("/robots.txt"))
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("robots_unreachable", True)
    assert [one.path for one in server.requests] == ["/robots.txt"] * 6, "five redirects are followed"


@pytest.mark.parametrize(
    "robots",
    [*(response("", status) for status in (401, 403, 404, 410)), response(b"\x89PNG\x00\xff" * 99, kind="image/png"),
     endless],
    ids=["401", "403", "404", "410", "an image", "endless"],
)  # fmt: skip
def test_robots_txt_that_is_absent_or_names_no_rule_allows_all(web: Web, server: PathServer, robots: Any) -> None:
    server.put("/robots.txt", robots)
    server.put("/story", response(article()))
    assert isinstance(fetched(web, server.url()), Fetched)


def test_robots_txt_that_is_cut_forbids_for_now(web: Web, server: PathServer) -> None:
    server.put("/story", response(article()))
    server.put("/robots.txt", cut(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser"))
    assert refused(web, server.url()).again


# ---- what a page holds


def test_an_article_with_a_login_form_and_a_cookie_notice_is_an_article(
    web: Web, server: PathServer, judge: Judge
) -> None:
    around = WALL.partition("<body>")[2].replace("</body></html>", "<div>We use cookies. Accept all cookies.</div>")
    server.put(SLUG, response(article().replace("<article>", around + "<article>")))
    assert judge.reason(fetched(web, server.url(SLUG))) is None


def test_a_redirect_to_a_host_that_asks_for_consent_is_a_cookie_wall(
    web: Web, server: PathServer, judge: Judge
) -> None:
    server.put("/moved", redirect(server.url("/consent?for=/moved", host="consent.example")))
    server.put("/consent?for=/moved", response("<title>The Courier</title><p>Do you agree?</p>"))
    assert judge.reason(fetched(web, server.url("/moved"))) == "cookie_wall"


def test_the_article_at_a_new_address_is_the_article(web: Web, server: PathServer, judge: Judge) -> None:
    moved = "/news/port-planner-is-held"
    server.put(SLUG, redirect(server.url(moved, host="newer.example")))
    server.put(moved, response(article(url=server.url(moved, host="newer.example"))))
    assert judge.warned(fetched(web, server.url(SLUG))) == ["another host answered: newer.example"]


def test_a_page_that_changed(web: Web, server: PathServer, judge: Judge) -> None:
    server.put(SLUG, response(article(), ETag='"one"'), response(article(paragraphs=9), ETag='"two"'))
    first, second = (fetched(web, server.url(SLUG)) for _ in range(2))
    assert judge.warned(first) == []
    assert judge.warned(second, before=first.sha256) == ["the page changed since it was fetched before"]


def test_a_page_that_did_not_change_is_not_sent_again(web: Web, server: PathServer) -> None:
    server.put("/story", response("", 304, None))
    known = ('"one"', "Tue, 23 Jul 2019 08:00:00 GMT")
    assert fetched(web, server.url(), known=known) is None
    asked = server.requests[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == known
    assert refused(web, server.url()).reason == "server_error", "the request did not ask whether the page changed"


def test_validators_that_no_header_can_carry_are_not_sent(web: Web, server: PathServer) -> None:
    server.put("/story", response(article(), ETag='"é"'))
    got = fetched(web, server.url())
    assert isinstance(fetched(web, server.url(), known=(got.etag, "Tue\n")), Fetched)
    assert not {"if-none-match", "if-modified-since"} & server.requests[-1].headers.keys()


URL = f"https://news.example{SLUG}"


def page(text: str, final: str = URL) -> Fetched:
    payload = text.encode()
    return Fetched(URL, final, 200, "2026-01-01T00:00:00+00:00", "text/html", "utf-8", payload, "0" * 64)


THERE = f"https://archive.example/web/20190724100000id_/{URL}"


@pytest.mark.parametrize(
    ("got", "row", "warnings"),
    [
        (page(article(url=URL)), {}, []),
        (page(article(url=URL, day="2021-01-01")), {}, ["days from the catalogued day"]),
        (page(article(url=URL, day="2021-01-01")), {"published": "2021-01"}, []),
        (page(article(language="fr")), {}, ["the page is in fr, the catalogue says en"]),
        (page(article(paragraphs=1), final=URL.replace("https:", "http:")), {}, ["requested ", "the "]),
        (replace(page(article(), THERE), archive_url=THERE, archived_at="2019-07-24T10:00:00+00:00"), {}, []),
    ],
    ids=["nothing", "another day", "its month", "another language", "short, and over http", "an archive's copy"],
)
def test_warnings_about_an_article(judge: Judge, got: Fetched, row: dict[str, str], warnings: list[str]) -> None:
    found = judge.warned(got, **row)
    assert len(found) == len(warnings)
    assert all(part in warning for part, warning in zip(warnings, found, strict=True))


def test_a_list_of_headlines_is_no_article(judge: Judge) -> None:
    links = "".join(f'<li><a href="/{n}">Ferry fares rise again, says harbour {n}</a></li>' for n in range(30))
    got = page(f"<html><head><title>The Harbour Courier</title></head><body><ul>{links}</ul></body></html>")
    assert judge.reason(got) in ("no_article", "another_article")


@pytest.mark.parametrize(
    ("shown", "catalogued", "days"),
    [("2019-07-23", "2019-07-24", 1), ("2019-07-23T23:59:59+02:00", "2019-07-23", 0), ("2019-12-31", "2019-12", 0),
     ("2020-01-01", "2019-12", 1), ("2019-11-29", "2019-12", 2), ("2019-07", "2019-07-01", None),
     (None, "2019-07", None), ("2019-07-23", None, None), ("2019-07-99", "2019-07", None)],
)  # fmt: skip
def test_days_between_the_page_and_the_catalogue(shown: str | None, catalogued: str | None, days: int | None) -> None:
    assert days_apart(shown, catalogued) == days
