"""A web server with a scripted answer for each path, and answers for it."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from tests.web_server import Server, response

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.web_server import Behaviour, Request

MISSING = response(status=404, kind=None)


class PathServer(Server):
    """Answers each path with its behaviours in turn, of which the last is repeated; with 404 if it has none."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        """Begin without paths."""
        super().__init__(certificate)
        self.paths: dict[str, list[Behaviour]] = {}

    def put(self, path: str, *behaviours: Behaviour) -> None:
        """Set the behaviours of a path; `host/path` sets those of one host only."""
        self.paths[path] = list(behaviours)

    def url(self, path: str = "/story", host: str = "news.example", scheme: str = "http") -> str:
        """Return the address of a path."""
        return f"{scheme}://{host}:{self.port}{path}"

    def asked(self, method: str = "GET") -> list[str]:
        """Return the paths of the requests in order, without robots.txt."""
        return [one.target for one in self.requests if one.path != "/robots.txt" and one.method == method]

    def respond(self, request: Request) -> Behaviour:
        """Return the next behaviour for a path."""
        with self.lock:
            known = self.paths.get(request.host + request.target, self.paths.get(request.target, [MISSING]))
            return known.pop(0) if len(known) > 1 else known[0]


def article(title: str = "Port planner held over harbour maps", *, day: str = "2019-07-23", url: str = "",
            language: str = "en", paragraphs: int = 6) -> str:  # fmt: skip
    """Return a page with an invented article of about 1,500 letters."""
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
    """Send a page that does not end, as fast as the client reads it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>")
    while True:
        connection.sendall(b"and so on " * 4096)


def dripping(head: bytes, pause: float = 0.02) -> Behaviour:
    """Return a behaviour that sends some bytes, and then single bytes with pauses too short for a read timeout."""

    def drip(connection: socket.socket, _: Request) -> None:
        connection.sendall(head)
        while True:
            time.sleep(pause)
            connection.sendall(b"x")

    return drip


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Return a new self-signed certificate for a host, and its key."""
    made, key = folder / f"{host}.pem", folder / f"{host}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", str(key), "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key
