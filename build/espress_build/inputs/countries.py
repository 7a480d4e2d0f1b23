"""The countries of ISO 3166-1 and their time zones, as the time zone database lists them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files


def _read_list(name: str) -> list[list[str]]:
    text = (files("tzdata.zoneinfo") / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def countries() -> frozenset[str]:
    """Return the codes of ISO 3166-1 alpha-2, as the time zone database lists them."""
    return frozenset(code for code, _ in _read_list("iso3166.tab"))


@cache
def zones() -> dict[str, tuple[str, ...]]:
    """Return the time zones of each country."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, _, zone, *_ in _read_list("zone.tab"):
        found[code].append(zone)
    return {code: tuple(zones) for code, zones in found.items()}


@cache
def country_names() -> dict[str, str]:
    """Return the English name of each country, as the time zone database gives it."""
    return {code: name for code, name, *_ in _read_list("iso3166.tab")}
