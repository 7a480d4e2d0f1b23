"""A server that fails on purpose: it refuses, throttles, hangs up, or loses or corrupts answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import parse_qs, unquote

from tests.web_server import Server, cut, response

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web_server import Behaviour, Request

F = TypeVar("F", bound="Callable[..., bytes]")


@dataclass
class Fault:
    """A fault of the next `times` requests with this method whose path matches.

    `status` answers with a status and does nothing; `reset` reads `after` bytes of the body and resets the connection;
    `lost` obeys the request, and resets instead of answering; `cut` stops in the middle of the answer; `flip` changes
    one of its bytes.
    """

    method: str
    path: str
    kind: Literal["status", "reset", "lost", "cut", "flip"]
    times: int = 1
    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    after: int = 0
    client: str = ""  # part of its User-Agent


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The answer of a service that refuses a request."""

    def __init__(self, status: int, content: object, **headers: str) -> None:
        """Compose the answer."""
        self.answer = as_json(content, status, **headers)
        super().__init__(str(content))


def as_json(content: object, status: int = 200, **headers: str) -> bytes:
    return response(json.dumps(content), status, "application/json", **headers)


def query(request: Request) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(request.target.partition("?")[2]).items()}


def route(methods: str, pattern: str) -> Callable[[F], F]:
    """Mark a method of a service as the answer to requests with these HTTP methods whose path matches."""

    def mark(act: F) -> F:
        act.route = re.compile(f"(?:{methods}) {pattern}")  # type: ignore[attr-defined]
        return act

    return mark


class FaultyServer(Server):
    """A service whose methods are marked with `route`, and its planned faults."""

    def __init__(self) -> None:
        """Begin without faults."""
        super().__init__()
        self.faults: list[Fault] = []

    @property
    def elsewhere(self) -> str:
        """The root address of the same server under another host name, for files stored outside the repository."""
        return f"http://localhost:{self.port}"

    def asked(self, method: str, path: str = "") -> list[Request]:
        """Return the requests with this method whose path matches."""
        return [one for one in self.requests if one.method == method and re.search(path, one.path)]

    def answer(self, request: Request) -> bytes:
        """Obey a request, or return the reason for refusing it."""
        asked = f"{request.method} {request.target.partition('?')[0]}"
        for act in vars(type(self)).values():
            if match := hasattr(act, "route") and act.route.fullmatch(asked):
                try:
                    named: dict[str, Any] = {name: unquote(value or "") for name, value in match.groupdict().items()}
                    sent: bytes = act(self, request, **named)
                except Refused as refused:
                    return refused.answer
                else:
                    return sent
        return as_json({"message": "not implemented"}, 404)

    def respond(self, request: Request) -> Behaviour:
        """Answer a request, with its fault if one is planned."""
        fault = self._take_fault(request)
        kind = fault.kind if fault else None
        if fault and kind == "reset":
            request.stream.read(min(fault.after, request.length))
            return cut(b"")
        assert request.body is not None  # reads it, although this method does not use it
        if fault and kind == "status":
            sent = response(b'{"error": "on purpose"}', fault.status, None, **dict(fault.headers))
        else:
            with self.lock:
                sent = self.answer(request)
        request.status = int(sent.split(b" ", 2)[1])
        head, gap, body = sent.partition(b"\r\n\r\n")
        middle = len(body) // 2
        if kind == "lost":
            return cut(b"")
        if kind == "cut" and request.method != "HEAD":
            return cut(head + gap + body[:middle], reset=False)
        if kind == "flip" and body:
            return head + gap + body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        return sent

    def _take_fault(self, request: Request) -> Fault | None:
        """Return the fault of this request, if any, and count it."""
        with self.lock:
            for fault in self.faults:
                known = fault.method in (request.method, "*") and fault.client in request.headers.get("user-agent", "")
                if fault.times and known and re.search(fault.path, request.path):
                    fault.times -= 1
                    return fault
        return None
