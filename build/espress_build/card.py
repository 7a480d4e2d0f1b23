"""The dataset card: front matter for machines, and what a reader needs before using the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import yaml

from espress_build.dialects.card import card_front_matter
from espress_build.label_blocks import for_card

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Schema

_BODY = """
# {title}

{description}

## What there is

| config | rows | one row is |
| --- | ---: | --- |
{tables}

## What it cannot carry

{limits}

## What the labels are worth

{labels}

## Loading

```python
import espress
articles = espress.load("articles")

import datasets                                   # without the espress package
articles = datasets.load_dataset("PATH_TO_THIS_FOLDER", "articles")["train"]
```

## Rights

Labels and metadata: CC BY 4.0, see `LICENSE-DATA`. {texts}

Bytes: `SHA256SUMS`. Checks made: `incidents.json`. Columns: `datapackage.json`, `croissant.json`.
"""


def limits(folder: Path) -> str:
    """Say what so few articles cannot support, with the numbers of the dataset in `folder`."""
    columns = ["outlet_id", "language", "block_id", "event_country"]
    articles = pq.read_table(folder / "data" / "articles.parquet", columns=columns)
    outlets, blocks = (len(articles[name].unique()) for name in ("outlet_id", "block_id"))
    languages = ", ".join(sorted(filter(None, articles["language"].unique().to_pylist())))
    return (
        f"This version holds {articles.num_rows} articles of {outlets} outlets, in {blocks} blocks that share an "
        f"outlet or an event; languages: {languages}. They were not sampled: they were given to the project as they "
        "are, and who chose them and why is not known. Nothing about outlets, countries, periods or coverage can be "
        "inferred from them. They serve to try out methods and to look closely. Not allowed: scoring or ranking "
        "outlets, journalists or communities, or use as evidence that anyone spied."
    )


def card(schema: Schema, folder: Path, rows: dict[str, int], files: dict[str, tuple[int, str]]) -> str:
    """Return the card's text for the tables in `folder`; `files` gives size and sha256 of each Parquet file."""
    front = card_front_matter(schema, rows, {name: sha256 for name, (_, sha256) in files.items()})
    about = schema.about
    listed = [f"| `{table.name}` | {rows[table.name]} | {table.description} |" for table in schema.tables]
    body = _BODY.format(
        title=about["title"],
        description=about["description"],
        tables="\n".join(listed),
        limits=limits(folder),
        labels=for_card(folder),
        texts=about["license_texts"],
    )
    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=120)}---\n{body}"
