"""Names of countries and languages for people, and the maps on which countries are shown."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale

from espress.errors import EspressError
from espress_build.inputs.countries import country_names

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCRIPT = Path(__file__).parent / "map" / "coastlines.mjs"
_LARGEST = 26.0  # radius of the largest circle, in units of a map
_SMALLEST = 4.0
_LABELLED = 10.0  # radius from which a circle holds its number


@dataclass(frozen=True)
class Circle:
    """A country on a map; the area of its circle is proportional to its number."""

    code: str
    name: str
    number: int
    x: int
    y: int
    radius: float
    is_labelled: bool


@dataclass(frozen=True)
class Map:
    """Coastlines as the path of an SVG, and a circle for each country, the largest first."""

    name: str
    width: int
    height: int
    land: str
    circles: tuple[Circle, ...]


def name_country(code: str | None) -> str:
    """Return the English name of a country, "unknown" for None, and the code if the country has no name."""
    return country_names().get(code, code) if code else "unknown"


def name_language(code: str) -> str:
    """Return the English name of a language, or its code."""
    return str(Locale("en").languages.get(code, code))


@cache
def _draw_coastlines(npm: Path) -> str:
    done = subprocess.run(  # noqa: S603 -- our own command
        ["node", _SCRIPT, npm],  # noqa: S607 -- the user's Node
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise EspressError(f"node could not draw the map of the catalogue:\n{done.stderr.strip()}")
    return done.stdout


def draw_maps(npm: Path | None, numbers: Mapping[str, int]) -> tuple[Map, ...]:
    """Return a map of the world and one of Europe with a circle for each country; each country is on one of them.

    Args:
        npm: the folder in which `make site` installed the libraries from npm; without them there are no maps.
        numbers: country -> number, at least 1.

    Raises:
        EspressError: Node failed.
    """
    if npm is None or not numbers:
        return ()
    drawn = json.loads(_draw_coastlines(npm))
    most = max(numbers.values())
    maps = []
    for name in ("world", "europe"):
        base = drawn[name]
        circles = []
        for code, number in sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0])):
            if code not in base["points"] or (name == "world" and code in drawn["europe"]["points"]):
                continue
            x, y = base["points"][code]
            radius = max(_SMALLEST, round(_LARGEST * (number / most) ** 0.5, 1))
            circles.append(Circle(code, name_country(code), number, x, y, radius, radius >= _LABELLED))
        maps.append(Map(name, base["width"], base["height"], base["land"], tuple(circles)))
    return tuple(maps)
