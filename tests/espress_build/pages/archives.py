"""WARC and MHTML files made by hand, sound and broken."""

from __future__ import annotations

PAGE = b"<!DOCTYPE html><html><head><title>Case</title></head><body><p>An engineer was charged.</p></body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


def record(kind: str, body: bytes, *, content: str = "application/http; msgtype=response", length: object = None,  # noqa: PLR0913 - what one writes into a record
           url: str = "http://herald.example/case", date: str = "2020-01-01T00:00:00Z",
           more: str = "") -> bytes:  # fmt: skip
    """Return one WARC record, of another length than it has where one is given."""
    size = len(body) if length is None else length
    return (
        (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: {date}\r\n"
            f"WARC-Target-URI: {url}\r\n{more}Content-Type: {content}\r\nContent-Length: {size}\r\n\r\n"
        ).encode()
        + body
        + b"\r\n\r\n"
    )


def response(payload: bytes = PAGE, headers: bytes = b"", **given: object) -> bytes:
    """Return a record of a page as a server sent it."""
    return record("response", HEAD + headers + b"\r\n" + payload, **given)  # type: ignore[arg-type]


def chunked(payload: bytes) -> bytes:
    """Return a body in chunks of a few bytes."""
    parts = [payload[at : at + 40] for at in range(0, len(payload), 40)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def mhtml(page: bytes = PAGE, location: str = "https://herald.example/case", charset: str = "utf-8") -> bytes:
    """Return a page as browsers save it in one file: a part of HTML, and one whose name is a path."""
    import base64

    return (
        (
            f"From: <Saved by a browser>\r\nSnapshot-Content-Location: {location}\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/related; type="text/html"; boundary="--b--"\r\n\r\n'
            f"----b--\r\nContent-Type: text/html; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-Location: {location}\r\n\r\n"
        ).encode()
        + base64.encodebytes(page).replace(b"\n", b"\r\n")
        + (
            b"----b--\r\nContent-Type: text/css\r\nContent-Location: ../../../../tmp/escaped.css\r\n"
            b'Content-Disposition: attachment; filename="/tmp/escaped.css"\r\n\r\np { color: red }\r\n----b----\r\n'
        )
    )
