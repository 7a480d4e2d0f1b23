"""A small HTTP server on loopback that fails on purpose: refuses, throttles, hangs up, loses or spoils answers."""

from __future__ import annotations

import re
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

S = TypeVar("S", bound="Service")
Kind = Literal["status", "reset", "lost", "cut", "flip"]


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of this method whose path matches.

    `status` answers so instead of doing it; `reset` reads `after` bytes of the body and resets the connection; `lost`
    does it, and resets instead of answering; `cut` stops in the middle of the answer; `flip` changes one of its bytes.
    """

    method: str
    path: str
    kind: Kind
    times: int = 1
    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    after: int = 0
    client: str = ""  # what the client's name for itself must hold


@dataclass(frozen=True)
class Question:
    """One request; `path` is as it came, names of headers begin with a capital each."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    host: str


@dataclass(frozen=True)
class Answer:
    """One response; HEAD gets the headers of the body without the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One line of the server's log."""

    method: str
    path: str
    status: int
    authorized: bool
    host: str


class Service:
    """What a server does; a subclass answers."""

    def __init__(self) -> None:
        """Begin without faults."""
        self.faults: list[Fault] = []
        self.requests: list[Asked] = []
        self.lock = threading.RLock()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        """The same server under another host's name: what is stored apart from the repository."""
        return f"http://localhost:{self.port}"

    def answer(self, question: Question) -> Answer:
        """Return what to send back."""
        raise NotImplementedError

    def fault(self, method: str, path: str, client: str) -> Fault | None:
        """Return what shall go wrong with this request, if anything, and count it."""
        with self.lock:
            for fault in self.faults:
                known = fault.method in (method, "*") and fault.client in client
                if fault.times and known and re.search(fault.path, path):
                    fault.times -= 1
                    return fault
        return None

    def asked(self, method: str, path: str = "") -> list[Asked]:
        """Return what was asked by this method about paths that match."""
        return [one for one in self.requests if one.method == method and re.search(path, one.path)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: Service

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's name
        """Say nothing; `Service.requests` is the log."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        body = answer.body
        if fault and fault.kind == "flip" and body:
            body = body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault and fault.kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.wfile.write(body)

    def _serve(self) -> None:
        service, parts = self.service, urlsplit(self.path)
        path = unquote(parts.path)
        fault = service.fault(self.command, path, self.headers.get("User-Agent", ""))
        if fault and fault.kind == "reset":
            self.rfile.read(min(fault.after, int(self.headers.get("Content-Length") or 0)))
            self._note(path, 0)
            self._reset()
            return
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        host = self.headers.get("Host", "")
        body = self._body()
        headers = {name.title(): value for name, value in self.headers.items()}
        if fault and fault.kind == "status":
            answer = Answer(fault.status, b'{"error": "on purpose"}', dict(fault.headers))
        else:
            with service.lock:
                answer = service.answer(Question(self.command, parts.path, query, headers, body, host))
        self._note(path, answer.status)
        if fault and fault.kind == "lost":
            self._reset()
        else:
            self._send(answer, fault)

    def _note(self, path: str, status: int) -> None:
        host = self.headers.get("Host", "").split(":")[0]
        self.service.requests.append(Asked(self.command, path, status, "Authorization" in self.headers, host))

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Serve every method alike: the library looks for `do_GET`, `do_PUT` and so on."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hung up: some were made to."""


@contextmanager
def serving(service: S) -> Iterator[S]:
    """Run a service in threads of this process for as long as it is needed."""
    handler = type("Handler", (_Handler,), {"service": service})
    server = _Server(("127.0.0.1", 0), handler)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
