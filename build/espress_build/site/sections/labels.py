"""What each label asks, what its classes mean, and how many rows have each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.schema import schema
from espress_build.metadata.labels import count_classes, say_who_judged
from espress_build.site.page import Page, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset

ORDER = 15
NAVIGATION = "Labels"
_PATH = "labels/index.html"
_RENAMED = {"status": "claim"}  # column -> field of the codebook, where the names differ
_CARRIED = "_carried"
_COUNTED = {  # table -> what one row of it is, in the plural
    "relevance": "Units and propositions",
    "entries": "Entries",
    "article_stance": "Articles and events",
    "claim_matrix": "Claims and articles",
}
_DESCRIPTION = "What each label asks, what its classes mean, and how often each class was given."


@dataclass(frozen=True)
class Class:
    """One class of a label: what it means, how many rows have it, and the anchor of its rule in the codebook."""

    name: str
    meaning: str
    rows: int
    share: float  # of the rows that have a value, from 0 to 1
    anchor: str | None


@dataclass(frozen=True)
class Label:
    """One label column and its classes; `question` is empty if the column follows from others."""

    table: str
    column: str
    question: str
    meaning: str
    classes: list[Class]
    nulls: int
    articles: dict[str, list[str]]  # class -> ids of articles, for the labels of articles

    @property
    def anchor(self) -> str:
        """The anchor of the label on the page."""
        return f"{self.table}.{self.column}"


def describe_labels(dataset: Dataset) -> Iterator[Label]:
    """Yield every label column with its classes, in the order of the schema."""
    for counts in count_classes(dataset.folder):
        table, name = counts.column.split(".")
        column = schema().table(table).column(name)
        field = _RENAMED.get(name, name.removesuffix(_CARRIED))
        rule = schema().codebook.get(field, {})
        meanings = schema().vocabularies[str(column.vocabulary)]
        total = sum(counts.rows.values())
        classes = [
            Class(
                one,
                rule.get("classes", {}).get(one, {}).get("definition") or meanings[one],
                number,
                number / total if total else 0,
                f"rule-{field}-{one}" if one in rule.get("classes", {}) else None,
            )
            for one, number in counts.rows.items()
        ]
        articles: dict[str, list[str]] = {}
        if table == "article_stance":
            for row in dataset.table(table):
                if row[name] is not None and row["article_id"] not in articles.setdefault(row[name], []):
                    articles[row[name]].append(row["article_id"])
        question = rule.get("question", "") if not name.endswith(_CARRIED) else ""
        yield Label(table, name, question, column.description, classes, counts.nulls, articles)


def make_pages(dataset: Dataset) -> Iterator[Page]:
    """Yield the page of all labels."""
    labels = list(describe_labels(dataset))
    titles = {row["article_id"]: row["title"] or row["article_id"] for row in dataset.table("articles")}
    units = {name: schema().table(name).description for name in {label.table for label in labels}}
    search = [
        SearchEntry(
            f"{_PATH}#{label.anchor}",
            f"Label {label.column}",
            " ".join([label.question, label.meaning, *(f"{one.name}: {one.meaning}" for one in label.classes)]).replace(
                "`", ""
            ),
            "label",
        )
        for label in labels
    ]
    yield Page(
        path=_PATH,
        title="Labels",
        template="labels.html.j2",
        context={
            "labels": labels,
            "titles": titles,
            "units": units,
            "counted": _COUNTED,
            "judged": say_who_judged(dataset.folder),
        },
        description=_DESCRIPTION,
        search=search,
    )
