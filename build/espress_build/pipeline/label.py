"""The stage `label`: turn judgements into gold labels of units and articles, and keep every vote."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from espress_build.inputs.judgements import current
from espress_build.labels.gold import Ballot, article_rows, claim_rows, entry_rows, relevance_rows, vote_rows
from espress_build.tables import Step, Tables, make_table, rejects_table, set_column

if TYPE_CHECKING:
    from espress_build.inputs.params import Params

LABEL_TABLES = ("annotations", "relevance", "entries", "article_stance", "claim_matrix", "votes")


def annotation_rows(ballot: Ballot) -> list[dict[str, Any]]:
    """Return the rows of `annotations`, in the order of the judgements."""
    number: dict[Any, int] = defaultdict(int)
    last, _ = current(ballot.judgements)
    counted = set(map(id, ballot.counted))
    rows = []
    for one in ballot.judgements:
        number[one.key] += 1
        key = ":".join(str(part) for part in one.key)
        made_by = ballot.passes[one.annotator]
        rows.append(
            {
                "judgement_id": f"{key}:{number[one.key]}",
                "annotator": one.annotator,
                "annotator_kind": made_by["kind"],
                "family": made_by["family"] or None,
                "article_id": one.article_id,
                "item_id": one.item_id,
                "proposition_id": one.proposition_id or None,
                "source_no": one.source_no or None,
                "field": one.field,
                "value": one.value or None,
                "quote_start": one.start,
                "quote_end": one.end,
                "quote": one.quote or None,
                "reason": one.reason,
                "codebook": one.codebook,
                "current": last[one.key] is one,
                "is_counted": id(one) in counted,
            }
        )
    return rows


def _first_stance(articles: list[dict[str, Any]], stances: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the row of `article_stance` for the first event of each article."""
    found = {(row["article_id"], row["event_id"]): row for row in stances}
    pairs = ((article["article_id"], article["event_ids"][0]) for article in articles)
    return {article: found[article, event] for article, event in pairs if (article, event) in found}


def label(tables: Tables, params: Params) -> Step:
    """Turn `judgements` into the label tables; fill the label columns of `articles`."""
    ballot = Ballot.from_tables(tables, params.label.fewest_passes)
    rows = {
        "annotations": annotation_rows(ballot),
        "relevance": relevance_rows(ballot),
        "entries": (entries := entry_rows(ballot)),
        "article_stance": article_rows(ballot, entries),
        "claim_matrix": claim_rows(ballot),
        "votes": vote_rows(ballot),
    }
    kept = {name: make_table(name, rows[name]) for name in LABEL_TABLES}
    first = _first_stance(ballot.articles, rows["article_stance"])
    articles = tables["articles"]
    for name in ("focal_proposition", "stance"):
        values = [first[article][name] if article in first else None for article in articles["article_id"].to_pylist()]
        articles = set_column(articles, name, values)
    return Step(kept | {"articles": articles}, rejects_table())
