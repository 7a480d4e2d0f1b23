"""Zenodo's REST interface for deposits: requests with a token that goes to one server only."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from espress_build.release.publish.errors import AGAIN, PublishError, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SILENCE = 120.0  # seconds without a byte after which a connection counts as dead
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_JSON = {"Content-Type": "application/json"}
_BYTES = {"Content-Type": "application/octet-stream"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_asked: Any) -> None:
        """Follow nobody elsewhere: the token would go along."""


@dataclass(frozen=True)
class Deposits:
    """A server and the token for it; the token is in no representation of this."""

    endpoint: str
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise PublishError for an address that would carry the token in the clear."""
        parts = urlsplit(self.endpoint)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise PublishError(f"--endpoint {self.endpoint} is not https, and the token would be seen. Give https://…")

    @contextmanager
    def _answer(self, method: str, url: str, headers: dict[str, str], body: bytes | IO[bytes] | None) -> Iterator[Any]:
        if not url.startswith("http"):
            url = self.endpoint.rstrip("/") + url
        if urlsplit(url)[:2] != urlsplit(self.endpoint)[:2]:
            raise PublishError(
                f"{self.endpoint} names another server, {urlsplit(url).netloc}, which gets no token of ours."
            )
        request = urllib.request.Request(  # noqa: S310 - https, or loopback
            url, body, {"Authorization": f"Bearer {self.token}", **headers}, method=method
        )
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=_SILENCE) as answer:
                yield answer
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After", "")
            said = error.read(500).decode(errors="replace").replace(self.token, "***")
            error.close()
            message = f"{method} {url} was answered {error.code}: {said}\n{AGAIN}"
            raise ServerError(message, error.code, float(wait) if wait.isdigit() else None) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = str(error).replace(self.token, "***")
            raise ServerError(f"{method} {url} had no whole answer: {said}\n{AGAIN}") from None

    def ask(self, method: str, url: str, content: object = None) -> Any:
        """Return the server's JSON, null where it sends none; `url` is whole, or begins with a slash.

        Raises:
            ServerError: it refused, or there was no whole answer.
        """
        body = None if content is None else json.dumps(content).encode()
        with self._answer(method, url, _JSON if body else {}, body) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def send(self, url: str, path: Path) -> None:
        """Upload a file's bytes; raises ServerError."""
        with path.open("rb") as file:
            headers = {**_BYTES, "Content-Length": str(path.stat().st_size)}
            with self._answer("PUT", url, headers, file) as answer:
                answer.read()

    def fetch(self, url: str) -> bytes:
        """Return the bytes of a file; raises ServerError, also where fewer came than were announced."""
        with self._answer("GET", url, {}, None) as answer:
            return bytes(answer.read())
