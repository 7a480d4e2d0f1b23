"""The generated sections of docs/user/hydrate.md: the limits of requests, and the reasons for missing articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.schema import schema
from espress.tables import format_markdown
from espress_build.hydrate.responses import TRANSIENT, Limits

if TYPE_CHECKING:
    from pathlib import Path

_ASKED_AGAIN = TRANSIENT | {"not_in_warc"}
_CORPUS_ONLY = ("empty_file", "withdrawn")  # reasons of the corpus's own articles
_MEBI = 2**20


def tabulate_reasons(_: Path) -> str:
    """Return why an entry has no article, and whether the next run asks again."""
    rows = [
        (f"`{reason}`", meaning, "yes" if reason in _ASKED_AGAIN else "with `--retry`")
        for reason, meaning in schema().vocabularies["reject_reason"].items()
        if reason not in _CORPUS_ONLY
    ]
    return format_markdown(rows, ["reason", "meaning", "requested again by the next run"])


def tabulate_limits(_: Path) -> str:
    """Return the limits of requests in time, size and number."""
    limits = Limits()
    rows = [
        ("pause between two requests to one host", f"{limits.delay:g} s"),
        ("attempts at one address", limits.tries),
        ("longest wait that a server may ask for", f"{limits.wait_most:g} s"),
        ("redirects", limits.redirects_most),
        ("time to connect", f"{limits.seconds_connect:g} s"),
        ("time between two parts of a response", f"{limits.seconds_read:g} s"),
        ("time for a whole response", f"{limits.seconds_total:g} s"),
        ("size of a response", f"{limits.bytes_most // _MEBI} MiB"),
        ("size of a decompressed page", f"{limits.decompressed_most // _MEBI} MiB"),
    ]
    return format_markdown(rows, ["limit", "default"])


SECTIONS = {"hydrate-limits": tabulate_limits, "hydrate-reasons": tabulate_reasons}
