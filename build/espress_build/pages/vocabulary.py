"""Words and names of fields that the reading of saved pages goes by; they stand in `vocabulary.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _vocabulary() -> dict[str, Any]:
    text = files("espress_build.pages").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def ordered(name: str) -> tuple[str, ...]:
    """Return the words of a list in their order."""
    return tuple(str(_vocabulary()[name]).split())


def words(name: str) -> frozenset[str]:
    """Return the words of a list as a set."""
    return frozenset(ordered(name))


def months() -> list[list[str]]:
    """Return the names of each month, January's first."""
    return [str(names).split() for names in _vocabulary()["months"]]
