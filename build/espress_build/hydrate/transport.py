"""HTTP transport that refuses private addresses.

It checks every address a host resolves to and connects to a checked one, so DNS rebinding does not help an attacker.
TLS and the `Host` header still use the name. One deadline covers the whole request, a slowly dripping head included.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import typing
from dataclasses import dataclass

import httpcore
import httpx

from espress_build.hydrate.responses import Refused

if typing.TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_SPECIAL = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "2001::/23", "2001:db8::/32", "3fff::/20")
)
_HEAD_MOST = 1 << 18  # bytes in which the end of a response's head is looked for


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to a single host of the public internet, by the special-use registries."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):  # it may contain an IPv4 address: mapped, NAT64 or 6to4
        nat64 = ipaddress.IPv4Address(address.packed[-4:]) if address in _NAT64 else None
        address = nat64 or address.ipv4_mapped or address.sixtofour or address
    if any(address.version == net.version and address in net for net in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_private)


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which the system would try them.

    Raises:
        Refused: the host has no address (`host_not_found`), or no name server answers (`no_connection`).
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        unanswered = isinstance(error, socket.gaierror) and error.errno in (socket.EAI_AGAIN, socket.EAI_FAIL)
        raise Refused("no_connection" if unanswered else "host_not_found", f"{host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def connect(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    """Open a connection to an IP address."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout)


@dataclass
class Meter:
    """The deadline of one request, and what the server sent for it so far."""

    deadline: float  # of `time.monotonic`
    received: int = 0
    head: bytes = b""
    ended: bool = False  # the server closed the connection

    def limit(self, timeout: float | None) -> float:
        """Return how long the next step may take, in seconds; raises Refused after the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Refused("timed_out", f"the whole request took too long; {self.received} bytes were received")
        return left if timeout is None else min(left, timeout)

    def count(self, data: bytes) -> bytes:
        """Count bytes that the server sent, and return them."""
        self.received += len(data)
        self.ended = self.ended or not data
        if len(self.head) < _HEAD_MOST:
            self.head += data
        return data

    def count_body(self) -> int | None:
        """Return how many bytes followed the head; None if its end was not found or it was an interim response."""
        end = self.head.find(b"\r\n\r\n")
        return None if end < 0 or self.head[9:10] == b"1" else self.received - end - 4


@dataclass
class _MeteredStream(httpcore.NetworkStream):
    """A connection that keeps the deadline and counts what the server sends."""

    stream: httpcore.NetworkStream
    meter: Meter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.meter.count(self.stream.read(max_bytes, self.meter.limit(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.meter.limit(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _MeteredStream(
            self.stream.start_tls(ssl_context, server_hostname, self.meter.limit(timeout)), self.meter
        )

    def get_extra_info(self, info: str) -> typing.Any:
        return self.stream.get_extra_info(info)


class _SafeBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses; `meter` belongs to the current request."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private, self.meter = allow_private, Meter(0.0)

    def _check(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host; raises Refused if any of them is private."""
        addresses = resolve_host(host, port)
        if not addresses:
            raise Refused("host_not_found", f"{host} has no address")
        private = [address for address in addresses if not is_public(address)]
        if private and not self._allow_private:
            raise Refused("private_address", f"{host} has the address {', '.join(private[:5])}")
        return addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - part of the interface; never given
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers, after checking all of them."""
        *others, last = self._check(host, port)
        for address in others:
            try:
                return _MeteredStream(connect(address, port, self.meter.limit(timeout)), self.meter)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _MeteredStream(connect(last, port, self.meter.limit(timeout)), self.meter)


class SafeTransport(httpx.HTTPTransport):
    """An `httpx.HTTPTransport` over the safe backend.

    It uses no proxy, because a proxy would resolve names out of our sight. No connection serves two requests, so what
    one response leaves behind cannot become part of the next.
    """

    def __init__(self, *, allow_private: bool) -> None:
        """Trust the authorities of httpx, or those of `SSL_CERT_FILE` or `SSL_CERT_DIR`."""
        context = httpx.create_ssl_context()
        super().__init__(verify=context, trust_env=False)
        self._backend = _SafeBackend(allow_private=allow_private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=self._backend, max_connections=1, max_keepalive_connections=0
        )

    def start_meter(self, seconds: float) -> Meter:
        """Begin to measure the next request, which may take so many seconds in all."""
        self._backend.meter = Meter(time.monotonic() + seconds)
        return self._backend.meter
