"""Print the corpus for people: an overview, and one article with its roles and units."""

from __future__ import annotations

import textwrap
from typing import Any

from espress.data.load import load
from espress.data.resolve import versions
from espress.errors import UnknownNameError
from espress.paths import dataset_folder
from espress.schema import schema
from espress.tables import format_text

_WIDTH = 100


def article_table(articles: Any) -> str:
    """Return an Arrow table of articles as text: outlet, countries, date, words, units."""
    columns = ("article_id", "outlet", "outlet_country", "event_country", "published", "n_words", "n_sentences")
    rows = [tuple(row[name] for name in columns) for row in articles.to_pylist()]
    return format_text(rows, ("article", "outlet", "from", "about", "published", "words", "units"))


def info() -> str:
    """Return an overview of the dataset, with the conclusions that it cannot support."""
    tables = [(t.name, load(t.name, as_="arrow").num_rows, t.description) for t in schema().tables]
    articles = load("articles", as_="arrow")
    outlets, blocks = (len(articles[name].unique()) for name in ("outlet_id", "block_id"))
    judgements = load("annotations", as_="arrow").select(["item_id", "annotator_kind"]).to_pylist()
    by_people = len({row["item_id"] for row in judgements if row["annotator_kind"] == "human"})
    judged = sum(article["stance"] is not None for article in articles.to_pylist())
    caution = (
        f"{articles.num_rows} articles of {outlets} outlets in {blocks} linked blocks are a probe, not a sample. They "
        "were given to the project as they are; who chose them and why is not known. They cannot support any statement "
        "about outlets, countries, periods or coverage, no ranking of outlets, journalists or communities, and are no "
        f"evidence that anyone spied. Articles with a stance label: {judged}. Units with a "
        f"judgement by a person: {by_people}."
    )
    lines = [f"{schema().about['pretty_name']}, version {versions()[0]}", f"in {dataset_folder()}", ""]
    lines += [format_text(tables, ("config", "rows", "one row is")), "", article_table(articles), ""]
    return "\n".join([*lines, *textwrap.wrap(caution, _WIDTH)])


def _list_facts(article: dict[str, Any]) -> list[str]:
    basis = {entry["field"]: entry for entry in article["basis"]}
    lines = []
    for name, value in article.items():
        if name in ("title", "standfirst", "text", "basis") or value is None:
            continue
        entry = basis.get(name)
        why = f"   [{entry['basis']}, {entry['confidence']}]" if entry else ""
        lines.append(f"  {name:<22}{value}{why}")
    return lines


def show(article_id: str) -> str:
    """Return one article as text: facts with their basis, then each unit with its role and offsets.

    Raises:
        UnknownNameError: there is no such article; the message lists the nearest ids first.
    """
    articles = {row["article_id"]: row for row in load("articles", as_="arrow").to_pylist()}
    if article_id not in articles:
        raise UnknownNameError("article", article_id, list(articles))
    lines = [article_id, *_list_facts(articles[article_id]), ""]
    paragraph = None
    for unit in load("sentences", as_="arrow").to_pylist():
        if unit["article_id"] != article_id:
            continue
        if (unit["field"], unit["paragraph"]) != paragraph:
            paragraph = (unit["field"], unit["paragraph"])
            lines.append("")
        mark = f"{unit['sentence_id'].removeprefix(article_id + '.'):<8}{unit['role']:<12}"
        lines += textwrap.wrap(unit["text"], _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))
    return "\n".join(lines)
