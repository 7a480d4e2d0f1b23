"""What comes of asking for an address, and how much patience there is."""

from __future__ import annotations

from dataclasses import dataclass

# A later run may ask again; the other reasons stand until somebody corrects the catalogue or the site changes.
PASSING = frozenset({
    "host_not_found", "incomplete", "no_connection", "not_asked", "robots_unreachable", "server_error", "timed_out",
    "tls_failure", "too_many_requests",
})  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What one request, and one address, may cost; sizes in bytes, times in seconds.

    `ratio_most` bounds how much more a page may be than the bytes that came, above one mebibyte. `seconds_total`
    holds for one request, from the connection to the last byte. `delay` lies between two requests to one host,
    `wait_most` is the longest wait that a server may ask for.
    """

    bytes_most: int = 10 * 2**20
    decompressed_most: int = 30 * 2**20
    ratio_most: int = 200
    seconds_connect: float = 15.0
    seconds_read: float = 20.0
    seconds_total: float = 90.0
    redirects_most: int = 8
    tries: int = 3
    delay: float = 5.0
    wait_most: float = 120.0


@dataclass(frozen=True)
class Validators:
    """What a server gave to recognise a page by, for asking whether it changed."""

    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Got:
    """A page; `payload` is what the server meant, unpacked, and `sha256` its hash.

    `final_url` is where redirects led. `charset` is what the server says, which may be wrong. For an archive's copy
    `archive_url` names it and `archived_at` when it was taken (ISO 8601, UTC).
    """

    url: str
    final_url: str
    status: int
    fetched_at: str
    media_type: str | None
    charset: str | None
    payload: bytes
    sha256: str
    validators: Validators
    archive_url: str | None = None
    archived_at: str | None = None


@dataclass(frozen=True)
class Unchanged:
    """The server says that the page is as it was."""

    url: str
    fetched_at: str


@dataclass(frozen=True)
class Refused:
    """No page, and why: `reason` is a term of the vocabulary `reject_reason`; `again` says that a later run may try."""

    url: str
    reason: str
    detail: str
    status: int | None = None
    again: bool = False


@dataclass(frozen=True)
class Touched:
    """How the server answered one request without a body; `location` is where it would lead, made absolute."""

    url: str
    status: int
    location: str | None
    touched_at: str


class UnfetchedError(Exception):
    """Internal: why an answer cannot be used; `after` is how long the server asks to wait, in seconds."""

    def __init__(self, reason: str, detail: str, *, status: int | None = None, after: float | None = None) -> None:
        """Take a term of `reject_reason` and what was seen."""
        super().__init__(reason, detail)
        self.reason, self.detail, self.status, self.after = reason, detail, status, after

    def refused(self, url: str) -> Refused:
        """Return the refusal of an address for this reason."""
        return Refused(url, self.reason, self.detail, self.status, self.reason in PASSING)
