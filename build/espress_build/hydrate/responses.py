"""The possible results of a request, the limits on its cost, and the way from response to page. No network access.

httpx is not used to decompress: its decoder drops all but the first member of a gzip file, accepts files that end too
early, and expands a whole chunk before anybody can look at its size.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message

from espress.errors import InputError

# A later run repeats requests with these reasons; the others last until the catalogue or the site changes.
TRANSIENT = frozenset({
    "host_not_found", "incomplete", "no_connection", "not_asked", "robots_unreachable", "server_error", "timed_out",
    "tls_failure", "too_many_requests",
})  # fmt: skip

_REASON_BY_STATUS = {
    204: "empty_page", 205: "empty_page", 401: "login_wall", 402: "login_wall", 404: "not_found", 410: "gone",
    429: "too_many_requests",
}  # fmt: skip

ENCODINGS = "gzip, deflate"  # zlib decompresses these in steps
_ENCODINGS = ("gzip", "x-gzip", "deflate")
_ENCODINGS_MOST = 2
# Content codings that IANA lists and we do not ask for. Unknown names, such as UTF-8, are ignored.
_OTHER_ENCODINGS = frozenset({
    "aes128gcm", "br", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress", "zstd",
})  # fmt: skip
_PARTS = re.compile(r'(?:"[^"]*"?|[^",])+')  # elements of a list; commas in quotation marks do not separate
_SMALL = 2**20  # bytes below which no ratio is suspicious

_PAGES = frozenset({
    "", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml", "application/html",
    "application/vnd.wap.xhtml+xml",
})  # fmt: skip
_FIRST_BYTES = (
    (b"%PDF-", "a PDF"), (b"PK\x03\x04", "a zip file"), (b"PK\x05\x06", "a zip file"), (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf'\x1c", "a 7z file"), (b"Rar!", "a rar file"), (b"\x89PNG", "an image"), (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"), (b"RIFF", "an image or a recording"), (b"BM", "an image"), (b"ID3", "a recording"),
    (b"\xd0\xcf\x11\xe0", "an office document"), (b"{\\rtf", "an RTF document"), (b"%!PS", "a PostScript document"),
    (b"\x7fELF", "a program"), (b"MZ", "a program"),
)  # fmt: skip
_ALSO_TEXT = frozenset({b"BM", b"MZ", b"ID3", b"RIFF"})  # a text may begin with these letters
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\x00", b"\x00<")


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

    def with_delay(self, delay: float | None) -> Limits:
        """Return these limits with another pause, None for the same; raises InputError if it makes no sense."""
        if delay is None:
            return self
        if not 0 <= delay < 86400:
            raise InputError([f"A delay of {delay} makes no sense; give seconds between two requests to one host."])
        return replace(self, delay=delay)


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


def explain_status(status: int) -> str:
    """Return the reason, a term of `reject_reason`, why a response with this status holds no page."""
    return _REASON_BY_STATUS.get(status, "server_error" if status >= 500 else "refused")


class Refused(Exception):  # noqa: N818 - raised on the way, and an ordinary result of the client
    """There is no page, or it does not hold the article.

    `reason` is a term of the vocabulary `reject_reason`, `again` is true if a later run repeats the request without
    `retry`, and `after` is the wait in seconds that the server asks for.
    """

    def __init__(
        self, reason: str, detail: str, *, status: int | None = None, after: float | None = None, again: bool = False
    ) -> None:
        """Keep the reason and details for people; if the reason is transient, the page is always requested again."""
        super().__init__(reason, detail)
        self.reason, self.detail, self.status, self.after = reason, detail, status, after
        self.again = again or reason in TRANSIENT


def now() -> str:
    """Return the moment, in UTC to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def parse_content_type(value: str) -> tuple[str, str | None]:
    """Return media type and charset of a `Content-Type` header; "" and None if it states none.

    If the header came several times, its values are separated by commas. The last media type counts, as in browsers; a
    charset that an earlier value states for the same type stays.
    """
    found: tuple[str, str | None] = ("", None)
    for part in _PARTS.findall(value[:500]):
        media_type = part.partition(";")[0].strip().lower()
        if media_type:
            charset = _read_charset(part)
            found = media_type, charset or (found[1] if media_type == found[0] else None)
    return found


def _read_charset(value: str) -> str | None:
    message = Message()
    message["Content-Type"] = "".join(char for char in value if char.isprintable())
    charset = message.get_param("charset")
    return charset.strip().strip("'\"").lower() or None if isinstance(charset, str) else None


def check_media_type(media_type: str) -> None:
    """Raise Refused (`not_a_page`) unless a page may have this media type."""
    if media_type not in _PAGES:
        raise Refused("not_a_page", f"the server states the type {media_type[:80]}")


def check_first_bytes(payload: bytes) -> None:
    """Raise Refused (`not_a_page`) if the first bytes show that the payload is not text."""
    head = payload[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    binary = b"\x00" in head and not payload.startswith(_WIDE)
    for magic, what in _FIRST_BYTES:
        if head.startswith(magic) and (binary or magic not in _ALSO_TEXT):
            raise Refused("not_a_page", f"its first bytes are those of {what}")
    if binary:
        raise Refused("not_a_page", "it contains bytes that do not occur in text")


def decompress(data: bytes, content_encoding: str, limits: Limits) -> bytes:
    """Return a body as it was before the server compressed it, given its `Content-Encoding` header.

    If the header names something that is not a content coding, such as a character set, this name is ignored, as it is
    by browsers.

    Raises:
        Refused: it cannot be decompressed, or becomes larger than the limits allow (`broken_coding`).
    """
    encodings = [name.strip().lower() for name in content_encoding.split(",")]
    encodings = [name for name in encodings if name in _ENCODINGS or name in _OTHER_ENCODINGS]
    if len(encodings) > _ENCODINGS_MOST:
        raise Refused("broken_coding", f"compressed {len(encodings)} times")
    most = min(limits.decompressed_most, max(_SMALL, limits.ratio_most * len(data)))
    for name in reversed(encodings):
        if name not in _ENCODINGS:
            raise Refused("broken_coding", f"compressed as {name[:40]!r}, which was not asked for")
        try:
            data = _inflate(data, most, bare=name == "deflate")
        except zlib.error as error:
            raise Refused("broken_coding", f"cannot be decompressed as {name}: {error}") from error
    return data


def _inflate(data: bytes, most: int, *, bare: bool) -> bytes:
    """Decompress the members of a gzip or zlib stream.

    If `bare` is true, also decompress deflate data that lack the zlib header and checksum, because some servers send
    such data.
    """
    out = bytearray()
    while data:
        decoder = zlib.decompressobj(47)  # gzip or zlib, by the first bytes
        try:
            part = decoder.decompress(data, most + 1 - len(out))
        except zlib.error:
            if not bare:
                raise
            decoder = zlib.decompressobj(-15)
            part = decoder.decompress(data, most + 1 - len(out))
        out += part
        if len(out) > most:
            raise Refused("broken_coding", f"{len(data)} compressed bytes expand to more than {most}")
        if not decoder.eof:
            raise Refused("broken_coding", "the compressed data end too early")
        data = decoder.unused_data if decoder.unused_data.startswith(b"\x1f\x8b") else b""
    return bytes(out)
