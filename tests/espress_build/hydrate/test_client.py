"""Pauses between requests to a host, and answers with arbitrary bytes."""

from __future__ import annotations

import gzip
import re
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.espress_build.hydrate.conftest import LIMITS
from tests.espress_build.hydrate.server import PathServer, article
from tests.espress_build.pipeline.helpers import PROPERTY
from tests.web_server import response

from espress.cli.main import main
from espress.schema import schema
from espress_build.hydrate.client import Answer, Pace, host_key, parse_address, parse_retry_after
from espress_build.hydrate.responses import (
    TRANSIENT,
    Fetched,
    Limits,
    Refused,
    check_first_bytes,
    decompress,
    parse_content_type,
)
from espress_build.hydrate.web_archive import parse_moment, parse_taken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.espress_build.hydrate.conftest import Web

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.now += seconds


ADDRESSES = ["http://a.example/x", "https://www.a.example/y", "http://a.example:443/", "https://b.example/"]


@given(st.lists(st.tuples(st.sampled_from(ADDRESSES), st.floats(0, 9))))
def test_no_host_is_asked_twice_within_the_delay(asked: list[tuple[str, float]]) -> None:
    time, last = Time(), dict[str, float]()
    pace = Pace(LIMITS, time.sleep, lambda: time.now)
    for url, took in asked:
        host = host_key(httpx.URL(url))
        pace.wait(host)
        key = "a" if "a.example" in url else "b"
        assert key not in last or time.now - last[key] >= LIMITS.delay - 1e-6
        time.sleep(took)
        last[key] = time.now
        pace.pause(host)


def test_other_hosts_do_not_wait() -> None:
    time = Time()
    pace = Pace(LIMITS, time.sleep, lambda: time.now)
    pace.pause("a.example", delay=80)
    pace.wait("b.example")
    assert time.now == 0
    pace.wait("a.example")
    assert time.now == 80


def test_a_delay_of_a_month_is_limited_and_a_wait_of_a_month_is_refused() -> None:
    time = Time()
    pace = Pace(LIMITS, time.sleep, lambda: time.now)
    pace.pause("a.example", delay=2_600_000)
    pace.wait("a.example")
    assert time.now == LIMITS.wait_most
    pace.hold("a.example", 2_600_000)
    with pytest.raises(Refused) as error:
        pace.wait("a.example")
    assert error.value.reason == "too_many_requests"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7), (" 0 ", 0), ("Thu, 01 Jan 2026 00:01:00 GMT", 60), ("Thu, 01 Jan 2020 00:00:00 GMT", 0), ("", None),
     ("soon", None), ("-3", None), ("1.5", None), ("٣", None), ("9" * 400, 999_999_999)],
)  # fmt: skip
def test_how_long_a_server_asks_to_wait(said: str, seconds: float | None) -> None:
    assert parse_retry_after(said, NOW) == seconds


def test_robots_txt_may_be_read_ahead(web: Web, server: PathServer) -> None:
    server.put("/story", response(article()))
    with web.fetcher() as fetcher:
        fetcher.read_robots(server.url("/other"))
        fetcher.read_robots("no address")
        assert isinstance(fetcher.fetch(server.url()), Fetched)
    assert [one.path for one in server.requests] == ["/robots.txt", "/story"]


def test_requests_name_us_and_carry_no_cookies(web: Web, server: PathServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.put("/first", response(article(), Set_Cookie="who=you; Path=/"))
    server.put("/second", response(article()))
    with web.fetcher() as fetcher:
        for path in ("/first", "/second"):
            assert isinstance(fetcher.fetch(server.url(path)), Fetched), "no proxy of the environment is asked"
    assert all(one.headers["user-agent"].startswith("espress-hydrate/") for one in server.requests)
    assert not any("cookie" in one.headers or "authorization" in one.headers for one in server.requests)


@pytest.mark.parametrize("library", ["httpx", "httpcore", "protego"])
@pytest.mark.parametrize("command", [["links"], ["hydrate", "mine"]])
def test_a_missing_library_is_named_with_the_command_that_installs_it(
    library: str, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert main(command) == 2
    assert re.search(
        rf"needs {library}, .* pip install 'espress-[\d.]+-py3-none-any\.whl\[hydrate\]'", capsys.readouterr().err
    )


def test_every_reason_of_the_code_is_a_term_of_the_vocabulary(project: Path) -> None:
    code = "".join(path.read_text() for path in (project / "build" / "espress_build" / "hydrate").glob("*.py"))
    raised = set(re.findall(r'(?:Refused\(|return )"([a-z]+_[a-z_0-9]+|gone|refused)"', code))
    assert TRANSIENT | raised <= set(schema().vocabularies["reject_reason"])
    assert len(raised) > 15


def reason_of(work: Callable[[], object]) -> str | None:
    """Return the reason for which something is refused; no other error is to be expected."""
    try:
        work()
    except Refused as error:
        return error.reason
    return None


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_no_line_of_a_server_ends_a_run(said: bytes) -> None:
    lines = httpx.Headers([(name, said) for name in (b"location", b"memento-datetime", b"content-type", b"etag")])
    text = lines["location"]
    kind, charset = parse_content_type(lines["content-type"])
    assert kind == kind.lower()
    assert charset is None or charset
    assert reason_of(lambda: parse_address(text)) in (None, "bad_address")
    assert reason_of(lambda: Answer(parse_address("https://news.example/"), 302, lines, b"").location()) in (
        None,
        "bad_address",
    )
    assert reason_of(lambda: parse_taken(text, lines)) in (None, "not_found")
    assert reason_of(lambda: decompress(said, text, Limits())) in (None, "broken_coding")
    parse_moment(text)
    parse_retry_after(text, datetime(2026, 1, 1, tzinfo=UTC))


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "gzip, gzip", "br", ""]))
def test_no_bytes_of_a_server_end_a_run(data: bytes, coding: str) -> None:
    for sent in (data, gzip.compress(data), gzip.compress(data)[:-3]):
        assert reason_of(partial(decompress, sent, coding, Limits())) in (None, "broken_coding")
        assert reason_of(partial(check_first_bytes, sent)) in (None, "not_a_page")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_text_in_any_script_is_no_binary_file(text: str) -> None:
    if not text.lstrip().startswith(("%PDF-", "PK", "7z", "Rar!", "GIF8", "{\\rtf", "%!PS")):
        check_first_bytes(text.encode())
        check_first_bytes(("<p>" + text).encode("utf-16"))


PACKED = response(gzip.compress(article().encode(), mtime=0), Content_Encoding="gzip", ETag='"x"')
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
MOVED = b"HTTP/1.1 301 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
LATER = b"HTTP/1.1 503 Wait\r\nRetry-After: Thu, 01 Jan 2026 00:01:00 GMT\r\nContent-Length: 0\r\n\r\n"


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """Return a sound answer with some of its bytes replaced, left out or doubled; or bytes of no meaning."""
    sent = bytearray(draw(st.sampled_from([response(article()), PACKED, CHUNKED, MOVED, LATER, b""])))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, min(len(sent), 250)))
        sent[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(sent)


@settings(PROPERTY, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(page=spoilt(), rules=st.one_of(st.just(b""), spoilt()))
def test_any_answer_is_a_page_or_a_reason(web: Web, server: PathServer, page: bytes, rules: bytes) -> None:
    server.put("/robots.txt", rules or response("", 404))
    server.put("/story", page)
    server.put("good.example/robots.txt", response("", 404))
    server.put("good.example/story", response(article()))
    with web.limited(seconds_read=0.2, seconds_total=0.2) as fetcher:
        assert isinstance(fetcher.fetch(server.url()), (Fetched, Refused))
        assert isinstance(fetcher.head(server.url()), (tuple, Refused))
    with web.limited(seconds_read=20, seconds_total=20) as fetcher:
        assert isinstance(fetcher.fetch(server.url(host="good.example")), Fetched)
