"""Lines of a text file that must be UTF-8; other bytes are an error that says where and what they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAMPLE = 1 << 16
_NOT_MEANT = ["ascii", "utf_8", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_7"]


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a file with their ends as they are; a byte order mark is no part of the first.

    Raises:
        InputError: bytes that are not UTF-8, or zero bytes; the message gives line, offset and the likely encoding.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for line in stream:
                if "\0" in line:
                    raise _foreign(path)
                yield line
    except UnicodeDecodeError as error:
        raise _foreign(path) from error


def _foreign(path: Path) -> InputError:
    """Return the error for the first line that is no UTF-8 text; UTF-8 never hides a newline inside a character."""
    offset = 0
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            bad = _first_bad(line)
            if bad is not None:
                return _error(path, number, offset + bad, line)
            offset += len(line)
    raise AssertionError(path)  # the file changed while it was read


def _first_bad(line: bytes) -> int | None:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.start
    return line.index(0) if 0 in line else None


def _error(path: Path, line: int, offset: int, content: bytes) -> InputError:
    problem = f"{path.name}, line {line}: the byte at offset {offset} is"
    likely = _utf_16(path) or _likely(path, offset, content)
    if _first_bad(content) == content.find(0) and not _utf_16(path):
        return InputError([f"{problem} zero, which no text holds. Take it out, or save the file anew as UTF-8."])
    if not likely:
        return InputError([f"{problem} not UTF-8. Its encoding cannot be told; save the file as UTF-8."])
    readings = " or ".join(f"{name}{_reading(content, name)}" for name in likely)
    change = f"iconv -f {likely[-1].replace('_', '-').upper()} -t UTF-8 '{path.name}' > 'utf8-{path.name}'"
    then = f"If it is {likely[-1]}, type: {change}"
    return InputError([f"{problem} not UTF-8. The encoding may be {readings}. {then}"])


def _reading(line: bytes, encoding: str) -> str:
    if encoding.startswith("utf_16"):  # its lines end elsewhere than at the bytes where this one was cut
        return ""
    return f" (that line then begins {line.decode(encoding, errors='replace').strip()[:60]!r})"


def _utf_16(path: Path) -> list[str]:
    """Return the kind of UTF-16 that the start of a file shows, by its mark or by zeros in every second byte."""
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf_16"]
    even, odd = (start[parity::2].count(0) for parity in (0, 1))
    if max(even, odd) <= len(start) // 8:
        return []
    return ["utf_16_be" if even > odd else "utf_16_le"]


def _likely(path: Path, offset: int, content: bytes) -> list[str]:
    """Return the encodings that the faulty line and what follows may have, as Python calls them."""
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError:  # it comes with `datasets`; a guess is a courtesy, not a need
        return []
    with path.open("rb") as stream:
        stream.seek(offset - (_first_bad(content) or 0))
        sample = stream.read(_SAMPLE).rpartition(b"\n")[0] or content
    best = from_bytes(sample, cp_exclusion=_NOT_MEANT).best()
    if best is not None and best.multi_byte_usage > 0:
        return [best.encoding]
    # One-byte encodings are hard to tell apart in a short text, so the most usual one is named beside.
    found = [best.encoding] if best is not None else []
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return found
    return [*(name for name in found if name != "cp1252"), "cp1252"]
