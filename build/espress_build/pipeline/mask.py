"""The stage `mask`: replace names that reveal the outlet or a private person.

Coders and models see the masked text, so that they judge the statement and not its source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.masking import apply_masks, find_masks, fold_name
from espress_build.tables import Step, Tables, rejects_table, set_column

if TYPE_CHECKING:
    from espress_build.inputs.params import Params


_NAMED = ("outlet_id", "republisher")  # columns of the outlets whose names reveal the source of an article


def _outlet_names(article: dict[str, Any], outlets: list[dict[str, Any]]) -> list[str]:
    """Return names, aliases and domains of the article's own outlet and republisher.

    Other outlets and agencies are not masked, because a unit may quote them as sources. Therefore a new registry entry
    changes no old article.
    """
    own = [row for row in outlets if row["outlet_id"] == article["outlet_id"] or row["name"] == article["republisher"]]
    return sorted({name for row in own for name in (row["name"], *row["aliases"], *row["domains"])})


def list_patterns(
    article: dict[str, Any], outlets: list[dict[str, Any]], persons: list[list[str]]
) -> list[tuple[str, str]]:
    """Return the names of an article that are masked, as (words, mask) in order of precedence: longest first."""
    dateline = article["dateline"]
    found = [(name, "[OUTLET]") for name in _outlet_names(article, outlets)]
    found += [(name, f"[PERSON_{number}]") for number, names in enumerate(persons, 1) for name in names]
    found += [(dateline, "[DATELINE]")] if dateline else []
    return sorted(found, key=lambda pair: (-len(pair[0]), pair))


def mask(tables: Tables, _params: Params) -> Step:
    """Fill `text_masked` and `masks` of `sentences`."""
    outlets = tables["outlets"].to_pylist()
    articles, received = tables["articles"], tables["received"]
    persons = dict(zip(received["article_id"].to_pylist(), received["private_persons"].to_pylist(), strict=True))
    patterns = {}
    for row in articles.select([*_NAMED, "article_id", "title", "standfirst", "text", "dateline"]).to_pylist():
        whole = fold_name("\n".join(filter(None, (row["title"], row["standfirst"], row["text"]))))
        every = list_patterns(row, outlets, persons[row["article_id"]] or [])
        # Few names occur in an article, so a search in the whole text keeps the pattern for its units small.
        patterns[row["article_id"]] = [pair for pair in every if fold_name(pair[0]) in whole]
    sentences = tables["sentences"]
    texts = zip(sentences["article_id"].to_pylist(), sentences["text"].to_pylist(), strict=True)
    found = [(text, find_masks(text, patterns[article])) for article, text in texts]
    sentences = set_column(sentences, "text_masked", [apply_masks(text, masks) for text, masks in found])
    sentences = set_column(sentences, "masks", [[vars(one) for one in masks] for _, masks in found])
    return Step({"sentences": sentences}, rejects_table())
