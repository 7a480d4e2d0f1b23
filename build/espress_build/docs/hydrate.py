"""The generated blocks that say how patiently `espress hydrate` asks, and why an article may not be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.schema import schema
from espress.tables import format_markdown
from espress_build.hydrate.responses import TRANSIENT, Limits

if TYPE_CHECKING:
    from pathlib import Path

_LATER = TRANSIENT | {"not_in_warc"}
_MEBI = 2**20


def hydrate_reasons(_: Path) -> str:
    """Why a pointer has no article, and whether the next run asks again."""
    terms = schema().vocabularies["reject_reason"]
    rows = [
        (f"`{reason}`", meaning, "yes" if reason in _LATER else "with `--retry`")
        for reason, meaning in terms.items()
        if reason not in ("empty_file", "withdrawn")  # of articles of the corpus alone
    ]
    return format_markdown(rows, ["reason", "meaning", "asked again by the next run"])


def hydrate_limits(_: Path) -> str:
    """How long, how much and how often."""
    limits = Limits()
    rows = [
        ("pause between two requests to one host", f"{limits.delay:g} s"),
        ("tries of one address", limits.tries),
        ("longest wait that a server may ask for", f"{limits.wait_most:g} s"),
        ("redirects", limits.redirects_most),
        ("time for a connection, between two pieces, for one answer",
         f"{limits.seconds_connect:g} s, {limits.seconds_read:g} s, {limits.seconds_total:g} s"),
        ("bytes that come, that they unpack to",
         f"{limits.bytes_most // _MEBI} MiB, {limits.decompressed_most // _MEBI} MiB"),
    ]  # fmt: skip
    return format_markdown(rows, ["at most, unless told otherwise", ""])


SECTIONS = {"hydrate-limits": hydrate_limits, "hydrate-reasons": hydrate_reasons}
