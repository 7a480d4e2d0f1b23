"""HTTP client that is polite and safe: robots.txt, one request at a time, a pause per host, limits on every cost.

    with Fetcher() as fetcher:
        result = fetcher.fetch("https://…", around="2019-07-23")

It asks for http and https addresses, on the default ports and the port that the address names. It checks each redirect
like the first address, robots.txt included. It keeps no cookies and reads neither `.netrc` nor proxy settings.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

import httpx

from espress_build.hydrate import web_archive as memento
from espress_build.hydrate.responses import (
    ENCODINGS,
    Fetched,
    Limits,
    Refused,
    check_first_bytes,
    check_media_type,
    decompress,
    explain_status,
    now,
    parse_content_type,
)
from espress_build.hydrate.robots import BYTES as ROBOTS_BYTES
from espress_build.hydrate.robots import Robots
from espress_build.hydrate.transport import SafeTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.hydrate.transport import Meter

    Validators = tuple[str | None, str | None]

NAME = "espress-hydrate"  # in User-Agent, and what robots.txt calls us
_RETRIED = frozenset({"incomplete", "no_connection", "server_error", "too_many_requests"})
_GONE = frozenset({"not_found", "gone", "host_not_found"})  # a web archive may have a copy
_HEAD_DOUBTED = frozenset({404, 405, 410, 501})  # statuses that a GET may contradict
_ACCEPT = {"Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.1"}
_ADDRESS_MOST = 8000  # characters
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """A response; `body` is still compressed, and empty if it was not read."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes

    def location(self) -> httpx.URL | None:
        """Return the address of a redirect, None if this is no redirect; raises Refused (`bad_address`)."""
        named = self.headers.get("location", "").strip()
        if self.status not in (301, 302, 303, 307, 308) or not named:
            return None
        try:
            return self.url.join(named[: _ADDRESS_MOST + 1])
        except (httpx.InvalidURL, ValueError) as error:
            raise Refused("bad_address", f"redirects to {named[:80]!r}: {error}", status=self.status) from error


def parse_address(url: str | httpx.URL, ports: frozenset[int] = frozenset(), *, any_port: bool = False) -> httpx.URL:
    """Return an address that may be requested: http or https, no user name, a default port or one of `ports`.

    Raises:
        Refused: it is another kind of address (`bad_address`).
    """
    text = str(url)
    try:
        parsed = httpx.URL(text.strip()).copy_with(fragment=None)
        host = parsed.host  # decodes the name, which finds malformed international names
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise Refused("bad_address", f"{text[:80]!r}: {error}") from error
    if len(text) > _ADDRESS_MOST:
        raise Refused("bad_address", f"the address has {len(text)} characters")
    if parsed.scheme not in _PORTS or not host:
        raise Refused("bad_address", f"{text[:80]!r} is not a web address")
    if parsed.userinfo:
        raise Refused("bad_address", f"the address names a user at {host}")
    if not any_port and parsed.port is not None and parsed.port not in ports | set(_PORTS.values()):
        raise Refused("bad_address", f"port {parsed.port} of {host} is not allowed")
    return parsed


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds of a `Retry-After` header, which holds seconds or a date; None for anything else."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def make_conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return the headers that ask for a page only if it changed, by the `ETag` and `Last-Modified` of the stored page.

    A value with other characters than printable ASCII cannot be sent back unchanged, so it is left out.
    """
    named = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in named.items() if value and value.isascii() and value.isprintable()}


def host_key(url: httpx.URL) -> str:
    """Return the name under which a server's pauses are kept: the host without `www.`, and its port if unusual."""
    name = url.host.removeprefix("www.")
    return name if url.port in (None, 80, 443) else f"{name}:{url.port}"


class Pace:
    """The earliest time of the next request to each host, as named by `host_key`."""

    def __init__(
        self, limits: Limits, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin without pauses; `sleep` and `clock` count seconds."""
        self._limits, self._sleep, self._clock = limits, sleep, clock
        self._next: dict[str, float] = {}

    def hold(self, host: str, seconds: float) -> None:
        """Make no request to a host for at least so many seconds from now."""
        self._next[host] = max(self._next.get(host, 0.0), self._clock() + seconds)

    def pause(self, host: str, delay: float = 0.0) -> None:
        """Make no request to a host for our delay, or for the host's own (up to our limit) if that is longer."""
        self.hold(host, max(self._limits.delay, min(delay, self._limits.wait_most)))

    def wait(self, host: str) -> None:
        """Sleep until a host may be requested again; raises Refused (`too_many_requests`) if that is too far off."""
        left = self._next.get(host, 0.0) - self._clock()
        if left > max(self._limits.wait_most, self._limits.delay):
            raise Refused("too_many_requests", f"the next request to {host} is allowed in {left:.0f} seconds")
        if left > 0:
            self._sleep(left)


def _explain_status(answer: Answer) -> Refused:
    """Return the error for a status other than 200 and 304."""
    after = None
    if answer.status in (429, 503):
        after = parse_retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
    detail = f"status {answer.status}" + (f"; the server asks to wait {after:.0f} seconds" if after is not None else "")
    return Refused(explain_status(answer.status), detail, status=answer.status, after=after)


def _explain_failure(error: Exception, meter: Meter, status: int | None) -> Refused:
    """Return the error for a failed connection; `status` is None if the head of the response did not come."""
    detail = str(error)[:200] or type(error).__name__
    cause = error.__cause__  # an error of httpcore, which holds that of the socket
    if cause is not None and cause.args and isinstance(cause.args[0], ssl.SSLError):
        return Refused("tls_failure", detail)
    if isinstance(error, httpx.TimeoutException):
        return Refused("timed_out", f"{detail}; {meter.received} bytes were received", status=status)
    if isinstance(error, httpx.RemoteProtocolError) and not meter.ended:
        reason = "server_error" if status is None else "broken_coding"
        return Refused(reason, f"the response does not follow HTTP: {detail}", status=status)
    if status is not None:
        return Refused("incomplete", detail, status=status)
    unusable = isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol)
    return Refused("bad_address" if unusable else "no_connection", detail)


class Fetcher:
    """Fetches pages; a context manager that remembers robots.txt and pauses per host while it lives."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        allow_private: bool = False,
        archive: str | None = memento.ARCHIVE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare to fetch within `limits`; `archive` is the template of a TimeGate, None for no archive."""
        self.limits = limits or Limits()
        self._any_port, self._archive = allow_private, archive
        self._headers = {
            "User-Agent": f"{NAME}/{version('espress')} (reads single articles for research; one request at a time)",
            "Accept-Encoding": ENCODINGS,
            "Connection": "close",
        }
        self._transport = SafeTransport(allow_private=allow_private)
        self._pace = Pace(self.limits, sleep)
        self._robots = Robots(self._ask_robots, NAME, self.limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def fetch(
        self, url: str, *, known: Validators = (None, None), around: str | None = None, live: bool = True
    ) -> Fetched | Refused | None:
        """Fetch a page, or its copy in the web archive if the page is gone.

        Args:
            url: the address.
            known: `ETag` and `Last-Modified` of the stored page; the page is then sent only if it changed.
            around: a day or a month; the archive's copy nearest to it is taken.
            live: ask for the address itself. If false, ask the archive only, and accept only a copy from about that
                day.

        Returns:
            The page; the reason why there is none; or None if the server states that the known page did not change.
        """
        refused = Refused("do_not_fetch", "the catalogue forbids requests to the address")
        try:
            if live:
                try:
                    return self._fetch_page(url, known)
                except Refused as error:
                    if error.reason not in _GONE:
                        return error
                    refused = error
            return self._fetch_copy(url, around, refused)
        except Exception as error:  # noqa: BLE001 - a hostile response may make any library fail; other pages go on
            return Refused("server_error", f"unexpected {type(error).__name__}: {str(error)[:200]}")

    def read_robots(self, url: str) -> None:
        """Read the robots.txt of a site ahead of its turn, so that its first page need not wait for the pause."""
        with contextlib.suppress(Refused):  # `fetch` will report it
            self._robots.check(self._check(url, url))

    def head(self, url: str) -> tuple[int, str | None] | Refused:
        """Send one HEAD request and return its status and where it redirects to; follow nothing, repeat nothing.

        Some servers answer HEAD as if the page were missing or the method forbidden. After such an answer, a GET is
        sent and decides; only the beginning of its body is read.
        """
        try:
            target = self._check(url, url)
            self._robots.check(target)
            answer = self._ask(target, _ACCEPT, method="HEAD")
            if answer.status in _HEAD_DOUBTED:
                answer = self._ask(target, _ACCEPT, cut_at=1)
            location = answer.location()
        except Refused as refused:
            return refused
        return answer.status, None if location is None else str(location)

    def _check(self, url: str | httpx.URL, first: str) -> httpx.URL:
        """Check `first`, or an address reached from it by redirects; that address may use the port of `first`."""
        own = parse_address(first, any_port=True).port
        return parse_address(url, frozenset({own} if own else ()), any_port=self._any_port)

    def _ask_robots(self, url: httpx.URL, first: httpx.URL) -> Answer:
        """Ask for a robots.txt, or an address that it redirects to."""
        return self._ask(self._check(url, str(first)), {"Accept-Encoding": "identity"}, cut_at=ROBOTS_BYTES)

    def _ask(
        self, url: httpx.URL, headers: dict[str, str], *, method: str = "GET", cut_at: int | None = None
    ) -> Answer:
        """Send one request when its host may be requested again; raises Refused."""
        key = host_key(url)
        self._pace.wait(key)
        try:
            return self._send(url, headers, method, cut_at)
        finally:
            self._pace.pause(key, self._robots.delay(url))

    def _send(self, url: httpx.URL, headers: dict[str, str], method: str, cut_at: int | None) -> Answer:
        """Send one request, and read the body if a GET gives status 200: all of it, or at most `cut_at` bytes.

        The transport is used without an `httpx.Client`, which would keep cookies and build redirects that may not be
        followed.
        """
        meter, status = self._transport.start_meter(self.limits.seconds_total), None
        times = httpx.Timeout(self.limits.seconds_read, connect=self.limits.seconds_connect).as_dict()
        request = httpx.Request(method, url, headers=self._headers | headers, extensions={"timeout": times})
        try:
            with contextlib.closing(self._transport.handle_request(request)) as response:
                status = response.status_code
                if status != 200 or method == "HEAD":
                    return Answer(url, status, response.headers, b"")
                if cut_at is None:
                    check_media_type(parse_content_type(response.headers.get("content-type", ""))[0])
                body = self._read_body(response, meter, cut_at)
        except (httpx.TransportError, OSError) as error:
            raise _explain_failure(error, meter, status) from error
        return Answer(url, status, response.headers, body)

    def _read_body(self, response: httpx.Response, meter: Meter, cut_at: int | None) -> bytes:
        """Read a body; raises Refused if it is longer than allowed or than the server announced."""
        most, body = self.limits.bytes_most, bytearray()
        announced = response.headers.get("content-length", "")
        if cut_at is None and announced.isdigit() and int(announced[:18]) > most:
            raise Refused("too_large", f"the server announces {announced[:18]} bytes", status=200)
        for chunk in response.iter_raw():
            body += chunk
            meter.limit(None)
            if cut_at is not None and len(body) > cut_at:
                return bytes(body[:cut_at])
            if cut_at is None and len(body) > most:
                raise Refused("too_large", f"more than {most} bytes", status=200)
        came = meter.count_body()
        chunked = "transfer-encoding" in response.headers
        if cut_at is None and announced and not chunked and came is not None and came > len(body):
            raise Refused("incomplete", f"{len(body)} bytes were announced, and at least {came} received", status=200)
        return bytes(body)

    def _ask_patiently(self, url: httpx.URL, headers: dict[str, str]) -> Answer:
        """Ask, and ask again after growing pauses while that may help and the server does not want a longer wait.

        `_ask` waits for the turn of the host, so a pause is stated to `Pace` and not slept here.
        """
        pause = max(self.limits.delay, 1.0)
        for left in reversed(range(self.limits.tries)):
            try:
                answer = self._ask(url, headers)
                if answer.status in (200, 304) or answer.location() is not None:
                    return answer
                raise _explain_status(answer)
            except Refused as refused:
                if refused.reason not in _RETRIED:
                    raise
                wait = pause if refused.after is None else refused.after
                self._pace.hold(host_key(url), wait)
                if not left or wait > self.limits.wait_most:
                    raise
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _follow(self, url: str, headers: dict[str, str]) -> Answer:
        """Ask for an address, following redirects; each is checked like the first address."""
        target, seen = self._check(url, url), set[str]()
        for _ in range(self.limits.redirects_most + 1):
            if str(target) in seen:
                raise Refused("too_many_redirects", f"redirects back to {str(target)[:200]}")
            seen.add(str(target))
            self._robots.check(target)
            answer = self._ask_patiently(target, _ACCEPT | headers)
            location = answer.location()
            if location is None:
                return answer
            target = self._check(location, url)
        raise Refused("too_many_redirects", f"more than {self.limits.redirects_most} redirects")

    def _unpack(self, url: str, answer: Answer) -> Fetched:
        """Return the page that a response holds; raises Refused if it holds none."""
        headers = answer.headers
        payload = decompress(answer.body, headers.get("content-encoding", ""), self.limits)
        check_first_bytes(payload)
        media_type, charset = parse_content_type(headers.get("content-type", ""))
        return Fetched(
            url, str(answer.url), answer.status, now(), media_type or None, charset, payload,
            hashlib.sha256(payload).hexdigest(), headers.get("etag"), headers.get("last-modified"),
        )  # fmt: skip

    def _fetch_page(self, url: str, known: Validators) -> Fetched | None:
        conditions = make_conditions(*known)
        answer = self._follow(url, conditions)
        if answer.status != 304:
            return self._unpack(url, answer)
        if not conditions:
            raise Refused("server_error", "status 304, although the request had no condition", status=304)
        return None

    def _fetch_copy(self, url: str, around: str | None, refused: Refused) -> Fetched | Refused:
        """Return the archive's copy of a page, or the refusal with the reason why there is no copy."""
        moment, strict = memento.parse_moment(around), refused.reason == "do_not_fetch"
        if self._archive is None or (strict and moment is None):
            return refused
        try:
            self._check(url, url)  # the archive is only asked for web addresses
            answer = self._follow(*memento.copy_request(self._archive, url, moment))
            taken = memento.parse_taken(str(answer.url), answer.headers)
            if strict and moment is not None:
                memento.check_near(taken, moment)
            copy = self._unpack(url, answer)
        except Refused as error:
            detail = f"{refused.detail}; archive: {error.detail}"
            return Refused(refused.reason, detail, status=refused.status, again=refused.again or error.again)
        return replace(copy, archive_url=copy.final_url, archived_at=taken.isoformat(timespec="seconds"))
