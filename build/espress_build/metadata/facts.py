"""What every dialect says of the dataset: the words of schema/dataset.toml, with figures counted in the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.metadata.labels import count_confirmed_units

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Edition


@dataclass(frozen=True)
class About:
    """One dataset folder as its metadata shall call it; the same words go into every dialect."""

    name: str
    title: str
    pretty_name: str
    description: str
    creators: tuple[str, ...]
    keywords: tuple[str, ...]
    languages: tuple[str, ...]
    year: int
    license_labels: str
    license_labels_url: str
    license_texts: str
    version: str
    released: str | None  # YYYY-MM-DD, the day of publication; None before the first one
    edition: Edition
    doi: str | None
    texts: dict[str, tuple[str, ...]]  # statement -> its paragraphs

    def text(self, statement: str) -> str:
        """Return a statement as one string; raises KeyError if schema/dataset.toml makes none of that name."""
        return " ".join(self.texts[statement])


def _distinct(folder: Path, table: str, *columns: str) -> list[tuple[str, ...]]:
    """Return the different rows of these columns in order, a null left out of its row."""
    found = pq.read_table(folder / "data" / f"{table}.parquet", columns=list(columns))
    rows = found.group_by(list(columns)).aggregate([]).to_pylist()
    return sorted(tuple(row[column] for column in columns if row[column]) for row in rows)


def figures(folder: Path) -> dict[str, object]:
    """Return the numbers and names that statements may hold in braces, counted in the tables of `folder`."""
    counted = {"articles": "articles", "units": "sentences", "judgements": "annotations"}
    coders = [
        kind + "".join(f" ({name})" for name in of) for kind, *of in _distinct(folder, "annotations", "kind", "family")
    ]
    return {
        **{name: pq.read_metadata(folder / "data" / f"{table}.parquet").num_rows for name, table in counted.items()},
        "outlets": len(_distinct(folder, "articles", "outlet_id")),
        "blocks": len(_distinct(folder, "articles", "block_id")),
        "languages": ", ".join(code for row in _distinct(folder, "articles", "language") for code in row) or "none",
        "passes": len(_distinct(folder, "annotations", "annotator")),
        "annotators": ", ".join(coders) or "nobody",
        "human_confirmed": f"human_confirmed = {count_confirmed_units(folder)}",
    }


def about(
    folder: Path,
    *,
    version: str | None = None,
    released: str | None = None,
    edition: Edition = "full",
    doi: str | None = None,
) -> About:
    """Return what to say of the tables in `folder`; without `version` number and day are those of schema/dataset.toml.

    Raises:
        KeyError: a statement has a figure in braces that `figures` does not count.
    """
    stated, counted = schema().about, figures(folder)
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
        languages=tuple(stated["languages"]),
        description=f"{stated['description']} {stated['editions'][edition]}",
        version=version,
        released=None if released is None else str(released),
        edition=edition,
        doi=doi,
        texts=texts,
    )
