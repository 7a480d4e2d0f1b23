"""Names of variables as Stata and SPSS take them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Stata's reserved words (help reserved), then those of its matrix language, which its writer in pandas refuses, too.
_STATA = frozenset(
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _se _skip strL using with "
    "aggregate array boolean break case catch class colvector complex const continue default delegate delete do else "
    "eltypedef end enum explicit export external for friend function global goto inline local NULL pragma protected "
    "quad rowvector short typedef typename virtual".lower().split()
)
_SPSS = frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"])


def _fitting(names: Sequence[str], longest: int, reserved: frozenset[str]) -> list[str]:
    """Return a legal name for each name, in order, the same each time; names that differ keep differing."""
    given: list[str] = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        if plain.lower() in reserved or re.fullmatch(r"str[0-9]+", plain) or not re.match(r"[A-Za-z]", plain):
            plain = f"v_{plain}"
        fit, number = plain[:longest], 1
        while fit.lower() in {other.lower() for other in given}:
            number += 1
            fit = f"{plain[: longest - len(str(number)) - 1]}_{number}"
        given.append(fit)
    return given


def stata_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 32 characters that are no reserved word of Stata."""
    return _fitting(names, 32, _STATA)


def spss_names(names: Sequence[str]) -> list[str]:
    """Return names of at most 64 characters that are no reserved word of SPSS, where case does not count."""
    return _fitting(names, 64, _SPSS)


def same_names(names: Sequence[str]) -> list[str]:
    """Return the names as they are, for formats that take any."""
    return list(names)


def label(name: str, fit: str, description: str, most: int) -> str:
    """Return a variable's label: its description, led by the corpus's own name where the file has another.

    A label of more bytes than `most` is cut and ends in an ellipsis; the dictionary has it whole.
    """
    whole = description if name == fit else f"{name}: {description}"
    if len(whole.encode()) <= most:
        return whole
    return whole.encode()[: most - len("…".encode())].decode(errors="ignore") + "…"
