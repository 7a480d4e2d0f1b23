"""Escape names and texts of the user, so that they contain no characters of markup and no control characters."""

from __future__ import annotations

import re

# White space, control characters, characters that change the direction of writing, and characters that cannot be
# encoded.
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
# Characters that are markup in Markdown, or in HTML within Markdown; an underscore inside a word is not markup.
_MARKS = re.compile(r"[\\`*\[\]<>|&~$]|(?<!\w)_|_(?!\w)")


def clean(text: str) -> str:
    """Return text on one line: every sequence of white space and unsafe characters becomes a space."""
    return _UNSAFE.sub(" ", text).strip()


def escape_markdown(text: str) -> str:
    """Return text on one line in which all markup is escaped."""
    return _MARKS.sub(r"\\\g<0>", text)


def escape_line_start(text: str) -> str:
    """Return escaped text on one line in which markup that counts only at the start of a line is escaped too."""
    return re.sub(r"^(\d*)([#+\-=.)])", r"\1\\\2", " ".join(text.split()))
