"""Make the dataset card: front matter for software, and information for readers."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import yaml

from espress.probe.tasks import tasks, withheld
from espress.tables import format_markdown
from espress_build.metadata.dialects.card_yaml import make_front_matter
from espress_build.metadata.labels import (
    describe_families,
    describe_passes,
    describe_persons,
    format_class_counts,
    measure_agreement,
)
from espress_build.tables import count_rows

if TYPE_CHECKING:
    from pathlib import Path

    from espress.schema import Schema
    from espress.stats.agreement import Agreement
    from espress_build.metadata.dataset_facts import About

_BODY = """
# {title}

Version {version}, {edition} edition{day}.

{description}

## Tables

| config | rows | content |
| --- | ---: | --- |
{tables}

## Limits

{limits}

## Labels: who judged, and how far they agree

{labels}

## Tasks

{scored}

## Loading

```python
import espress
articles = espress.load("articles")

import datasets                                   # without the espress package
articles = datasets.load_dataset("PATH_TO_THIS_FOLDER", "articles")["train"]
```

## Rights

Labels and metadata: CC BY 4.0, see `LICENSE-DATA`. {texts}

## How to cite

```bibtex
{citation}
```

`espress cite` adds the root hash of the dataset (the hash of `SHA256SUMS`), and the DOI if there is one.

Other files: `SHA256SUMS` (hashes), `incidents.json` (results of the checks), `datapackage.json` and `croissant.json`
(columns), `ro-crate-metadata.json`, `datacite.json` and `index.html` (for archives and search engines).
"""


def format_agreement(found: list[Agreement]) -> str:
    """Return a Markdown table of agreement, one row per field."""
    return format_markdown(
        [
            (
                one.level,
                f"`{one.field}`",
                one.metric,
                one.items,
                one.with_value,
                one.disputed,
                f"{1 - one.disputed / one.with_value:.1%}" if one.with_value else "–",
                _format_alpha(one),
            )
            for one in found
        ],
        ["level", "field", "scale", "compared", "with a value", "disputed", "undisputed", "alpha [interval]"],
    )


def _format_alpha(found: Agreement) -> str | None:
    if found.metric == "counts":
        return None
    if found.alpha is None:
        return "not defined"
    interval = f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]" if found.interval else ""
    return f"{found.alpha:.3f}{interval}"


def _describe_labels(folder: Path) -> str:
    """Describe annotators, their agreement, and the rows of every class."""
    if not count_rows(folder, "annotations"):
        return "There are no labels yet."
    said = " ".join(describe(folder) for describe in (describe_persons, describe_families, describe_passes))
    note = (
        f"{said} The table `votes` has all votes, `annotations` every judgement with its reason.\n\nAgreement of the "
        "model passes that gold counts. It is self-consistency: it is neither "
        "inter-annotator agreement nor an upper limit for the scores of models."
    )
    parts = [note, format_agreement(measure_agreement(folder, resamples=0))]
    if persons := measure_agreement(folder, "human", resamples=0):
        parts += ["Agreement of persons among each other:", format_agreement(persons)]
    parts += ["Gold rows of every class:", format_class_counts(folder)]
    return "\n\n".join(parts)


def _describe_tasks(folder: Path) -> str:
    """List the tasks that the labels support, the others with reasons, and the score of a rule without text."""
    asked = [f"- `{task.name}`: {task.question}" for task in tasks()]
    not_asked = [f"- Not scored: {what}: {why}." for what, why in withheld()]
    path = folder / "data" / "shortcuts.parquet"
    rows = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
    blind = [
        f"{row['task']}, {row['metric']}: {row['score']:.3f}"
        for row in rows
        if row["split"] == "unit" and row["shortcut"] == "article_proposition" and row["score"] is not None
    ]
    warning = (
        "Keep articles whole: `splits` leaves out one article, or one block of linked articles, at a time. If units "
        "are divided into folds at random, a look-up of article and proposition that reads no text has these scores: "
        f"{'; '.join(blind)} (`shortcuts`)."
    )
    return "\n".join([*asked, *not_asked, *(["", warning] if blind else [])])


@lru_cache(maxsize=256)
def _dump_part(part: str) -> str:
    return str(yaml.safe_dump(json.loads(part), sort_keys=False, allow_unicode=True, width=120))


def _dump(front: dict[str, Any]) -> str:
    """Return the front matter as YAML; entries of tables that did not change come from a cache."""
    parts = []
    for key, value in front.items():
        if value and isinstance(value, list):
            parts += [f"{key}:\n", *(_dump_part(json.dumps([one])) for one in value)]
        else:
            parts.append(_dump_part(json.dumps({key: value})))
    return "".join(parts)


def make_card(
    schema: Schema, about: About, folder: Path, rows: dict[str, int], files: dict[str, tuple[int, str]]
) -> str:
    """Return the card's text for the tables in `folder`; `files` gives size and sha256 of each Parquet file."""
    front = make_front_matter(schema, about, rows, {name: sha256 for name, (_, sha256) in files.items()})
    totals = {table.name: sum(rows[name] for name in table.files) for table in schema.tables}
    listed = [f"| `{table.name}` | {totals[table.name]} | {table.description} |" for table in schema.tables]
    body = _BODY.format(
        title=about.title,
        version=about.version,
        edition=about.edition,
        day=f", published {about.released}" if about.released else ", not published yet",
        description=about.description,
        tables="\n".join(listed),
        limits=about.text("limits"),
        labels=_describe_labels(folder),
        scored=_describe_tasks(folder),
        texts=about.license_texts,
        citation=about.bibtex,
    )
    return f"---\n{_dump(front)}---\n{body}"
