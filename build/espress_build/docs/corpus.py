"""Sections of README, DATASHEET and docs that count and list the contents of the dataset."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress.tables import format_markdown
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import OUTLET_FACTS
from espress_build.metadata.labels import read_rows
from espress_build.pipeline.language import detect
from espress_build.pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def count_rows(dataset: Path) -> str:
    """List the number of rows of each table."""
    rows = [(f"`{t.name}`", len(read_rows(dataset, t.name))) for t in schema().tables]
    return format_markdown(rows, ["table", "rows"])


def state_limits(dataset: Path) -> str:
    """State the limits of use of this version; the dataset's own files give them by `limits` of schema/dataset.toml."""
    articles = read_rows(dataset, "articles")
    outlets, blocks, languages = (sorted({a[name] for a in articles}) for name in ("outlet_id", "block_id", "language"))
    return (
        f"This version holds {len(articles)} articles (languages: {', '.join(languages)}) from {len(outlets)} "
        f"outlets. They form {len(blocks)} blocks: articles that share an outlet or an event are in the same block. "
        "They are not a sample: the project was given this set of articles, and it is not known who chose them or why. "
        "Nothing about outlets, countries, periods or coverage can be inferred from them. They are suitable for trying "
        "out methods and for close reading. They must not be used to score or rank outlets, journalists or "
        "communities, or as evidence that anyone spied."
    )


def list_articles(dataset: Path) -> str:
    """List the articles."""
    names = ("outlet", "outlet_country", "event_country", "published", "n_words", "n_sentences")
    rows = [(f"`{a['article_id']}`", *(a[name] for name in names)) for a in read_rows(dataset, "articles")]
    head = ["article", "outlet", "outlet's country", "event's country", "published", "words", "units"]
    return format_markdown(rows, head)


def count_basis(dataset: Path) -> str:
    """Count articles by fact and basis."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in read_rows(dataset, "articles"):
        for entry in row["basis"]:
            found[entry["field"]][entry["basis"]] += 1
    used = [basis for basis in schema().vocabularies["basis"] if any(counts[basis] for counts in found.values())]
    rows = [(f"`{name}`", *(counts[basis] or "" for basis in used)) for name, counts in sorted(found.items())]
    return format_markdown(rows, ["fact", *used])


def list_blocks(dataset: Path) -> str:
    """List the articles that are linked by an outlet or an event."""
    members: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read_rows(dataset, "articles"):
        members[row["block_id"]].append(row)
    rows = [
        (
            f"`{block}`",
            len(own),
            ", ".join(sorted({row["outlet"] for row in own})),
            ", ".join(sorted({event for row in own for event in row["event_ids"]})),
        )
        for block, own in members.items()
    ]
    return format_markdown(rows, ["block", "articles", "outlets", "events"])


def compare_languages(dataset: Path) -> str:
    """List the detected language of each article: on the prefix, by the second detector, and on the whole text."""
    whole = replace(read_params().language, prefix_characters=10**9)
    rows = []
    for row in read_rows(dataset, "articles"):
        full = detect(f"{row['title']}\n\n{row['text']}", whole).language
        probability = None if row["language_probability"] is None else f"{row['language_probability']:.4f}"
        agreed = "yes" if row["language_agreement"] else "no"
        same = "yes" if full == row["language"] else f"no: {full}"
        rows.append((f"`{row['article_id']}`", row["language"], probability, row["language_second"], agreed, same))
    head = ["article", "langdetect on the beginning", "probability", "py3langid", "agree", "same on the whole text"]
    return format_markdown(rows, head)


def count_rights(dataset: Path) -> str:
    """Count articles by rights tier and basis."""
    articles = read_rows(dataset, "articles")
    counts = Counter((row["rights_tier"], row["rights_basis"] or "none") for row in articles)
    return format_markdown(
        [(*key, number) for key, number in sorted(counts.items())],
        ["rights tier", "basis of the right to publish", "articles"],
    )


def list_outlet_facts(dataset: Path) -> str:
    """List which fields of the registry have a source, for each outlet of an article; count the other outlets."""
    named = {row[name] for row in read_rows(dataset, "articles") for name in ("outlet", "republisher", "agency")}
    registry = read_rows(dataset, "outlets")
    others = [row for row in registry if row["name"] not in named]
    rows = [
        (
            row["name"],
            row["outlet_kind"],
            *("yes" if row[fact] else "–" for fact in OUTLET_FACTS),
            len(row["official_acts"]),
        )
        for row in registry
        if row["name"] in named
    ]
    head = ["name", "kind", *(name.replace("_", " ") for name in OUTLET_FACTS), "official acts"]
    counts = Counter(fact["basis"] for row in others for fact in row["facts"])
    known = ", ".join(f"{basis} {number}" for basis, number in sorted(counts.items())) or "none"
    note = (
        f"The registry holds {len(others)} more outlets, republishers and agencies, which occur only in the catalogue. "
        f"Number of their facts by basis: {known}; `background` is general knowledge without a source. "
        f"Official acts are recorded for {sum(bool(row['official_acts']) for row in others)} of them "
        f"({sum(len(row['official_acts']) for row in others)} acts)."
    )
    return f"{format_markdown(rows, head)}\n\n{note}"


def count_bytes(dataset: Path) -> str:
    """List the bytes received, kept and left out, for each article."""
    rows = [
        (f"`{row['article_id']}`", row["source_bytes"], row["kept_bytes"], row["source_bytes"] - row["kept_bytes"])
        for row in read_rows(dataset, "articles")
    ]
    return format_markdown(rows, ["article", "bytes received", "kept", "left out"])


def count_units(dataset: Path) -> str:
    """Count units by role."""
    counts = Counter(row["role"] for row in read_rows(dataset, "sentences"))
    return format_markdown([*counts.items(), ("all", counts.total())], ["role", "units"])


def list_shortcuts(dataset: Path) -> str:
    """List the scores of rules without text on the probe's tasks, by split; a dash if a rule could not learn."""
    found: defaultdict[tuple[str, str, str], dict[str, str | None]] = defaultdict(dict)
    for row in read_rows(dataset, "shortcuts"):
        score = None if row["score"] is None else f"{row['score']:.3f}"
        found[row["task"], row["metric"], row["shortcut"]][row["split"]] = score
    splits = [s for s in schema().vocabularies["shortcut_split"] if any(s in scores for scores in found.values())]
    rows = [(*key, *(scores.get(split) for split in splits)) for key, scores in found.items()]
    return format_markdown(rows, ["task", "metric", "rule", *(f"split by {split}" for split in splits)])


def list_stages(_dataset: Path) -> str:
    """Return a numbered list of the stages of the build, with what each of them does."""
    does: defaultdict[str, list[str]] = defaultdict(list)
    for stage in STAGES:
        does[stage.name].append(stage.does)
    return "\n".join(f"{n}. `{name}` {', and '.join(what)}." for n, (name, what) in enumerate(does.items(), 1))


SECTIONS: dict[str, Callable[[Path], str]] = {
    "counts": count_rows,
    "articles": list_articles,
    "basis": count_basis,
    "blocks": list_blocks,
    "language": compare_languages,
    "limits": state_limits,
    "rights": count_rights,
    "outlet-facts": list_outlet_facts,
    "spans": count_bytes,
    "units": count_units,
    "shortcuts": list_shortcuts,
    "stages": list_stages,
}
VALUES: dict[str, Callable[[Path], object]] = {"articles": lambda dataset: len(read_rows(dataset, "articles"))}
