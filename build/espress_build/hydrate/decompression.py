"""Packed pages, unpacked within bounds."""

from __future__ import annotations

import zlib

from espress_build.hydrate.outcomes import Limits, UnfetchedError

# Asked for in every request: what the standard library unpacks step by step, so that a bound can hold.
CODINGS = "gzip, deflate"
_AT_EASE = 2**20  # bytes up to which no ratio is suspicious
_CODINGS_MOST = 2


def _unzipped(data: bytes, most: int, wbits: int) -> bytes:
    """Return what a stream of gzip members or zlib holds, never making more than `most` bytes and one."""
    out = bytearray()
    while data:
        machine = zlib.decompressobj(wbits)
        out += machine.decompress(data, most + 1 - len(out))
        if len(out) > most:
            raise UnfetchedError("broken_coding", f"{len(data)} packed bytes make more than {most}")
        if not machine.eof:
            raise UnfetchedError("broken_coding", "the packed bytes end too early")
        data = machine.unused_data if machine.unused_data.startswith(b"\x1f\x8b") else b""
    return bytes(out)


def _one(data: bytes, coding: str, most: int) -> bytes:
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise UnfetchedError("broken_coding", f"packed as {coding[:40]!r}, which was not asked for")
    try:
        try:
            return _unzipped(data, most, 47)  # gzip or zlib, by the first bytes
        except zlib.error:
            if coding != "deflate":
                raise
            return _unzipped(data, most, -15)  # some servers leave the frame of zlib out
    except zlib.error as error:
        raise UnfetchedError("broken_coding", f"no {coding}: {error}") from error


def unpack(data: bytes, content_encoding: str, limits: Limits) -> bytes:
    """Return what was meant by bytes that came with this `Content-Encoding`.

    Raises:
        UnfetchedError: they cannot be unpacked, or unpack to more than the limits allow (`broken_coding`).
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    codings = [coding for coding in codings if coding and coding != "identity"]
    if len(codings) > _CODINGS_MOST:
        raise UnfetchedError("broken_coding", f"packed {len(codings)} times")
    most = min(limits.decompressed_most, max(_AT_EASE, limits.ratio_most * len(data)))
    for coding in reversed(codings):
        data = _one(data, coding, most)
    return data
