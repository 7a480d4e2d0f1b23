"""The contents of files, folders and archives: saved pages, failures, and parts that are not pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Saved:
    """A page's bytes, their origin, and statements of the MHTML or WARC file; `taken_at` is a date in its notation."""

    source: str
    payload: bytes
    url: str | None = None
    charset: str | None = None
    taken_at: str | None = None


@dataclass(frozen=True)
class Failure:
    """An input that is not a readable page; `reason` is one word, `detail` says what was found and what to do."""

    source: str
    reason: str
    detail: str
    url: str | None = None  # of a part of an archive


@dataclass(frozen=True)
class LeftOut:
    """A part of an archive that is not a page: a request, an image, an error of the server."""

    source: str
    what: str
    url: str | None = None


Input: TypeAlias = Saved | Failure | LeftOut
