"""The colours of reader and site can be read, in light and in dark."""

from __future__ import annotations

import re
from importlib import resources

import pytest

TOKENS = resources.files("espress.reader").joinpath("tokens.css").read_text(encoding="utf-8")
COLOURS = {
    name: dict(zip(("light", "dark"), pair, strict=True))
    for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS)
}
MARKS = ("mark-source", "mark-cue", "mark-person", "left-out")
TEXTS = ("ink", "ink-soft", "link", "accent", *(f"label-{number}-ink" for number in range(1, 9)))


def _luminance(colour: str) -> float:
    """Return the relative luminance as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str, theme: str) -> float:
    dark, light = sorted(_luminance(COLOURS[name][theme]) for name in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_the_contrast_that_people_need(theme: str) -> None:
    pairs = [(text, ground) for text in TEXTS for ground in ("paper", "surface")]
    pairs += [(text, mark) for text in ("ink", "ink-soft") for mark in MARKS]
    assert {pair: round(_contrast(*pair, theme), 2) for pair in pairs if _contrast(*pair, theme) < 4.5} == {}
    assert all(_contrast("focus", ground, theme) >= 3 for ground in ("paper", "surface"))


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|@font-face|https?:", TOKENS)
