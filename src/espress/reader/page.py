"""Write an article of the bundled dataset, or of a hydrated or collected folder, as one self-contained HTML file."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.data.resolve import versions
from espress.display import find_article
from espress.errors import InputError
from espress.files import check_name, replace_file
from espress.reader.article import gather
from espress.reader.render import GENERATOR, render_page
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD_BYTES = 1000  # of a page, in which its generator is named


def make_page(article_id: str, *, hydrated: str | Path | None = None, unmasked: bool = False) -> tuple[str, str]:
    """Return the id of an article, and the article as an HTML page that needs no other file and no network.

    Args:
        article_id: an id, or the beginning of one.
        hydrated: a folder of `espress hydrate` or `espress collect`, whose articles are known too.
        unmasked: show the names of private persons, for which placeholders are shown otherwise.

    Raises:
        UnknownNameError: there is no such article; the message lists the nearest ids first.
        InputError: several ids begin with `article_id`, or `hydrated` is not such a folder.
    """
    known: list[str] = load("articles", as_="arrow", hydrated=hydrated)["article_id"].to_pylist()
    found = find_article(article_id, known)
    article = gather(found, _make_reader(found, hydrated), unmasked=unmasked)
    return found, render_page(article, f"version {versions()[0]}")


def _make_reader(article_id: str, hydrated: str | Path | None) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that reads a table: the rows of the article, or all rows of a registry."""

    @cache
    def read(config: str) -> list[dict[str, Any]]:
        named = any(column.name == "article_id" for column in schema().table(config).columns)
        where: Any = {"article_id": article_id} if named and config != "catalogue" else None
        rows: list[dict[str, Any]] = load(config, as_="arrow", where=where, hydrated=hydrated).to_pylist()
        return rows

    return read


def write_page(
    article_id: str, target: str, *, hydrated: str | Path | None = None, unmasked: bool = False
) -> Path | None:
    """Write one article as a page; return the file, or None after writing to the standard output.

    Args:
        article_id: an id, or the beginning of one.
        target: a file, "-" for the standard output, or "" for `<article_id>.html` in the working folder. A page that
            this function wrote before is replaced.
        hydrated: a folder of `espress hydrate` or `espress collect`, whose articles are known too.
        unmasked: show the names of private persons.

    Raises:
        UnknownNameError: there is no such article.
        InputError: several ids begin with `article_id`, `hydrated` is not such a folder, or the file cannot be written
            or is not a page of this kind.
    """
    if target not in ("", "-"):
        _check_target(Path(target))
    found, page = make_page(article_id, hydrated=hydrated, unmasked=unmasked)
    if target == "-":
        sys.stdout.buffer.write(page.encode())
        return None
    path = Path(target or f"{found}.html")
    _check_target(path)
    try:
        replace_file(path, page.encode())
    except OSError as error:
        raise InputError([f"{path} cannot be written: {error.strerror}."]) from error
    return path


def _check_target(path: Path) -> None:
    """Raise InputError unless a page can be written to `path` without overwriting a file of another kind."""
    check_name(path)
    try:
        if not path.parent.is_dir():
            raise InputError([f"{path} cannot be written: there is no folder {path.parent}. Make it, or name another."])
        if path.is_dir():
            raise InputError([f"{path} is a folder. Name a file in it: {path / 'article.html'}."])
        if not path.exists():
            return
        with path.open("rb") as file:
            ours = GENERATOR.encode() in file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError([f"{path} cannot be read: {error.strerror}."]) from error
    if not ours:
        raise InputError([f"{path} exists and is not a page of `espress show --html`. Move it, or name another file."])
