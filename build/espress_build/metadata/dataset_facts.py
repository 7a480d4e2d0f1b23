"""Describe a dataset for every metadata format, with the text of schema/dataset.toml and figures from its tables."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.citation import format_bibtex
from espress.schema import schema
from espress_build.metadata.labels import describe_families, describe_passes, describe_persons
from espress_build.tables import count_rows, read_table

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Edition


@dataclass(frozen=True)
class About:
    """Names, rights and statements of one dataset folder, which every metadata format uses."""

    name: str
    title: str
    pretty_name: str
    description: str
    creators: tuple[str, ...]
    keywords: tuple[str, ...]
    languages: tuple[str, ...]  # of the articles, most frequent first
    annotator_kinds: tuple[str, ...]  # those among "model" and "human" whose judgements the dataset has
    year: int
    license_labels: str
    license_labels_url: str
    license_texts: str
    version: str
    released: str | None  # YYYY-MM-DD, the day of publication; None before the first one
    edition: Edition
    doi: str | None
    homepage: str | None
    texts: dict[str, tuple[str, ...]]  # statement -> its paragraphs

    def text(self, statement: str) -> str:
        """Return a statement as one string; raises KeyError if schema/dataset.toml has none of that name."""
        return " ".join(self.texts[statement])

    @property
    def doi_address(self) -> str | None:
        """The address of the DOI, if there is one."""
        return f"https://doi.org/{self.doi}" if self.doi else None

    @property
    def bibtex(self) -> str:
        """A BibTeX entry without the root hash, because that hash covers the files that contain the entry."""
        fields = {
            "title": self.title,
            "author": " and ".join(f"{{{creator}}}" for creator in self.creators),
            "year": self.released[:4] if self.released else str(self.year),
            "version": self.version,
            "note": f"Data set, {self.edition} edition",
            "doi": self.doi,
            "url": self.homepage,
        }
        return format_bibtex(self.name, fields)


def _list_distinct(folder: Path, table: str, *columns: str) -> list[tuple[str, ...]]:
    """Return the distinct rows of these columns in order; nulls are left out of a row."""
    rows = read_table(folder, table, list(columns)).group_by(list(columns)).aggregate([]).to_pylist()
    return sorted(tuple(row[column] for column in columns if row[column]) for row in rows)


def _list_languages(folder: Path) -> tuple[str, ...]:
    """Return the languages of the articles, the most frequent first; articles without a known language do not count."""
    found = Counter(read_table(folder, "articles", ["language"])["language"].to_pylist())
    return tuple(code for code, _ in sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0]))) if code)


def count_figures(folder: Path) -> dict[str, object]:
    """Return the numbers and names that statements may name in braces, counted in the tables of `folder`."""
    counted = {"articles": "articles", "units": "sentences", "judgements": "annotations"}
    coders = _list_distinct(folder, "annotations", "annotator_kind", "family")
    return {
        **{name: count_rows(folder, table) for name, table in counted.items()},
        "outlets": len(_list_distinct(folder, "articles", "outlet_id")),
        "blocks": len(_list_distinct(folder, "articles", "block_id")),
        "languages": ", ".join(_list_languages(folder)) or "none",
        "passes": len(_list_distinct(folder, "annotations", "annotator")),
        "annotators": ", ".join(kind + "".join(f" ({one})" for one in family) for kind, *family in coders) or "nobody",
        "persons": describe_persons(folder),
        "passes_an_item": describe_passes(folder),
        "families": describe_families(folder),
    }


def describe_dataset(
    folder: Path,
    *,
    version: str | None = None,
    released: str | None = None,
    edition: Edition = "full",
    doi: str | None = None,
) -> About:
    """Return the description of the tables in `folder`.

    Without `version`, version number and day are those of schema/dataset.toml.

    Raises:
        KeyError: a statement has a figure in braces that `count_figures` does not count.
    """
    stated, counted = schema().about, count_figures(folder)
    if version is None:
        version, released = str(stated["version"]), stated.get("released")
    texts = {
        name: tuple(part.format_map(counted) for part in ([said] if isinstance(said, str) else said))
        for name, said in stated["statements"].items()
    }
    same = ("name", "title", "pretty_name", "year", "license_labels", "license_labels_url", "license_texts")
    return About(
        **{name: stated[name] for name in same},
        creators=tuple(stated["creators"]),
        keywords=tuple(stated["keywords"]),
        languages=_list_languages(folder),
        annotator_kinds=tuple(kind for (kind,) in reversed(_list_distinct(folder, "annotations", "annotator_kind"))),
        description=f"{stated['description']} {stated['editions'][edition]}",
        version=version,
        released=None if released is None else str(released),
        edition=edition,
        doi=doi or stated.get("doi") or None,
        homepage=stated.get("homepage") or None,
        texts=texts,
    )
