"""The table `practice`: invented sentences with which annotators practised, or were tested, and their labels."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from espress.probe.prompts import classify_source
from espress_build.labels.gold import is_recorded
from espress_build.labels.studies import Study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from espress_build.inputs.registries import Registries

    Row = dict[str, Any]


def _read_units(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _make_texts(units: list[Row], kind: str) -> dict[str, Row]:
    """Return the columns of each sentence that do not depend on the task."""
    found = {}
    for _, group in groupby(units, key=lambda unit: unit["unit"].partition(".")[0]):
        own = list(group)
        texts = [unit["text"] for unit in own]
        for at, unit in enumerate(own):
            context = {"context_before": texts[:at], "context_after": texts[at + 1 :]}
            shared = {"unit": unit["unit"], "kind": kind, "language": "en", "text": unit["text"], **context}
            found[unit["unit"]] = shared
    return found


def _make_row(text: Row, proposition: str, task: str, label: str, number: int | None = None) -> Row:
    parts = [text["unit"], proposition, *([] if number is None else [str(number), task])]
    return {**text, "item_id": ":".join(parts), "task": task, "proposition_id": proposition, "label": label}


def _list_calibration(path: Path, registries: Registries) -> Iterator[Row]:
    """Yield a row for each answer that the author of the practice sentences gave."""
    units = _read_units(path)
    texts = _make_texts(units, "calibration")
    for unit in units:
        text = texts[unit["unit"]] | {"why": unit.get("why")}
        for proposition, answer in unit["bears_on"].items():
            yield _make_row(text, proposition, "relevance", answer)
        for number, entry in enumerate(unit["entries"], 1):
            answers = {"position": entry["position"], "cue_strength": entry.get("cue_strength")}
            answers["attribution"] = classify_source(registries.sources.get(entry["source_id"]))
            span = {"source": entry.get("source_quote")}
            for task, answer in answers.items():
                if answer is not None:
                    yield _make_row(text, entry["proposition_id"], task, answer, number) | span


def _list_heldout(folder: Path, fewest_passes: int) -> Iterator[Row]:
    """Yield a row for each answer that most passes with the newest codebook gave about a test sentence."""
    study = Study.read(folder.parent, folder.name)
    golds = study.decide(study.majors[0], fewest_passes)
    texts = _make_texts(_read_units(folder / "input.jsonl"), "heldout")
    for (unit, proposition, number, field), gold in golds.items():
        task = {"bears_on": "relevance", "position": "position", "cue_strength": "cue_strength"}.get(field)
        if task is None or gold.value is None or (number and not is_recorded(golds, unit, proposition, number)):
            continue
        agreeing = sum(n for value, n, _ in gold.votes if value == gold.value)
        row = _make_row(texts[unit], proposition, task, gold.value, number or None)
        span = golds.get((unit, proposition, number, "source_span"))
        place = slice(*map(int, span.value.split("-"))) if span and span.value else None
        source = texts[unit]["text"][place] if place else None
        yield row | {"source": source, "n_votes": agreeing, "n_annotators": gold.n_annotators}


def make_practice(annotations: Path, registries: Registries, fewest_passes: int) -> list[Row]:
    """Return the rows of the table `practice`, in order of ids; none if a project has no such sentences.

    Test sentences have no row for the task attribution: their sources are classes, not sources of the registry.
    """
    rows: list[Row] = []
    if (path := annotations / "calibration.jsonl").is_file():
        rows += _list_calibration(path, registries)
    if (folder := annotations / "heldout").is_dir():
        rows += _list_heldout(folder, fewest_passes)
    return sorted(rows, key=lambda row: row["item_id"])
