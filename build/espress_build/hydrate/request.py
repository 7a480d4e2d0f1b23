"""One request and its answer, within bounds of time and size, and in no words but ours.

Proxies and `.netrc` of the environment are not used, nor cookies: a proxy would look names up again, out of our sight.
No connection serves two requests, so nothing that an answer leaves behind can become part of the next. This module
needs httpx and httpcore; import it in functions.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore
import httpx

from espress_build.hydrate.decompression import CODINGS
from espress_build.hydrate.outcomes import Limits, UnfetchedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from espress_build.hydrate.safe_transport import Guard, Watch

_ADDRESS_MOST = 8000  # characters
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """What a server said; `body` as it was sent, before anything is unpacked, and empty where it was not read."""

    url: httpx.URL
    status: int
    headers: httpx.Headers
    body: bytes

    def location(self) -> httpx.URL | None:
        """Return where the answer leads, null when it leads nowhere."""
        named = self.headers.get("location", "").strip()
        if self.status not in (301, 302, 303, 307, 308) or not named:
            return None
        try:
            return self.url.join(named[: _ADDRESS_MOST + 1])
        except (httpx.InvalidURL, ValueError) as error:
            raise UnfetchedError("bad_address", f"leads to {named[:80]!r}: {error}", status=self.status) from error


def address(url: str | httpx.URL, ports: frozenset[int] = frozenset(), *, any_port: bool = False) -> httpx.URL:
    """Return an address that may be asked for: http or https, no user in it, no port but the scheme's or `ports`.

    Raises:
        UnfetchedError: it is none (`bad_address`).
    """
    text = str(url)
    try:
        parsed = httpx.URL(text.strip()).copy_with(fragment=None)
        host = parsed.host  # decoded here: a malformed international name is found out only now
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise UnfetchedError("bad_address", f"{text[:80]!r}: {error}") from error
    if len(text) > _ADDRESS_MOST:
        raise UnfetchedError("bad_address", f"an address of {len(text)} characters")
    if parsed.scheme not in _PORTS or not host:
        raise UnfetchedError("bad_address", f"{text[:80]!r} is no address of the web")
    if parsed.userinfo:
        raise UnfetchedError("bad_address", f"a user name stands in the address, before {host}")
    if not any_port and parsed.port is not None and parsed.port not in ports | set(_PORTS.values()):
        raise UnfetchedError("bad_address", f"port {parsed.port} of {host} is not asked")
    return parsed


def _trouble(error: Exception, watch: Watch, status: int | None) -> UnfetchedError:
    """Put an error of the connection into our terms; `status` is null before the head of the answer came."""
    said = str(error)[:200] or type(error).__name__
    if error.args and isinstance(error.args[0], ssl.SSLError):  # httpcore hands the cause on so
        return UnfetchedError("tls_failure", said)
    if isinstance(error, httpcore.TimeoutException):
        return UnfetchedError("timed_out", f"{said}; {watch.received} bytes had come", status=status)
    if isinstance(error, httpcore.RemoteProtocolError) and not watch.ended:
        kind = "server_error" if status is None else "broken_coding"
        return UnfetchedError(kind, f"the answer does not follow HTTP: {said}", status=status)
    if status is not None:
        return UnfetchedError("incomplete", said, status=status)
    if isinstance(error, (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol)):
        return UnfetchedError("bad_address", said)
    return UnfetchedError("no_connection", said)


def tls_context(verify: str | ssl.SSLContext | None) -> ssl.SSLContext:
    """Return how servers prove who they are: by the usual authorities, those of a file, or as the caller says.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` of the environment name other authorities, as they do for other programs.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    return ssl.create_default_context(cafile=verify) if verify else httpx.create_ssl_context()


class Asker:
    """Asks one thing at a time."""

    def __init__(self, limits: Limits, guard: Guard, tls: ssl.SSLContext, agent: str) -> None:
        """Keep the limits, the way to the network, the authorities that are trusted, and the name we give."""
        self._limits, self._guard, self._agent = limits, guard, agent
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, network_backend=guard, max_connections=1, max_keepalive_connections=0
        )

    def close(self) -> None:
        """Close what is open."""
        self._pool.close()

    def _started(self) -> Watch:
        from espress_build.hydrate.safe_transport import Watch

        clock = self._guard.watch.clock
        self._guard.watch = Watch(clock, clock() + self._limits.seconds_total)
        return self._guard.watch

    def _body(self, response: httpcore.Response, most: int, *, cut: bool) -> bytes:
        """Read a body, at most `most` bytes of it: more is an error, or left unread where `cut` says so."""
        body = bytearray()
        announced = httpx.Headers(response.headers).get("content-length", "")
        if announced.isdigit() and int(announced[:18]) > most and not cut:
            raise UnfetchedError("too_large", f"{announced[:18]} bytes, says the server", status=response.status)
        for chunk in response.iter_stream():
            body += chunk
            self._guard.watch.left(None)
            if len(body) > most:
                if cut:
                    return bytes(body[:most])
                raise UnfetchedError("too_large", f"more than {most} bytes", status=response.status)
        return bytes(body)

    def ask(
        self, url: httpx.URL, headers: dict[str, str], *, method: str = "GET",
        wanted: Callable[[httpx.Headers], None] | None = None, cut_at: int | None = None,
    ) -> Answer:  # fmt: skip
        """Ask, and read the body of an answer of status 200 to GET.

        `wanted` looks at its head first and raises where the body need not come; `cut_at` takes that many bytes and
        no more.

        Raises:
            UnfetchedError: no answer, or none that can be used, within the limits.
        """
        watch, status = self._started(), None
        limits = self._limits
        times = {"connect": limits.seconds_connect, "read": limits.seconds_read, "write": limits.seconds_read}
        said = {"User-Agent": self._agent, "Accept-Encoding": CODINGS, "Connection": "close"} | headers
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            with self._pool.stream(
                method, target, headers=list(said.items()), extensions={"timeout": times}
            ) as response:
                status, got = response.status, httpx.Headers(response.headers)
                if status != 200 or method == "HEAD":
                    return Answer(url, status, got, b"")
                if wanted is not None:
                    wanted(got)
                body = self._body(response, limits.bytes_most if cut_at is None else cut_at, cut=cut_at is not None)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise _trouble(error, watch, status) from error
        if cut_at is None:
            _check_length(got, len(body), watch)
        return Answer(url, status, got, body)


def _check_length(headers: httpx.Headers, size: int, watch: Watch) -> None:
    """Pass a body of which no more came than the server had announced; fewer end the connection's reading before."""
    came = watch.body_bytes()
    if "transfer-encoding" not in headers and "content-length" in headers and came is not None and came > size:
        raise UnfetchedError("incomplete", f"{size} bytes were announced and at least {came} came", status=200)
