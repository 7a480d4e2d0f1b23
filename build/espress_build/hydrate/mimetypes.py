"""Whether an answer is a page at all: by what the server says of it and by its first bytes."""

from __future__ import annotations

import codecs
from email.message import Message

from espress_build.hydrate.outcomes import UnfetchedError

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
_LETTERS = frozenset({b"BM", b"MZ", b"ID3", b"RIFF"})  # a text may begin so; a NUL byte must follow
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\x00", b"\x00<")


def media_type(content_type: str) -> tuple[str, str | None]:
    """Return type and charset of a `Content-Type` line; "" and null where it does not say."""
    message = Message()
    message["Content-Type"] = "".join(char for char in content_type[:500] if char.isprintable())
    charset = message.get_param("charset")
    kind = content_type.partition(";")[0].strip().lower()
    return kind, charset.strip().strip("'\"").lower() or None if isinstance(charset, str) else None


def check_type(kind: str) -> None:
    """Pass a media type that a page may have.

    Raises:
        UnfetchedError: the server says that it is something else (`not_a_page`).
    """
    if kind not in _PAGES:
        raise UnfetchedError("not_a_page", f"the server says that it is {kind[:80]}")


def check_bytes(payload: bytes) -> None:
    """Pass bytes that may be text.

    Raises:
        UnfetchedError: their first bytes are those of something else (`not_a_page`).
    """
    head = payload[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    binary = b"\x00" in head and not payload.startswith(_WIDE)
    for magic, what in _FIRST_BYTES:
        if head.startswith(magic) and (binary or magic not in _LETTERS):
            raise UnfetchedError("not_a_page", f"its first bytes are those of {what}")
    if binary:
        raise UnfetchedError("not_a_page", "bytes of no text")
