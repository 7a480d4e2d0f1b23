"""A web server on loopback for tests. It sends plain bytes, so that it can misbehave in every way."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeVar
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

S = TypeVar("S", bound="Server")


@dataclass(eq=False)
class Request:
    """One request; `target` is as it came, names of headers are in lower case, `host` lacks its port."""

    method: str
    target: str
    headers: dict[str, str]
    stream: BinaryIO
    status: int = 0  # of the answer, where the server notes it

    @property
    def host(self) -> str:
        """The name by which the client calls the server."""
        return self.headers.get("host", "").split(":")[0]

    @property
    def path(self) -> str:
        """The target without its query, decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def authorized(self) -> bool:
        """Whether a token came with it."""
        return "authorization" in self.headers

    @property
    def length(self) -> int:
        """The number of bytes of the body, if the client states it."""
        return int(self.headers.get("content-length", 0))

    @cached_property
    def body(self) -> bytes:
        """The whole body, read when it is first asked for."""
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.stream.read(self.length)
        parts = []
        while size := int(self.stream.readline().split(b";")[0], 16):
            parts.append(self.stream.read(size))
            self.stream.readline()
        self.stream.readline()
        return b"".join(parts)


# What is sent for a request: these bytes, or whatever a function sends.
Behaviour: TypeAlias = bytes | Callable[[socket.socket, Request], None]


def response(
    body: bytes | str = b"", status: int = 200, kind: str | None = "text/html; charset=utf-8", **headers: object
) -> bytes:
    """Return a whole answer; `_` in names of headers becomes `-`, and a header that is None is left out."""
    payload = body.encode() if isinstance(body, str) else body
    lines: dict[str, object] = {"Content-Type": kind, "Content-Length": len(payload), "Connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + payload


def redirect(location: str, status: int = 302) -> bytes:
    """Return an answer that leads elsewhere."""
    return response(b"", status, None, Location=location)


def cut(sent: bytes, *, reset: bool = True) -> Behaviour:
    """Return a behaviour that sends some bytes and then ends the connection, with a reset or quietly."""

    def send_and_end(connection: socket.socket, _: Request) -> None:
        connection.sendall(sent)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return send_and_end


class Server:
    """A server with one thread a connection and one request a connection; a subclass says what it answers."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        """Begin without requests; speak TLS if a certificate and its key are given."""
        self.port = 0
        self.requests: list[Request] = []
        self.names: list[str | None] = []  # that clients asked for in TLS
        self.lock = threading.RLock()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if certificate and self.tls:
            self.tls.load_cert_chain(*certificate)
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    @property
    def root(self) -> str:
        """The beginning of its addresses."""
        return f"http://127.0.0.1:{self.port}"

    def respond(self, request: Request) -> Behaviour:
        """Return what to do about a request."""
        raise NotImplementedError

    def serve(self, plain: socket.socket) -> None:
        """Answer one connection; a client may leave at any time."""
        with contextlib.suppress(OSError, ValueError), plain:
            connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
            with connection, connection.makefile("rb") as stream:
                if stream.peek(1)[:1] in (b"", b"\x16"):  # nothing, or TLS to a server that does not speak it
                    return
                method, target, _ = stream.readline().decode("latin-1").split(" ")
                headers = {name.lower(): value for name, value in http.client.parse_headers(stream).items()}
                request = Request(method, target, headers, stream)
                with self.lock:
                    self.requests.append(request)
                behaviour = self.respond(request)
                if callable(behaviour):
                    behaviour(connection, request)
                    return
                head, gap, body = behaviour.partition(b"\r\n\r\n")
                connection.sendall(head + gap + (b"" if method == "HEAD" else body))
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1)  # until the client is done, so that a reset loses nothing


@contextmanager
def serving(server: S) -> Iterator[S]:
    """Run a server on a free port of loopback for as long as it is needed."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server.port = listener.getsockname()[1]

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    connection.settimeout(20)
                    threading.Thread(target=server.serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
