"""Connections that lead only where they may: every address of a name is looked at, and one that was is connected to.

The name is looked up once a connection, so that an answer that changes between the look and the connection is of no
use to anybody. TLS and the `Host` line still go by the name. This module needs httpcore; import it in functions.
"""

from __future__ import annotations

import ipaddress
import socket
import typing
from dataclasses import dataclass, field

import httpcore

from espress_build.hydrate.outcomes import UnfetchedError

if typing.TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

    Resolve = Callable[[str, int], list[str]]
    Dial = Callable[[str, int, float | None], httpcore.NetworkStream]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_SPECIAL = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "2001::/23", "2001:db8::/32", "3fff::/20")
)
_HEAD_MOST = 1 << 18  # bytes kept to find where the head of an answer ends


def _carried(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address carries (mapped, NAT64, 6to4), else the address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def is_public(text: str) -> bool:
    """Return whether an IP address is one of the public internet, for a single host, by the special-use registries."""
    try:
        address = _carried(ipaddress.ip_address(text))
    except ValueError:
        return False
    if any(address.version == net.version and address in net for net in _SPECIAL):
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_private)


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which the system would try them.

    Raises:
        UnfetchedError: there is none (`host_not_found`), or nobody who knows could be asked (`no_connection`).
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        if isinstance(error, socket.gaierror) and error.errno in (socket.EAI_AGAIN, socket.EAI_FAIL):
            raise UnfetchedError("no_connection", f"{host}: {error}") from error
        raise UnfetchedError("host_not_found", f"{host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    """Open a connection to an IP address."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout)


@dataclass
class Watch:
    """Time and bytes of one request; `clock` counts seconds."""

    clock: Callable[[], float]
    until: float
    received: int = 0
    head: bytes = b""
    ended: bool = False

    def left(self, timeout: float | None) -> float:
        """Return how long the next step may take.

        Raises:
            httpcore.ReadTimeout: the request has had its time.
        """
        left = self.until - self.clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole request is over")
        return left if timeout is None else min(left, timeout)

    def came(self, data: bytes) -> bytes:
        """Count what the server sent."""
        self.received += len(data)
        self.ended = self.ended or not data
        if len(self.head) < _HEAD_MOST:
            self.head += data
        return data

    def body_bytes(self) -> int | None:
        """Return how many bytes came behind the head, null where the head has no end or is not the first."""
        end = self.head.find(b"\r\n\r\n")
        return None if end < 0 or self.head[9:10] == b"1" else self.received - end - 4


@dataclass
class _Watched(httpcore.NetworkStream):
    """A connection whose steps are timed and counted."""

    stream: httpcore.NetworkStream
    watch: Watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.watch.came(self.stream.read(max_bytes, self.watch.left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.watch.left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Watched(self.stream.start_tls(ssl_context, server_hostname, self.watch.left(timeout)), self.watch)

    def get_extra_info(self, info: str) -> typing.Any:
        return self.stream.get_extra_info(info)


@dataclass
class Guard(httpcore.NetworkBackend):
    """The way to the network; `watch` is of the request in work."""

    allow_private: bool
    watch: Watch
    resolve: Resolve = field(default=look_up)
    dial: Dial = field(default=dial)

    def checked(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, all of them public unless others are allowed.

        Raises:
            UnfetchedError: there is none, or one is not public: a name that leads to both is not trusted.
        """
        addresses = self.resolve(host, port)
        if not addresses:
            raise UnfetchedError("host_not_found", f"{host} has no address")
        inner = [address for address in addresses if not is_public(address)]
        if inner and not self.allow_private:
            raise UnfetchedError("private_address", f"{host} leads to {', '.join(inner[:5])}")
        return addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the interface's; never given
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of a host, the first that answers."""
        addresses = self.checked(host, port)
        for address in addresses[:-1]:
            try:
                return _Watched(self.dial(address, port, self.watch.left(timeout)), self.watch)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return _Watched(self.dial(addresses[-1], port, self.watch.left(timeout)), self.watch)
