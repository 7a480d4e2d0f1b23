"""A second opinion where little prose was found: where two other readers agree against us, theirs is taken."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from espress_build.pages.paragraphs import Body, Paragraph, length

if TYPE_CHECKING:
    from espress_build.pages.dom import Page

LITTLE = 500  # characters of a body that others are asked about
_LEAST = 200  # characters of a body that is taken from another
_LONGEST = 400_000  # characters of a page that others are asked to read
_DEEPEST = 200  # elements in each other, of the same: the others take longer with the square of it
_ALIKE = 0.6  # two readers agree
_UNLIKE = 0.5  # two readers do not
_RUN = 8  # characters of the runs by which texts are compared
_COMPARED = 20_000  # characters of them


def _runs(text: str) -> set[str]:
    plain = "".join(filter(str.isalnum, text.casefold()))[:_COMPARED]
    return {plain[at : at + _RUN] for at in range(max(0, len(plain) - _RUN + 1))}


def _alike(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))


def reconsidered(body: Body, html: str, page: Page) -> Body:
    """Return a body, or trafilatura's if there is little of it and trafilatura and resiliparse agree on something else.

    Without these libraries the body is returned as it is.
    """
    if length(body.text) >= LITTLE or len(html) > _LONGEST or page.depth > _DEEPEST:
        return body
    try:
        resiliparse = import_module("resiliparse.extract.html2text")
        trafilatura = import_module("trafilatura")
    except ImportError:
        return body
    html = html.encode("utf-8", "replace").decode("utf-8")  # they refuse halves of characters
    second = _runs(resiliparse.extract_plain_text(html, main_content=True, alt_texts=False, comments=False))
    if len(second) < _LEAST or _alike(_runs(body.text), second) >= _UNLIKE:
        return body
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it leaves out is no news here
    third = trafilatura.extract(html, include_comments=False, fast=True) or ""
    if length(third) < _LEAST or _alike(_runs(third), second) < _ALIKE:
        return body
    return Body(tuple(Paragraph(line.strip(), "body") for line in third.splitlines() if line.strip()))
