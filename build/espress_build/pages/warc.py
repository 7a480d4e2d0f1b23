"""Read the pages of a WARC file with FastWARC, one record at a time; broken records are named and passed over."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from espress.errors import MissingLibraryError
from espress.installation import how_to_install
from espress_build.pages.saved import Failure, LeftOut, Saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from espress_build.inputs.params import Pages
    from espress_build.pages.saved import Input

STRAYS = "bytes that belong to no record"
_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "multipart/related", "")
_STEP = 1 << 20
_DIGESTS = frozenset(("md5", "sha1", "sha256", "sha512"))
_CONTROL, _OPENING = re.compile(rb"[\x00-\x08]"), 1024  # bytes that no text holds
_END = b"\r\n\r\n"
_MOST_HEADERS = 1 << 16  # size of a record's headers
_NEXT = b"\r\n\r\nWARC/1."  # the bytes between two records
_MARK = b"WARC/1."
# Beginnings of the messages of failures after which the next record has to be searched for.
_ASTRAY = ("cut off", "reaching", "followed by", "bytes that belong")


class _BrokenError(Exception):
    """A payload contradicts its headers, or is too large; `reason` is that of the failure."""

    def __init__(self, detail: str, reason: str = "broken_record") -> None:
        super().__init__(detail)
        self.reason = reason


def _join_chunks(payload: bytes) -> bytes:
    """Join the chunks of an HTTP body, unless the crawler has joined them already and kept the header."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = payload.find(b"\r\n", at, at + 64)
        try:
            size = int(payload[at:end].split(b";")[0], 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0 and at == 0:
            return payload
        if size < 0 or end + 2 + size > len(payload):
            raise _BrokenError("its chunks are broken")
        if size == 0:
            return b"".join(parts)
        parts.append(payload[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


def _check_unpacked(payload: bytes, coding: str) -> None:
    """Raise _BrokenError if a payload with an unknown coding is not text; servers state charsets as codings, too."""
    if coding not in ("", "identity") and _CONTROL.search(payload[:_OPENING]):
        raise _BrokenError(f"its coding {coding[:40]!r} is not known")


def _decompress(payload: bytes, coding: str, limit: int) -> bytes:
    """Undo a content coding, up to one byte more than the limit."""
    from fastwarc.stream_io import BrotliReader, ZstdReader

    try:
        if coding in ("gzip", "x-gzip", "deflate"):
            if coding != "deflate" and not payload.startswith(b"\x1f\x8b"):
                return payload  # the crawler has unpacked it and kept the header
            window = 47 if coding != "deflate" or payload[:1] == b"\x78" else -15
            return zlib.decompressobj(window).decompress(payload, limit + 1)
        reader = {"br": BrotliReader, "zstd": ZstdReader}.get(coding)
        if reader is None:
            _check_unpacked(payload, coding)
            return payload
        return bytes(reader(io.BytesIO(payload)).read(limit + 1))
    except (OSError, zlib.error, ValueError) as error:
        if b"<" in payload[:64]:
            return payload
        raise _BrokenError(f"its {coding} does not unpack: {error}") from error


def _check_whole(size: int, headers: Any) -> None:
    """Raise _BrokenError if there are fewer bytes than the server announced; after unpacking, there may be more."""
    announced = (headers.get("Content-Length") or "").strip()
    if announced.isascii() and announced.isdigit() and size < int(announced[:20]):
        raise _BrokenError(f"{size} bytes of the {announced[:20]} that the server announced")


def _check_digest(record: Any, payload: bytes) -> None:
    """Raise _BrokenError if the record states another digest than that of its payload, with or without chunks."""
    name, _, stated = (record.headers.get("WARC-Payload-Digest") or "").strip().partition(":")
    if name.lower().replace("-", "") not in _DIGESTS or not stated:
        return
    found = set()
    for form in (payload, _join_chunks(payload)):
        digest = hashlib.new(name.lower().replace("-", ""), form, usedforsecurity=False)
        found |= {digest.hexdigest(), base64.b32encode(digest.digest()).decode().rstrip("=").lower()}
    if stated.rstrip("=").lower() not in found:
        raise _BrokenError(f"its payload does not have the digest {name}:{stated[:80]} that it states")


def _unpack(block: bytes, file: IO[bytes], size: int) -> bytes:
    """Return the first bytes of a gzip member that begins with a block and goes on in a file; raises zlib.error."""
    inflater, found = zlib.decompressobj(31), bytearray()
    while block and len(found) < size and not inflater.eof:
        found += inflater.decompress(block, size - len(found))
        block = inflater.unconsumed_tail or file.read(_MOST_HEADERS)
    return bytes(found)


def _find_strays(file: IO[bytes], at: int, length: int) -> int | None:
    """Return the length of the record at `at`, with its two line ends, if bytes of no record follow it; otherwise None.

    Raises _BrokenError if the record does not end at its stated length. A packed record is one member of a gzip file.
    """
    file.seek(at)
    size = length + _MOST_HEADERS + len(_END)
    block = file.read(size)
    if packed := block.startswith(b"\x1f\x8b"):
        block = _unpack(block, file, size)
    head = block.find(_END) + len(_END)
    end, following = block[head + length :][: len(_END)], block[head + length + len(_END) :][: len(_MARK)]
    if head < len(_END) or not end:
        return None
    if end != _END:
        raise _BrokenError(f"followed by bytes that its length of {length} does not cover")
    is_record = packed or not following.strip() or following.startswith(_MARK[: len(following)])
    return None if is_record else head + length + len(_END)


def _read_payload(record: Any, limits: Pages) -> bytes:
    """Return the payload of a record without transfer and content codings; raises _BrokenError."""
    if why := (record.headers.get("WARC-Truncated") or "").strip():
        raise _BrokenError(f"truncated by the crawler ({why[:40]})")
    payload: bytes = record.reader.read(min(record.content_length, limits.max_page_bytes + 1))
    if len(payload) > limits.max_page_bytes:
        size = f"a page of {record.content_length} bytes"
        raise _BrokenError(f"{size}; at most {limits.max_page_bytes} are read", "too_large")
    if len(payload) < record.content_length:
        raise _BrokenError(f"cut off: {len(payload)} bytes of {record.content_length} that it claims")
    if _NEXT in payload:
        raise _BrokenError(f"reaching into the next record by the {record.content_length} bytes that it claims")
    _check_digest(record, payload)
    headers = record.http_headers if record.is_http_parsed else None
    if headers is None:
        return payload
    _check_whole(len(payload), headers)
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        payload = _join_chunks(payload)
    for coding in reversed((headers.get("Content-Encoding") or "").lower().split(",")):
        payload = _decompress(payload, coding.strip(), limits.max_page_bytes)
    return payload


def _why_left_out(record: Any) -> str | None:
    """Return why a record holds no page; None if it may hold one."""
    kind = str(record.record_type)  # FastWARC's enumeration has no attribute `name`
    if kind not in ("response", "resource"):
        return kind
    if record.is_http_parsed and record.http_headers.status_code != 200:
        return f"status {record.http_headers.status_code}"
    headers = record.http_headers if record.is_http_parsed else record.headers
    content = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
    return None if content in _PAGES else (content[:60] if content.isprintable() else "odd content type")


def _read_address(record: Any) -> str:
    return (record.headers.get("WARC-Target-URI") or "").strip("<> ")


def _read_record(record: Any, source: str, limits: Pages) -> Input:
    headers = record.headers
    length = headers.get("Content-Length") or ""
    if not (length.isascii() and length.isdigit()):
        return Failure(source, "broken_record", f"its length is {length[:40]!r}, which is no number")
    is_response = str(record.record_type) == "response" and "application/http" in (headers.get("Content-Type") or "")
    if is_response and (not record.is_http_parsed or record.http_headers.status_code is None):
        return Failure(source, "broken_record", "no HTTP message is in it")
    if why := _why_left_out(record):
        return LeftOut(source, why)
    try:
        payload = _read_payload(record, limits)
    except _BrokenError as error:
        return Failure(source, error.reason, str(error))
    except OSError as error:
        return Failure(source, "broken_record", str(error))
    return Saved(source, payload, None, record.http_charset, headers.get("WARC-Date"))


def _read_checked(record: Any, path: Path | str, limits: Pages, file: IO[bytes]) -> list[Input]:
    """Return the content of a record, and a failure for bytes between it and the next; `file` is a second handle."""
    at = record.stream_pos
    source, address = f"{path}#{at}", _read_address(record) or None
    found = replace(_read_record(record, source, limits), url=address)
    if not isinstance(found, Saved):
        return [found]
    try:
        strays = _find_strays(file, at, int(record.headers.get("Content-Length")))
    except (_BrokenError, zlib.error) as error:
        return [Failure(source, "broken_record", str(error), address)]
    if strays is None:
        return [found]
    return [found, Failure(f"{path}#{at + strays}", "broken_record", STRAYS)]


def _next_start(file: IO[bytes], at: int, mark: bytes) -> int | None:
    """Return where the next record may begin, at or after a byte; None at the end."""
    file.seek(at)
    tail = b""
    while block := file.read(_STEP):
        place = (tail + block).find(mark)
        if place >= 0:
            return at - len(tail) + place
        at += len(block)
        tail = block[-len(mark) + 1 :]
    return None


def _open(path: Path | str) -> IO[bytes]:
    return open(path, "rb")  # noqa: PTH123 - a name or a path; the caller closes it


def _iterate(file: IO[bytes], at: int) -> Iterator[Any]:
    from fastwarc.warc import ArchiveIterator

    file.seek(at)
    # FastWARC's own decoding of payloads loses the record after one that is not read to its end.
    yield from ArchiveIterator(file, quirks_mode=True, auto_decode="none")


def read_warc(
    path: Path | str, limits: Pages, *, wanted: Callable[[str], bool] | None = None, start: int = 0,
    opener: Callable[[], IO[bytes]] | None = None,
) -> Iterator[Input]:  # fmt: skip
    """Yield the content of each record of a WARC file, named `<path>#<byte at which it begins>`.

    Args:
        path: the file.
        limits: sizes above which pages are not read.
        wanted: returns whether records with an address are read.
        start: the byte at which the first record begins: that of a record of an earlier call, or 0.
        opener: opens the file, if it is not on this machine.

    Raises:
        MissingLibraryError: FastWARC is not installed.
    """
    try:
        import fastwarc.warc  # noqa: F401 - asked for here, so that the error names what to type
    except ModuleNotFoundError as error:
        raise MissingLibraryError("FastWARC", "Reading WARC files", how_to_install("grow")) from error
    open_file = opener or partial(_open, path)
    with open_file() as file, open_file() as beside:
        packed = file.read(2) == b"\x1f\x8b"
        mark, at, read, last = (b"\x1f\x8b\x08" if packed else _MARK), start, 0, -1
        place: int | None = start
        while place is not None:
            cut = False
            try:
                for record in _iterate(file, place):
                    at, read = record.stream_pos, read + 1
                    if wanted is not None and not wanted(_read_address(record)):
                        continue
                    found = _read_checked(record, path, limits, beside)
                    yield from found
                    if cut := any(isinstance(one, Failure) and one.detail.startswith(_ASTRAY) for one in found):
                        break
            except OSError as error:
                at = max(at, place)
                yield Failure(f"{path}#{at}", "broken_archive", f"after the record that begins there: {error}")
                cut = True
            place = _next_start(file, max(at, last) + 1, mark) if cut else None
            last = place if place is not None else last
    if not read and not start:
        yield Failure(str(path), "broken_archive", "no WARC record is in it")
