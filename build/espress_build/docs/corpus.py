"""The generated blocks of README, DATASHEET and docs: every number there is made here, from the dataset."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from espress.schema import schema
from espress.tables import format_markdown
from espress_build.docs.markdown import measured, rows_of
from espress_build.inputs.params import read_params
from espress_build.inputs.registries import OUTLET_FACTS
from espress_build.metadata.card import limits
from espress_build.pipeline.language import detect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def counts(dataset: Path) -> str:
    """Rows of each table."""
    rows = [(f"`{t.name}`", str(len(rows_of(dataset, t.name))), t.description) for t in schema().tables]
    return format_markdown(rows, ["table", "rows", "one row is"])


def articles(dataset: Path) -> str:
    """One line for each article."""
    names = ("article_id", "outlet", "outlet_country", "event_country", "published", "n_words", "n_sentences")
    rows = [[f"`{row['article_id']}`", *(row[name] for name in names[1:])] for row in rows_of(dataset, "articles")]
    return format_markdown(
        rows, ["article", "outlet", "outlet's country", "event's country", "published", "words", "units"]
    )


def basis(dataset: Path) -> str:
    """How many articles have each fact on each ground."""
    grounds = list(schema().vocabularies["basis"])
    found: dict[str, dict[str, int]] = {}
    for row in rows_of(dataset, "articles"):
        for entry in row["basis"]:
            of_field = found.setdefault(entry["field"], dict.fromkeys(grounds, 0))
            of_field[entry["basis"]] += 1
    used = [ground for ground in grounds if any(numbers[ground] for numbers in found.values())]
    rows = [[f"`{name}`", *(numbers[ground] or "" for ground in used)] for name, numbers in sorted(found.items())]
    return format_markdown(rows, ["fact", *used])


def blocks(dataset: Path) -> str:
    """Which articles are linked by an outlet or an event."""
    members: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(dataset, "articles"):
        members.setdefault(row["block_id"], []).append(row)
    rows = []
    for block, own in members.items():
        outlets = ", ".join(sorted({row["outlet"] for row in own}))
        events = ", ".join(sorted({event for row in own for event in row["event_ids"]}))
        rows.append((f"`{block}`", len(own), outlets, events))
    return format_markdown(rows, ["block", "articles", "outlets", "events"])


def language(dataset: Path) -> str:
    """Detection on the prefix, the second detector, and detection on the whole text, for each article."""
    whole = read_params().language
    whole = type(whole)(whole.seed, 10**9, whole.minimum_letters)
    rows = []
    for row in rows_of(dataset, "articles"):
        full = detect(f"{row['title']}\n\n{row['text']}", whole)
        same = "yes" if full.language == row["language"] else f"no: {full.language}"
        agreed = "yes" if row["language_agreement"] else "no"
        probability = None if row["language_probability"] is None else f"{row['language_probability']:.4f}"
        rows.append((f"`{row['article_id']}`", row["language"], probability, row["language_second"], agreed, same))
    head = ["article", "langdetect on the prefix", "probability", "py3langid", "agree", "same on the whole text"]
    return format_markdown(rows, head)


def rights(dataset: Path) -> str:
    """Articles by rights tier and basis."""
    found: dict[tuple[str, str], int] = {}
    for row in rows_of(dataset, "articles"):
        key = (row["rights_tier"], row["rights_basis"] or "none at hand")
        found[key] = found.get(key, 0) + 1
    return format_markdown([(*key, number) for key, number in sorted(found.items())], ["tier", "basis", "articles"])


def outlet_facts(dataset: Path) -> str:
    """Which fields of the outlet registry have a source, for each outlet of an article; the others are counted."""
    named = {row[name] for row in rows_of(dataset, "articles") for name in ("outlet", "republisher", "agency")}
    registry = rows_of(dataset, "outlets")
    others = [row for row in registry if row["name"] not in named]
    rows = []
    for row in registry:
        if row["name"] in named:
            has = ["yes" if row[name] else "–" for name in OUTLET_FACTS]
            rows.append((row["name"], row["kind"], *has, len(row["official_acts"])))
    table = format_markdown(rows, ["name", "kind", *(name.replace("_", " ") for name in OUTLET_FACTS), "official acts"])
    grounds = Counter(fact["basis"] for row in others for fact in row["facts"])
    known = ", ".join(f"{basis} {number}" for basis, number in sorted(grounds.items())) or "none"
    return f"{table}\n\nIn the catalogue alone: {len(others)} entries; their facts by ground: {known}."


def spans(dataset: Path) -> str:
    """Bytes received, kept and set aside, for each article."""
    rows = [
        (f"`{row['article_id']}`", row["source_bytes"], row["kept_bytes"], row["source_bytes"] - row["kept_bytes"])
        for row in rows_of(dataset, "articles")
    ]
    return format_markdown(rows, ["article", "bytes received", "kept", "set aside"])


def units(dataset: Path) -> str:
    """Units by role."""
    found: dict[str, int] = {}
    for row in rows_of(dataset, "sentences"):
        found[row["role"]] = found.get(row["role"], 0) + 1
    return format_markdown([*found.items(), ("all", sum(found.values()))], ["role", "units"])


def segmenters(dataset: Path) -> str:
    """The comparison of sentence segmenters, as last measured by `make segmenters`."""
    held = measured(dataset, "segmenters", "make segmenters")
    rows = []
    for result in held["results"]:
        scores = result["scores"]
        cells = [f"{score['missed']} / {score['extra']}" for score in scores.values()]
        rows.append((result["name"], result["version"], *cells, f"{result['milliseconds']} ms"))
    first = held["results"][0]["scores"]
    head = [f"{language}: missed / extra of {score['reference']}" for language, score in first.items()]
    note = f"Time: {held['paragraphs']} English paragraphs, median of {held['rounds']} rounds."
    return f"{format_markdown(rows, ['library', 'version', *head, 'time'])}\n\n{note}"


def shortcuts(dataset: Path) -> str:
    """What rules without text score on the probe's tasks, by split; a dash where a rule could not have learnt."""
    found: dict[tuple[str, str, str], dict[str, str | None]] = {}
    for row in rows_of(dataset, "shortcuts"):
        metric = f"macro_f1[{row['classes_scored']} of {row['classes']}]"
        score = None if row["macro_f1"] is None else f"{row['macro_f1']:.3f}"
        found.setdefault((f"{row['task']}, `{row['reading']}`", metric, row["shortcut"]), {})[row["split"]] = score
    ways = [way for way in schema().vocabularies["shortcut_split"] if any(way in of for of in found.values())]
    rows = [[*key, *(scores.get(way) for way in ways)] for key, scores in found.items()]
    return format_markdown(rows, ["task and reading", "metric", "rule", *(f"split by {way}" for way in ways)])


def _example(dataset: Path, name: str) -> str:
    """Return what a Python block of the README printed when `make examples` last ran it."""
    return f"```text\n{measured(dataset, 'examples', 'make examples')[name]}```"


_EXAMPLES: dict[str, Callable[[Path], str]] = {
    f"example-{name}": partial(_example, name=name) for name in ("probe", "audit")
}
SECTIONS: dict[str, Callable[[Path], str]] = _EXAMPLES | {
    function.__name__.replace("_", "-"): function
    for function in (
        counts,
        articles,
        basis,
        blocks,
        language,
        limits,
        rights,
        outlet_facts,
        spans,
        units,
        segmenters,
        shortcuts,
    )
}
