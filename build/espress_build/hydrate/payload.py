"""Check that the body of a response is a page, and decompress it within bounds.

httpx does not decompress: its decoder drops all but the first member of a gzip file, accepts files that end too early,
and expands a whole chunk before anybody can look at its size.
"""

from __future__ import annotations

import codecs
import zlib
from email.message import Message

from espress_build.hydrate.responses import FetchError, Limits

ENCODINGS = "gzip, deflate"  # what zlib decompresses step by step
_ENCODINGS_MOST = 2
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


def parse_content_type(value: str) -> tuple[str, str | None]:
    """Return media type and charset of a `Content-Type` header; "" and None if it states none."""
    message = Message()
    message["Content-Type"] = "".join(char for char in value[:500] if char.isprintable())
    charset = message.get_param("charset")
    media_type = value.partition(";")[0].strip().lower()
    return media_type, charset.strip().strip("'\"").lower() or None if isinstance(charset, str) else None


def check_media_type(media_type: str) -> None:
    """Raise FetchError (`not_a_page`) unless a page may have this media type."""
    if media_type not in _PAGES:
        raise FetchError("not_a_page", f"the server states the type {media_type[:80]}")


def check_first_bytes(payload: bytes) -> None:
    """Raise FetchError (`not_a_page`) if the first bytes are those of something else than text."""
    head = payload[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    binary = b"\x00" in head and not payload.startswith(_WIDE)
    for magic, what in _FIRST_BYTES:
        if head.startswith(magic) and (binary or magic not in _ALSO_TEXT):
            raise FetchError("not_a_page", f"its first bytes are those of {what}")
    if binary:
        raise FetchError("not_a_page", "it holds bytes that no text holds")


def decompress(data: bytes, content_encoding: str, limits: Limits) -> bytes:
    """Return a body as it was before the server compressed it, given its `Content-Encoding` header.

    Raises:
        FetchError: it cannot be decompressed, or becomes larger than the limits allow (`broken_coding`).
    """
    encodings = [name.strip().lower() for name in content_encoding.split(",")]
    encodings = [name for name in encodings if name and name != "identity"]
    if len(encodings) > _ENCODINGS_MOST:
        raise FetchError("broken_coding", f"compressed {len(encodings)} times")
    most = min(limits.decompressed_most, max(_SMALL, limits.ratio_most * len(data)))
    for name in reversed(encodings):
        if name not in ("gzip", "x-gzip", "deflate"):
            raise FetchError("broken_coding", f"compressed as {name[:40]!r}, which was not asked for")
        try:
            data = _inflate(data, most, bare=name == "deflate")
        except zlib.error as error:
            raise FetchError("broken_coding", f"cannot be decompressed as {name}: {error}") from error
    return data


def _inflate(data: bytes, most: int, *, bare: bool) -> bytes:
    """Decompress the members of a gzip or zlib stream; with `bare` also deflate without its frame, as some send it."""
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
            raise FetchError("broken_coding", f"{len(data)} compressed bytes become more than {most}")
        if not decoder.eof:
            raise FetchError("broken_coding", "the compressed data end too early")
        data = decoder.unused_data if decoder.unused_data.startswith(b"\x1f\x8b") else b""
    return bytes(out)
