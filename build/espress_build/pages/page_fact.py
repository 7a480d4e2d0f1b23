"""Values for the fields of a record with their provenance, and the word lists of the rules for pages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Found:
    """A value and its provenance.

    `basis` is one of json-ld, opengraph, meta, microdata, markup (HTML's own elements and attributes), address,
    registry, text, model (a language detector, htmldate); `where` names the place, such as `article:published_time`
    or `h1`.
    """

    value: str | list[str]
    basis: str
    where: str


@dataclass(frozen=True)
class Claim:
    """A string that may be the value of a field, and its provenance."""

    text: str
    basis: str
    where: str

    def found(self, value: str | list[str] | None = None) -> Found:
        """Return the text, or a value that was read from it, as found here."""
        return Found(self.text if value is None else value, self.basis, self.where)


@cache
def _vocabulary() -> dict[str, Any]:
    return tomllib.loads(files("espress_build.pages").joinpath("vocabulary.toml").read_text(encoding="utf-8"))


def ordered(name: str) -> tuple[str, ...]:
    """Return the words of a list of `vocabulary.toml` in their order."""
    return tuple(str(_vocabulary()[name]).split())


def words(name: str) -> frozenset[str]:
    """Return the words of a list of `vocabulary.toml` as a set."""
    return frozenset(ordered(name))


def months() -> list[list[str]]:
    """Return the names of each month, January's first."""
    return [str(names).split() for names in _vocabulary()["months"]]
