"""A value that a page gives for a field of the sidecar, with where it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """A value and its ground.

    `basis` is one of json-ld, opengraph, meta, microdata, markup (html's own elements and attributes), address,
    registry, text, model (a language detector); `where` names the place, such as `article:published_time` or `h1`.
    """

    value: str | list[str]
    basis: str
    where: str


@dataclass(frozen=True)
class Claim:
    """One string that a page gives for a field, before it is weighed against others."""

    text: str
    basis: str
    where: str

    def found(self, value: str | list[str] | None = None) -> Found:
        """Return the value found here: the text itself, or what was read out of it."""
        return Found(self.text if value is None else value, self.basis, self.where)
