"""Docstrings in Google's style as parts that a template can print."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

_SECTIONS = ("Args", "Attributes", "Raises", "Returns", "Yields", "Example", "Examples", "Note", "Notes")
_HEADING = re.compile(rf"({'|'.join(_SECTIONS)}):\s*$")
_NAMED = ("Args", "Attributes", "Raises")
_ITEM = re.compile(r"([\w*., |]+): (.*)", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Part:
    """A piece of a docstring: a paragraph, a block of code, or a list of names with explanations."""

    kind: str  # "text", "code", or the name of a section, such as "Args"
    text: str = ""
    items: tuple[tuple[str, str], ...] = ()  # name, explanation


def split_code(text: str) -> list[tuple[bool, str]]:
    """Return the pieces of a text with whether each is code between backticks."""
    return [(number % 2 == 1, piece) for number, piece in enumerate(_CODE.split(text)) if piece]


def show_code(text: str) -> Markup:
    """Return a text as HTML, with the words between backticks as code."""
    from markupsafe import Markup, escape

    parts = (Markup("<code>{}</code>").format(piece) if code else escape(piece) for code, piece in split_code(text))
    return Markup("").join(parts)


def _is_code(block: str) -> bool:
    """Return whether a block is Python: prose does not parse, except single words."""
    try:
        parsed = ast.parse(block)
    except SyntaxError:
        return False
    return any(not isinstance(one, ast.Expr) or isinstance(one.value, ast.Call) for one in parsed.body)


def _read_text(lines: list[str]) -> Iterator[Part]:
    for block in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        if block.strip():
            plain = inspect.cleandoc(block)
            yield Part("code", plain) if _is_code(plain) else Part("text", " ".join(plain.split()))


def _read_items(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the entries of a section: an entry's further lines are indented more than its first."""
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    entries: list[list[str]] = []
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) == indent:
            entries.append([line.strip()])
        elif line.strip() and entries:
            entries[-1].append(line.strip())
    for entry in entries:
        match = _ITEM.fullmatch(" ".join(entry))
        yield (match[1], match[2]) if match else ("", " ".join(entry))


def read_docstring(text: str) -> list[Part]:
    """Return the parts of a docstring in order."""
    parts: list[Part] = []
    section, held = "", list[str]()

    def close() -> None:
        if section in _NAMED:
            parts.append(Part(section, items=tuple(_read_items(held))))
        elif section:
            parts.append(Part(section, " ".join(" ".join(held).split())))
        else:
            parts.extend(_read_text(held))

    for line in inspect.cleandoc(text).splitlines():
        if found := _HEADING.fullmatch(line):
            close()
            section, held = found[1], []
        elif section and line.strip() and not line.startswith(" "):
            close()
            section, held = "", [line]
        else:
            held.append(line)
    close()
    return parts
