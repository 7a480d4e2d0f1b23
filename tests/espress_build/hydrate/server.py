"""A web server on loopback that misbehaves as it is told: what it sends are plain bytes, so nothing is set right."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Request:
    """One request as it came; names of headers in small letters, `host` without its port."""

    method: str
    host: str
    path: str
    headers: dict[str, str]


# What is sent for a request: bytes as they stand, or somebody who sends them.
Behaviour: TypeAlias = bytes | Callable[[socket.socket, Request], None]

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def response(body: bytes | str = b"", status: int = 200, kind: str | None = "text/html; charset=utf-8",
             **headers: object) -> bytes:  # fmt: skip
    """Return a whole answer; names of headers with `_` for `-`, one given as null is left out."""
    payload = body.encode() if isinstance(body, str) else body
    lines: dict[str, object] = {"Content-Type": kind, "Content-Length": len(payload), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + payload


def redirect(location: str, status: int = 302) -> bytes:
    """Return an answer that leads elsewhere."""
    return response(b"", status, None, Location=location)


def article(title: str = "Port planner held over harbour maps", *, day: str = "2019-07-23", url: str = "",
            language: str = "en", paragraphs: int = 6) -> str:  # fmt: skip
    """Return a page of an invented article, of some 1,500 letters."""
    prose = "".join(
        f"<p>On day {number} the planner of the port was asked about the maps of the harbour, and said that nobody had "
        f"ever told him to keep them to himself, while the authority said that rule {number} was known to everybody "
        f"who works there.</p>\n"
        for number in range(paragraphs)
    )
    own = f'<link rel="canonical" href="{url}">' if url else ""
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>{own}'
        f'<meta property="og:type" content="article"><meta property="article:published_time" content="{day}T08:00:00Z">'
        f"</head><body><article><h1>{title}</h1>\n{prose}</article></body></html>"
    )


def endless(connection: socket.socket, _: Request) -> None:
    """Send a page that does not end, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>")
    while True:
        connection.sendall(b"and so on " * 4096)


def dripping(head: bytes, pause: float = 0.02) -> Behaviour:
    """Return what sends some bytes, and then one after another, each so soon that no single wait is long."""

    def drip(connection: socket.socket, _: Request) -> None:
        connection.sendall(head)
        while not _STOPPED.wait(pause):
            connection.sendall(b"x")

    return drip


def cut(sent: bytes, *, reset: bool = True) -> Behaviour:
    """Return what sends some bytes and then ends the connection, with a reset or quietly."""

    def cutting(connection: socket.socket, _: Request) -> None:
        connection.sendall(sent)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return cutting


_STOPPED = threading.Event()  # never set: a wait that is no sleep


@dataclass(repr=False)  # it would grow with every request
class Server:
    """Answers each path as told: a list of behaviours in turn, the last again and again; without one, there is none."""

    port: int = 0
    paths: dict[str, list[Behaviour]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    names: list[str | None] = field(default_factory=list)  # asked for in TLS
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, path: str, *behaviours: Behaviour) -> None:
        """Say how a path is answered; `host/path` where only one host's is meant."""
        self.paths[path] = list(behaviours)

    def url(self, path: str = "/story", host: str = "news.example", scheme: str = "http") -> str:
        """Return the address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def asked(self, method: str = "GET") -> list[str]:
        """Return the paths that were asked for, robots.txt left aside, in order."""
        return [one.path for one in self.requests if one.path != "/robots.txt" and one.method == method]

    def _next(self, request: Request) -> Behaviour:
        with self.lock:
            self.requests.append(request)
            known = self.paths.get(request.host + request.path, self.paths.get(request.path, [MISSING]))
            return known.pop(0) if len(known) > 1 else known[0]

    def _read(self, connection: socket.socket) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)) or more.startswith(b"\x16"):  # TLS, which is not spoken here
                return None
            data += more
        first, *lines = data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, path, _ = first.split(" ")
        return Request(method, headers.get("host", "").split(":")[0], path, headers)

    def answer(self, plain: socket.socket) -> None:
        """Answer one connection, in TLS where there is a certificate; that the other side leaves is no fault."""
        with contextlib.suppress(OSError, ValueError), plain:
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            with connection:
                request = self._read(connection)
                if request is None:
                    return
                behaviour = self._next(request)
                if callable(behaviour):
                    behaviour(connection, request)
                else:
                    connection.sendall(behaviour if request.method != "HEAD" else _head(behaviour))
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(1)  # until the other side is done, so that nothing is lost to a reset


def _head(sent: bytes) -> bytes:
    return sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Return a new certificate for a host, its own authority, and the key."""
    import subprocess

    made, key = folder / f"{host}.pem", folder / f"{host}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


@contextmanager
def serving(pair: tuple[Path, Path] | None = None) -> Iterator[Server]:
    """Serve on a free port of loopback, by TLS where a certificate and its key are given."""
    server = Server()
    if pair is not None:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*pair)
        server.tls.sni_callback = lambda _socket, name, _context: server.names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(20)
                    threading.Thread(target=server.answer, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
