"""Read saved pages from files, folders, MHTML and WARC archives; each becomes a page, or a reason why it is none."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Literal

from espress.errors import require
from espress.installation import how_to_install
from espress_build.pages.charset import decode_page
from espress_build.pages.plaintext import lines_of
from espress_build.pages.prose import is_prose, length
from espress_build.pages.saved import Failure, LeftOut, Saved
from espress_build.pages.warc import read_warc

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator
    from email.message import EmailMessage

    from espress_build.inputs.params import Pages
    from espress_build.pages.saved import Input

_NEEDED = ("babel", "charset_normalizer", "fastwarc", "ftfy", "htmldate", "resiliparse", "selectolax", "trafilatura")
_MAGIC = (
    (b"%PDF-", "pdf", "a PDF; save the page itself as HTML or as plain text"),
    (b"PK\x03\x04", "archive", "a zip file; unpack it and name the pages in it"),
    (b"PK\x05\x06", "archive", "an empty zip file"),
    (b"\x1f\x8b", "archive", "gzip, and no WARC; unpack it first"),
    (b"7z\xbc\xaf'\x1c", "archive", "a 7z archive; unpack it first"),
    (b"Rar!", "archive", "a rar archive; unpack it first"),
    (b"\x89PNG", "image", "a PNG image; there is no text to read"),
    (b"\xff\xd8\xff", "image", "a JPEG image; there is no text to read"),
    (b"GIF8", "image", "a GIF image; there is no text to read"),
    (b"RIFF", "image", "an image or a recording; there is no text to read"),
    (b"\xd0\xcf\x11\xe0", "binary", "an office document; save it as plain text"),
    (b"{\\rtf", "binary", "an RTF document; save it as plain text"),
)
_TAG = re.compile(
    r"<(?:!doctype\s+html|(?:html|head|body|article|main|div|p|h[1-6]|title|meta|table)[\s>/])", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = 65_536  # characters within which a page shows what it is
_HTML_NAMES = (".html", ".htm", ".xhtml", ".shtml", ".asp", ".aspx", ".php")
_WARC_NAMES = (".warc", ".warc.gz")
_PARTS = 1000  # of one MHTML file; a page has some dozens
_DATA = frozenset((
    "json", "jsonl", "ndjson", "geojson", "ipynb", "csv", "tsv", "xml", "yaml", "yml", "toml", "ini", "cfg", "js",
    "mjs", "ts", "css", "py", "sh", "sql", "log", "lock", "bib", "tex", "srt", "vtt", "svg",
))  # fmt: skip
_NOTES = frozenset(("md", "markdown", "rst", "adoc", "org"))
_ABOUT = re.compile(
    r"readme|licen[cs]e|changelog|changes|contributing|code_of_conduct|notice|authors|todo", re.IGNORECASE
)
_PARAGRAPHS = 3  # notes may be the copy of a page if they have at least this many paragraphs of prose
_SHARE = 0.5  # and these are at least this share of the text


@dataclass(frozen=True)
class Page:
    """A page as text; `charset` is the codec that decodes `payload`, the bytes of the page, to `text`."""

    source: str
    kind: Literal["html", "text"]
    payload: bytes
    url: str | None
    text: str
    charset: str


def check_libraries() -> None:
    """Raise MissingLibraryError if a library that reads pages is not installed."""
    require(_NEEDED, "Reading saved pages", how_to_install("build,grow"))


def _entries(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in sorted order, without hidden files and the parts of saved pages."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    pages = {Path(entry.name).stem for entry in entries if entry.name.lower().endswith(_HTML_NAMES)}
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            yield Path(entry.path)
        elif not entry.is_symlink() and not (entry.name.endswith("_files") and entry.name[:-6] in pages):
            yield from _entries(Path(entry.path))


def is_warc(path: Path) -> bool:
    """Return whether a file is a WARC file, by its name or by its first bytes."""
    if path.name.lower().endswith(_WARC_NAMES):
        return True
    with path.open("rb") as file:
        return file.read(5) == b"WARC/"


def _read_file(path: Path, limits: Pages) -> Iterator[Input]:
    source = str(path)
    try:
        if not path.is_file():  # a pipe would be waited for
            yield Failure(source, "unreadable", "no plain file")
        elif is_warc(path):
            yield from read_warc(path, limits)
        elif (size := path.stat().st_size) > limits.max_file_bytes:
            yield Failure(source, "too_large", f"{size} bytes; at most {limits.max_file_bytes} are read")
        else:
            yield Saved(source, path.read_bytes())
    except OSError as error:
        yield Failure(source, "unreadable", error.strerror or str(error))


def find_saved(path: Path, limits: Pages, *, without: Path | None = None) -> Iterator[Input]:
    """Yield the contents of a file or folder in sorted order, without the file `without`; one is in memory at a time.

    Raises:
        OSError: the path itself does not exist.
    """
    path.stat()
    for file in _entries(path) if path.is_dir() else [path]:
        if without is None or file.absolute() != without.absolute():
            yield from _read_file(file, limits)


def skip_left_out(found: Iterable[Input], left_out: Counter[str]) -> Iterator[Saved | Failure]:
    """Yield pages and failures; count the parts of archives that are no pages, by kind."""
    for one in found:
        if isinstance(one, LeftOut):
            left_out[one.what] += 1
        else:
            yield one


def _main_part(message: EmailMessage) -> EmailMessage | None:
    """Return the part of an MHTML file that is the page: the one named by `start`, otherwise the first with HTML."""
    parts = islice(message.walk(), _PARTS)
    pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    start = message.get_param("start")
    named = [part for part in pages if start and part["Content-ID"] == start]
    return next(iter(named or pages), None)


def _unpack_mhtml(saved: Saved) -> Saved | Failure:
    """Return the page in an MHTML file; the names of its parts are used as addresses only, never as paths."""
    try:
        message = message_from_bytes(saved.payload, policy=policy.compat32)
        part = _main_part(message)  # type: ignore[arg-type]
        body = part.get_payload(decode=True) if part is not None else None
    except (RecursionError, ValueError, LookupError) as error:
        return Failure(saved.source, "broken_archive", f"MHTML that cannot be read: {error}")
    if part is None or not isinstance(body, bytes):
        return Failure(saved.source, "no_page", "MHTML without a part of HTML")
    urls = [str(found) for found in (message["Snapshot-Content-Location"], part["Content-Location"]) if found]
    url = next((found for found in urls if re.match(r"https?://\S+$", found)), saved.url)
    return Saved(saved.source, body, url, part.get_content_charset())


def _is_mhtml(payload: bytes) -> bool:
    head = payload[:8192].lstrip().lower()
    at = head.find(b"content-type: multipart/related")
    return at >= 0 and (b"mime-version:" in head or at == 0) and not head.startswith(b"<")


def _find_refusal(saved: Saved, limits: Pages) -> Failure | None:
    """Return why bytes are no page, by their first bytes rather than by the name of the file."""
    head = saved.payload[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head and not saved.payload.removeprefix(b"\xef\xbb\xbf").strip():
        return Failure(saved.source, "empty", f"{len(saved.payload)} bytes and no text; fetch the page again")
    for magic, reason, detail in _MAGIC:
        if head.startswith(magic):
            return Failure(saved.source, reason, detail)
    if len(saved.payload) > limits.max_page_bytes:
        size = len(saved.payload)
        return Failure(saved.source, "too_large", f"a page of {size} bytes; at most {limits.max_page_bytes} are read")
    return None


def _choose_kind(text: str, name: str) -> Literal["html", "text"]:
    head = text[:_MARKUP]
    marked = _TAG.search(head) is not None
    return "html" if marked and (head.lstrip("\ufeff \r\n\t").startswith("<") or name.endswith(_HTML_NAMES)) else "text"


def _reads_like_prose(text: str) -> bool:
    lines = [line.text for line in lines_of(text)]
    prose = [length(line) for line in lines if is_prose(line)]
    return len(prose) >= _PARAGRAPHS and sum(prose) >= _SHARE * sum(map(length, lines))


def _is_json(text: str) -> bool:
    """Return whether a text is JSON, or lines of JSON."""
    for one in (text.strip("\ufeff \r\n\t"), text.split("\n", 1)[0].strip("\ufeff \r\t")):
        if one[:1] + one[-1:] in ("{}", "[]"):  # so that few texts are parsed
            with suppress(ValueError, RecursionError):
                json.loads(one)
                return True
    return False


def _why_not_a_page(text: str, name: str) -> str | None:
    """Return why a text file is no copy of a page, by its name and its text; None if it may be one."""
    path = PurePath(name)
    ending = path.suffix.lower().removeprefix(".")
    if ending in _DATA:
        return f"a file of {ending}; if it is the copy of a page, name it .txt"
    if ending in _NOTES:
        if _ABOUT.match(path.stem):
            return f"{path.name} describes other files; if it is the copy of a page, name it .txt"
        if not _reads_like_prose(text):
            return "notes rather than prose; if it is the copy of a page, name it .txt"
    return "JSON; name the page itself" if _is_json(text) else None


def read_page(saved: Saved, limits: Pages) -> Page | Failure:
    """Decode a saved page, or return why it is no page."""
    if _is_mhtml(saved.payload):
        unpacked = _unpack_mhtml(saved)
        if isinstance(unpacked, Failure):
            return unpacked
        saved = unpacked
    if refusal := _find_refusal(saved, limits):
        return refusal
    decoded = decode_page(saved.payload, saved.charset)
    if decoded is None:
        return Failure(saved.source, "unknown_charset", "no character set fits the bytes; convert the page to UTF-8")
    if len(_CONTROL.findall(decoded.text)) > len(decoded.text) // 100:
        return Failure(saved.source, "binary", "the bytes are not text; name a saved page")
    kind = _choose_kind(decoded.text, saved.source.lower())
    if kind == "text" and (why := _why_not_a_page(decoded.text, saved.source)):
        return Failure(saved.source, "not_a_page", why)
    return Page(saved.source, kind, saved.payload, saved.url, decoded.text, decoded.charset)
