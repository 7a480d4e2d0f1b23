"""One named test for each way in which a server may misbehave; the last test compares their names with the list.

What came whole and is not the article is in test_misbehaving_pages.py.
"""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from tests.espress_build.hydrate import test_misbehaving_pages as pages
from tests.espress_build.hydrate.conftest import fetched, refused
from tests.espress_build.hydrate.server import article, certificate, cut, dripping, endless, redirect, response, serving

from espress_build.hydrate.client import Fetcher
from espress_build.hydrate.responses import Fetched, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.espress_build.hydrate.conftest import Web
    from tests.espress_build.hydrate.server import Server


BEHAVIOURS = (
    "endless body, slow drip, redirect loop, redirect to loopback, DNS that changes, gzip bomb, wrong charset, login "
    "wall, cookie wall, soft 404, 404, 410, 429 with Retry-After, 503, connection cut, wrong length, chunked garbage, "
    "robots.txt that forbids, robots.txt that fails, robots.txt that loops, a PDF, a zip, an image, a page of another "
    "article, an empty page, a page that changed, TLS failure"
)
PUBLIC = "93.184.215.14"


def guarded(server: Server, *lookups: list[str]) -> tuple[Fetcher, list[str]]:
    """Return a fetcher that may go to public addresses only, all of which are the server, and the list of these."""
    import httpcore

    dialled: list[str] = []
    answers = list(lookups)

    def connect(address: str, _: int, timeout: float | None) -> httpcore.NetworkStream:
        dialled.append(address)
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", server.port, timeout)

    def resolve(host: str, _: int) -> list[str]:
        if ":" in host or host[0].isdigit() or host == "localhost":
            return [host.replace("localhost", "127.0.0.1")]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return Fetcher(archive=None, sleep=lambda _: None, resolve=resolve, connect=connect), dialled


def test_endless_body(web: Web, server: Server) -> None:
    server.put("/story", endless)
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("too_large", False)
    server.put("/told", response(article(), Content_Length=10**15))
    assert refused(web, server.url("/told")).reason == "too_large", "and nothing of it is waited for"
    assert server.asked() == ["/story", "/told"], "not asked twice"


@pytest.mark.parametrize(
    "head", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"]
)
def test_slow_drip(web: Web, server: Server, head: bytes) -> None:
    server.put("/story", dripping(head))
    with web.limited(seconds_total=0.5, seconds_read=10) as fetcher:
        answer = fetcher.fetch(server.url())
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.again) == ("timed_out", True)


def test_redirect_loop(web: Web, server: Server) -> None:
    server.put("/story", redirect("/other"))
    server.put("/other", redirect("/story"))
    assert refused(web, server.url()).reason == "too_many_redirects"
    assert server.asked() == ["/story", "/other"]


def test_redirects_without_end_are_followed_so_far_and_no_further(web: Web, server: Server) -> None:
    for number in range(20):
        server.put(f"/{number}", redirect(f"/{number + 1}"))
    assert refused(web, server.url("/0")).reason == "too_many_redirects"
    assert len(server.asked()) == 5


@pytest.mark.parametrize(
    "inside",
    [
        "http://127.0.0.1/admin",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://10.0.0.7/",
    ],
)
def test_redirect_to_loopback(server: Server, inside: str) -> None:
    server.put("/story", redirect(inside))
    fetcher, dialled = guarded(server, [PUBLIC])
    with fetcher:
        answer = fetcher.fetch("http://news.example/story")
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.again) == ("private_address", False)
    assert set(dialled) == {PUBLIC}, "nothing but the checked address is connected to"
    assert len(server.requests) == 2, (
        "robots.txt and the page; the inner address is not asked for its robots.txt either"
    )


@pytest.mark.parametrize(
    "outside",
    ["file:///etc/passwd", "ftp://news.example/", "http://u:p@news.example/", "gopher:x", "http://xn--/"],
)
def test_redirect_to_what_is_no_address_of_the_web(server: Server, outside: str) -> None:
    server.put("/story", redirect(outside))
    fetcher, _ = guarded(server, [PUBLIC])
    with fetcher:
        answer = fetcher.fetch("http://news.example/story")
    assert isinstance(answer, Refused)
    assert answer.reason == "bad_address"


def test_dns_that_changes(server: Server) -> None:
    server.put("/story", response(article()))
    fetcher, dialled = guarded(server, [PUBLIC], ["127.0.0.1"])
    with fetcher:
        answer = fetcher.fetch("http://news.example/story")
    assert isinstance(answer, Refused)
    assert answer.reason == "private_address"
    assert dialled == [PUBLIC], "robots.txt came from the first address; the page was not asked of the second"


def test_one_inner_address_among_public_ones_spoils_the_name(server: Server) -> None:
    fetcher, dialled = guarded(server, [PUBLIC, "192.168.0.1"])
    with fetcher:
        answer = fetcher.fetch("http://news.example/story")
    assert isinstance(answer, Refused)
    assert (answer.reason, dialled) == ("private_address", [])


def test_what_was_looked_up_is_what_is_connected_to_and_the_name_is_kept(server: Server) -> None:
    server.put("/story", response(article()))
    fetcher, dialled = guarded(server, [PUBLIC])
    with fetcher:
        assert isinstance(fetcher.fetch("http://news.example/story"), Fetched)
    assert dialled == [PUBLIC, PUBLIC]
    assert {one.headers["host"] for one in server.requests} == {"news.example"}


@pytest.mark.parametrize("layers", [1, 2])
def test_gzip_bomb(web: Web, server: Server, layers: int) -> None:
    packed = b"\x00" * 60_000_000
    for _ in range(layers):
        packed = gzip.compress(packed, 9)
    server.put("/story", response(packed, Content_Encoding=", ".join(["gzip"] * layers)))
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("broken_coding", False)


def test_packed_pages_are_unpacked(web: Web, server: Server) -> None:
    page = article().encode()
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "/gzip": ("gzip", gzip.compress(page)),
        "/members": ("x-gzip", gzip.compress(page[:99]) + gzip.compress(page[99:])),
        "/deflate": ("deflate", zlib.compress(page)),
        "/raw": ("Deflate", raw.compress(page) + raw.flush()),
        "/plain": ("identity", page),
    }
    for path, (coding, body) in packed.items():
        server.put(path, response(body, Content_Encoding=coding))
        assert fetched(web, server.url(path)).payload == page, path


@pytest.mark.parametrize(
    ("coding", "body"), [("br", b"anything"), ("gzip", b"no gzip"), ("gzip", gzip.compress(b"x" * 999, mtime=0)[:-9])]
)
def test_what_cannot_be_unpacked_is_refused(web: Web, server: Server, coding: str, body: bytes) -> None:
    server.put("/story", response(body, Content_Encoding=coding))
    assert refused(web, server.url()).reason == "broken_coding"


def test_404(web: Web, server: Server) -> None:
    server.put("/story", response("none", 404))
    answer = refused(web, server.url())
    assert (answer.reason, answer.status, answer.again) == ("not_found", 404, False)
    assert len(server.asked()) == 1


def test_410(web: Web, server: Server) -> None:
    server.put("/story", response("none", 410))
    answer = refused(web, server.url())
    assert (answer.reason, answer.status, answer.again) == ("gone", 410, False)


def test_429_with_retry_after(web: Web, server: Server) -> None:
    server.put("/story", response("", 429, Retry_After="31"), response(article()))
    assert isinstance(fetched(web, server.url()), Fetched)
    assert any(30 < pause <= 31 for pause in web.slept), "waited as long as was asked"
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    server.put("/dated", response("", 429, Retry_After=then), response(article()))
    assert isinstance(fetched(web, server.url("/dated")), Fetched)
    assert any(40 < pause <= 60 for pause in web.slept)


def test_429_with_more_patience_asked_than_there_is_ends_the_host_for_now(web: Web, server: Server) -> None:
    server.put("/story", response("", 429, Retry_After="86400"))
    server.put("/next", response(article()))
    with web.fetcher() as fetcher:
        answers = [fetcher.fetch(server.url()), fetcher.fetch(server.url("/next"))]
    assert [(one.reason, one.again) for one in answers if isinstance(one, Refused)] == [("too_many_requests", True)] * 2
    assert server.asked() == ["/story"], "the next page of the host is not asked for"
    assert max(web.slept) <= 5


def test_503(web: Web, server: Server) -> None:
    server.put("/story", response("", 503))
    with web.limited(tries=4) as fetcher:
        answer = fetcher.fetch(server.url())
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.status, answer.again) == ("server_error", 503, True)
    assert len(server.asked()) == 4
    assert web.slept[-1] > 8 > web.slept[0], "the pauses grow"
    server.put("/again", response("", 503, Retry_After="7"), response(article()))
    assert isinstance(fetched(web, server.url("/again")), Fetched)


def test_connection_cut(web: Web, server: Server) -> None:
    whole = response(article())
    server.put("/story", cut(whole[:700]), cut(b""), whole)
    assert isinstance(fetched(web, server.url()), Fetched), "the third try"
    for path, part in {"/head": b"HTTP/1.1 200 OK\r\nContent", "/nothing": b"", "/body": whole[:700]}.items():
        for reset in (True, False):
            server.put(path, cut(part, reset=reset))
            answer = refused(web, server.url(path))
            assert answer.reason in ("no_connection", "incomplete"), (path, answer)
            assert answer.again


def test_wrong_length(web: Web, server: Server) -> None:
    page = article()
    server.put("/less", response(page, Content_Length=len(page.encode()) + 400))
    server.put("/more", response(page, Content_Length=len(page.encode()) - 400))
    server.put("/none", response(page, Content_Length=None))
    server.put("/minus", response(page, Content_Length=-5))
    assert refused(web, server.url("/less")).reason == "incomplete"
    assert refused(web, server.url("/more")).reason == "incomplete"
    assert fetched(web, server.url("/none")).payload == page.encode()
    assert refused(web, server.url("/minus")).reason == "server_error"


def test_chunked_garbage(web: Web, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.put("/story", head + b"5\r\nhello\r\nzz top\r\nworld\r\n0\r\n\r\n")
    server.put("/short", head + b"ffff\r\nhello\r\n")
    server.put("/good", head + b"3\r\n<p>\r\n2;x=y\r\nhi\r\n0\r\n\r\n")
    assert refused(web, server.url()).reason == "broken_coding"
    assert refused(web, server.url("/short")).reason == "incomplete"
    assert fetched(web, server.url("/good")).payload == b"<p>hi"


def test_robots_txt_that_forbids(web: Web, server: Server) -> None:
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


def test_robots_txt_of_a_host_that_a_redirect_leads_to_is_asked_too(web: Web, server: Server) -> None:
    server.put("/story", redirect(server.url("/there", host="other.example")))
    server.put("other.example/robots.txt", response(b"User-agent: *\nDisallow: /", kind="text/plain"))
    assert refused(web, server.url()).reason == "robots_forbids"
    assert server.asked() == ["/story"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_txt_that_fails(web: Web, server: Server, status: int) -> None:
    server.put("/robots.txt", response("", status))
    server.put("/story", response(article()))
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("robots_unreachable", True)
    assert server.asked() == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_allows_all(web: Web, server: Server, status: int) -> None:
    server.put("/robots.txt", response("", status))
    server.put("/story", response(article()))
    assert isinstance(fetched(web, server.url()), Fetched)


def test_robots_txt_that_is_cut_or_endless_or_no_text(web: Web, server: Server) -> None:
    server.put("/story", response(article()))
    server.put("cut.example/robots.txt", cut(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nUser"))
    server.put("endless.example/robots.txt", endless)
    server.put("image.example/robots.txt", response(b"\x89PNG\x00\xff" * 99, kind="image/png"))
    assert refused(web, server.url(host="cut.example")).again
    assert isinstance(fetched(web, server.url(host="endless.example")), Fetched), "what is read of it forbids nothing"
    assert isinstance(fetched(web, server.url(host="image.example")), Fetched)


def test_robots_txt_that_loops(web: Web, server: Server) -> None:
    server.put("/robots.txt", redirect("/robots.txt"))
    server.put("/story", response(article()))
    answer = refused(web, server.url())
    assert (answer.reason, answer.again) == ("robots_unreachable", True)
    assert [one.path for one in server.requests] == ["/robots.txt"] * 6, "five redirects are followed"


@pytest.mark.parametrize("kind", ["application/pdf", "text/html"])
def test_a_pdf(web: Web, server: Server, kind: str) -> None:
    server.put("/story", response(b"%PDF-1.7\n" + b"text " * 99, kind=kind))
    assert refused(web, server.url()).reason == "not_a_page"


@pytest.mark.parametrize("kind", ["application/zip", "text/plain", None])
def test_a_zip(web: Web, server: Server, kind: str | None) -> None:
    server.put("/story", response(b"PK\x03\x04\x14\x00\x00\x00" + b"x" * 99, kind=kind))
    assert refused(web, server.url()).reason == "not_a_page"


@pytest.mark.parametrize("kind", ["image/jpeg", "text/html; charset=utf-8"])
def test_an_image(web: Web, server: Server, kind: str) -> None:
    server.put("/story", response(b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 99, kind=kind))
    assert refused(web, server.url()).reason == "not_a_page"


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"), "news.example")


def test_tls_failure(web: Web, papers: tuple[Path, Path]) -> None:
    with serving(papers) as server:
        server.put("/story", response(article()))
        answer = refused(web, server.url(scheme="https"))
        assert (answer.reason, answer.again) == ("tls_failure", True)
        with web.fetcher(trusted=papers[0]) as fetcher:
            other = fetcher.fetch(server.url(host="other.example", scheme="https"))
            assert isinstance(other, Refused)
            assert other.reason == "tls_failure", "a certificate of another host"
            assert isinstance(fetcher.fetch(server.url(scheme="https")), Fetched)
        assert server.names[-1] == "news.example", "the name is told in TLS though an address is connected to"
    with serving() as plain:
        assert refused(web, plain.url(scheme="https")).reason == "tls_failure"


def test_every_behaviour_has_its_test() -> None:
    names = [
        "test_" + name.lower().replace(" ", "_").replace(".", "_").replace("-", "_") for name in BEHAVIOURS.split(", ")
    ]
    assert len(names) == 27
    assert [name for name in names if not callable(globals().get(name, getattr(pages, name, None)))] == []
