"""The possible results of a request, and the limits on its cost. No network and no libraries."""

from __future__ import annotations

from dataclasses import dataclass

# A later run asks again after these reasons; the others last until the catalogue or the site changes.
TRANSIENT = frozenset({
    "host_not_found", "incomplete", "no_connection", "not_asked", "robots_unreachable", "server_error", "timed_out",
    "tls_failure", "too_many_requests",
})  # fmt: skip

_REASON_BY_STATUS = {
    204: "empty_page", 205: "empty_page", 401: "login_wall", 402: "login_wall", 404: "not_found", 410: "gone",
    429: "too_many_requests",
}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Limits on the cost of a request; sizes in bytes, times in seconds.

    `ratio_most` is the largest ratio of decompressed to received bytes for pages above one mebibyte. `seconds_total`
    covers one request, from the connection to the last byte. `delay` is the pause between two requests to one host,
    `wait_most` the longest wait that a server may ask for.
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
class Fetched:
    """A page; `payload` is its decompressed body and `sha256` the hash of that.

    `final_url` is the address after redirects, `charset` what the server states, which may be wrong. If the page is a
    copy in a web archive, `archive_url` is the address of the copy and `archived_at` its time (ISO 8601, UTC).
    """

    url: str
    final_url: str
    status: int
    fetched_at: str
    media_type: str | None
    charset: str | None
    payload: bytes
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    archive_url: str | None = None
    archived_at: str | None = None


@dataclass(frozen=True)
class Unchanged:
    """The server states that the page did not change."""

    url: str
    fetched_at: str


@dataclass(frozen=True)
class Refused:
    """No page; `reason` is a term of the vocabulary `reject_reason`, and `again` is true if a later run may ask."""

    url: str
    reason: str
    detail: str
    status: int | None = None
    again: bool = False


@dataclass(frozen=True)
class Head:
    """The answer to a HEAD request; `location` is the absolute address of a redirect."""

    url: str
    status: int
    location: str | None


def explain_status(status: int) -> str:
    """Return the reason, a term of `reject_reason`, why a response with this status holds no page."""
    return _REASON_BY_STATUS.get(status, "server_error" if status >= 500 else "refused")


class FetchError(Exception):
    """Internal: a request that gives no usable answer; `after` is the wait in seconds that the server asks for."""

    def __init__(self, reason: str, detail: str, *, status: int | None = None, after: float | None = None) -> None:
        """Keep the reason, a term of `reject_reason`, and details for people."""
        super().__init__(reason, detail)
        self.reason, self.detail, self.status, self.after = reason, detail, status, after

    def refuse(self, url: str) -> Refused:
        """Return the refusal of an address for this reason."""
        return Refused(url, self.reason, self.detail, self.status, self.reason in TRANSIENT)
