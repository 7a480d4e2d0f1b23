"""The figures of docs/user/plots.md; a test compares them with what the code of that page draws."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from espress.plot import agreement, audit, labels, timeline, to_svg
from espress_build.docs.fallback import EMPTY_SVG, or_else
from espress_build.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def draw_labels(dataset: Path) -> Any:
    """Return the distribution of who speaks, by article."""
    return labels(read_table(dataset, "entries"), "attribution", by="article_id")


def draw_timeline(dataset: Path) -> Any:
    """Return the dates of the catalogue, by event."""
    return timeline(read_table(dataset, "catalogue"), by="event_id")


def draw_agreement(dataset: Path) -> Any:
    """Return the agreement of the passes, by field."""
    return agreement(read_table(dataset, "annotations"), sources=read_table(dataset, "sources"))


def draw_audit(dataset: Path) -> Any:
    """Return the audit of the labels of relevance."""
    from espress.shortcut_audit.audit import audit as measure

    groups = ["outlet_id", "proposition_id"]
    rows = read_table(dataset, "relevance")
    return audit(measure(rows, text="text_masked", label="bears_on", groups=groups, cluster="article_id"))


@cache
def _draw(draw: Callable[[Path], Any], dataset: Path, content_hash: str) -> str:  # noqa: ARG001 -- keys the cache
    return to_svg(draw(dataset))


def _make_file(draw: Callable[[Path], Any]) -> Callable[[Path], str]:
    """Return a function that draws a figure as SVG, an empty one for a corpus that has nothing to draw."""

    def compute(dataset: Path) -> str:
        sums = dataset / "SHA256SUMS"
        return _draw(draw, dataset, sha256(sums.read_bytes()).hexdigest() if sums.is_file() else "")

    return or_else(compute, EMPTY_SVG)


FILES: dict[str, Callable[[Path], str]] = {
    f"docs/generated/plot-{draw.__name__.removeprefix('draw_')}.svg": _make_file(draw)
    for draw in (draw_labels, draw_timeline, draw_agreement, draw_audit)
}
