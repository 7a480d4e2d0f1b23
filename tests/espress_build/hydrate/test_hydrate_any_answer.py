"""Whatever a server sends, spoilt at random: there is a page or a reason, and the next page comes."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.espress_build.hydrate.server import article, response
from tests.espress_build.pipeline.helpers import PROPERTY

from espress_build.hydrate.responses import Fetched, Head, Refused

if TYPE_CHECKING:
    from tests.espress_build.hydrate.conftest import World
    from tests.espress_build.hydrate.server import Server

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
def test_any_answer_is_a_page_or_a_reason(world: World, server: Server, page: bytes, rules: bytes) -> None:
    server.put("/robots.txt", rules or response("", 404))
    server.put("/story", page)
    server.put("good.example/robots.txt", response("", 404))
    server.put("good.example/story", response(article()))
    with world.limited(seconds_read=0.2, seconds_total=0.2) as fetcher:
        assert isinstance(fetcher.fetch(server.url()), (Fetched, Refused))
        assert isinstance(fetcher.head(server.url()), (Head, Refused))
    with world.limited(seconds_read=20, seconds_total=20) as fetcher:
        assert isinstance(fetcher.fetch(server.url(host="good.example")), Fetched)
