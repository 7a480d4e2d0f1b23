"""What a file, folder or archive holds: a saved page, a failure, or a part that is no page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Saved:
    """A page's bytes, where they come from, and what their carrier says of them; `taken_at` as it writes moments."""

    source: str
    payload: bytes
    url: str | None = None
    charset: str | None = None
    taken_at: str | None = None


@dataclass(frozen=True)
class Failure:
    """An input that is no readable page; `reason` is one word, `detail` says what is there and what to do."""

    source: str
    reason: str
    detail: str
    url: str | None = None  # of a part of an archive


@dataclass(frozen=True)
class LeftOut:
    """A part of an archive that was never meant as a page: a request, an image, an error of the server."""

    source: str
    what: str
    url: str | None = None


Input: TypeAlias = Saved | Failure | LeftOut
