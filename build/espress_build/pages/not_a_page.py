"""Text files that are no copies of pages: data, settings, code, and what projects say of themselves."""

from __future__ import annotations

import json
import re
from pathlib import PurePath

from espress_build.pages.lines import lines_of
from espress_build.pages.paragraphs import is_prose, length

_DATA = frozenset((
    "json", "jsonl", "ndjson", "geojson", "ipynb", "csv", "tsv", "xml", "yaml", "yml", "toml", "ini", "cfg", "js",
    "mjs", "ts", "css", "py", "sh", "sql", "log", "lock", "bib", "tex", "srt", "vtt", "svg",
))  # fmt: skip
_NOTES = frozenset(("md", "markdown", "rst", "adoc", "org"))
_ABOUT = re.compile(
    r"readme|licen[cs]e|changelog|changes|contributing|code_of_conduct|notice|authors|todo", re.IGNORECASE
)
_PARAGRAPHS = 3  # of prose that notes have at least where they are the copy of a page
_SHARE = 0.5  # of their text


def _reads_like_prose(text: str) -> bool:
    lines = [line.text for line in lines_of(text)]
    prose = [length(line) for line in lines if is_prose(line)]
    return len(prose) >= _PARAGRAPHS and sum(prose) >= _SHARE * sum(map(length, lines))


def _is_json(text: str) -> bool:
    """Tell whether a text is JSON, or lines of JSON; its brackets are looked at first, so that few are parsed."""
    first = text.split("\n", 1)[0].strip()
    for one in (text.strip("\ufeff \r\n\t"), first.strip("\ufeff")):
        if one[:1] + one[-1:] in ("{}", "[]"):
            try:
                json.loads(one)
            except (ValueError, RecursionError):
                continue
            return True
    return False


def unfit(text: str, name: str) -> str | None:
    """Say why a text file is no copy of a page, by its name and how it reads; null where it may be one."""
    path = PurePath(name)
    ending = path.suffix.lower().removeprefix(".")
    if ending in _DATA:
        return f"a file of {ending}; if it is the copy of a page, name it .txt"
    if ending in _NOTES:
        if _ABOUT.match(path.stem):
            return f"{path.name} tells of other files; if it is the copy of a page, name it .txt"
        if not _reads_like_prose(text):
            return "notes more than prose; if it is the copy of a page, name it .txt"
    return "JSON; name the page itself" if _is_json(text) else None
