"""Placeholders for generated parts for which a changed corpus has no data, so that the corpus can still be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EMPTY_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'


def or_else(generate: Callable[[Path], str], otherwise: str) -> Callable[[Path], str]:
    """Return a generator that returns `otherwise` where `generate` raises InputError."""

    def compute(dataset: Path) -> str:
        try:
            return generate(dataset)
        except InputError:
            return otherwise

    return compute
