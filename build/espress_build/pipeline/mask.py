"""Stage 5, mask: units in which names that give the outlet or a private person away are replaced.

Coders and models see this text, so that they judge what is said and not who says it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.tables import Step, Tables, rejects_table, set_column

if TYPE_CHECKING:
    from espress_build.inputs.params import Params


_ABOUT = ("outlet_id", "republisher")  # whose names give an article away


@dataclass(frozen=True)
class Mask:
    """Characters [start, end) of a unit's text, and what stands for them."""

    start: int
    end: int
    mask: str


def _outlet_names(article: dict[str, Any], outlets: list[dict[str, Any]]) -> list[str]:
    """Return names, aliases and domains of the article's own outlet and republisher.

    Other outlets and agencies are sources that a unit may quote; so a new registry entry masks nothing in old articles.
    """
    own = [row for row in outlets if row["outlet_id"] == article["outlet_id"] or row["name"] == article["republisher"]]
    return sorted({name for row in own for name in (row["name"], *row["aliases"], *row["domains"])})


def _patterns(outlet_names: list[str], dateline: str | None, persons: list[list[str]]) -> list[tuple[str, str]]:
    """Return (words, mask) in the order in which they win where two would match at one place: longest first."""
    found = [(name, "[OUTLET]") for name in outlet_names]
    found += [(name, f"[PERSON_{number}]") for number, names in enumerate(persons, 1) for name in names]
    found += [(dateline, "[DATELINE]")] if dateline else []
    return sorted(found, key=lambda pair: (-len(pair[0]), pair))


def find_masks(text: str, patterns: list[tuple[str, str]]) -> list[Mask]:
    """Return what is to be replaced in a text, in order; names match whole words and their own letters' case."""
    if not patterns:
        return []
    masks = dict(reversed(patterns))
    either = "|".join(re.escape(words) for words, _ in patterns)
    found = re.finditer(rf"(?<![^\W_])(?:{either})(?![^\W_])", text)
    return [Mask(match.start(), match.end(), masks[match[0]]) for match in found]


def apply(text: str, masks: list[Mask]) -> str:
    """Return the text with the masks in place."""
    parts, at = [], 0
    for mask in masks:
        parts += [text[at : mask.start], mask.mask]
        at = mask.end
    return "".join([*parts, text[at:]])


def unmasked_range(masks: list[Mask], start: int, end: int) -> tuple[int, int]:
    """Return the range of the original text that masked_text[start:end] stands for; a mask counts as a whole."""
    shift, first, last = 0, None, None
    for mask in masks:
        masked_start = mask.start - shift
        masked_end = masked_start + len(mask.mask)
        if first is None and start < masked_end:
            first = mask.start if start >= masked_start else start + shift
        if last is None and end <= masked_end:
            last = mask.end if end > masked_start else end + shift
        shift = mask.end - masked_end
    return (start + shift if first is None else first), (end + shift if last is None else last)


def mask(tables: Tables, _params: Params) -> Step:
    """Fill `text_masked` and `masks` of `sentences`."""
    outlets = tables["outlets"].to_pylist()
    articles, received = tables["articles"], tables["received"]
    persons = dict(zip(received["article_id"].to_pylist(), received["private_persons"].to_pylist(), strict=True))
    patterns = {}
    for row in articles.select([*_ABOUT, "article_id", "title", "standfirst", "text", "dateline"]).to_pylist():
        whole = "\n".join(filter(None, (row["title"], row["standfirst"], row["text"])))
        every = _patterns(_outlet_names(row, outlets), row["dateline"], persons[row["article_id"]] or [])
        # Few names occur in an article; looking for them first spares a large pattern for each of its units.
        patterns[row["article_id"]] = [pair for pair in every if pair[0] in whole]
    sentences = tables["sentences"]
    texts = zip(sentences["article_id"].to_pylist(), sentences["text"].to_pylist(), strict=True)
    found = [(text, find_masks(text, patterns[article])) for article, text in texts]
    sentences = set_column(sentences, "text_masked", [apply(text, masks) for text, masks in found])
    sentences = set_column(sentences, "masks", [[vars(one) for one in masks] for _, masks in found])
    return Step({"sentences": sentences}, rejects_table())
