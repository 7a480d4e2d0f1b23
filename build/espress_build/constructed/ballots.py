"""Export constructed texts for annotators, and import their answers as votes.

An annotator gets sheets of numbered items, without function, fact sheet, label, pair or device. The maintainer keeps
the key, which gives the id of each number.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.schema import schema
from espress_build.constructed.frames import TASKS
from espress_build.constructed.tables import ARTICLES, CHECK, hash_article, hash_case, show_source
from espress_build.constructed.votes import read_annotators
from espress_build.inputs.toml_files import read_csv_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from espress_build.constructed.tables import Material

KEY = "key.csv"
_KEY_COLUMNS = ("no", "item_id", "item_hash")
_COLUMNS = {
    CHECK: ("no", "task", "proposition", "before", "text", "after", "source", "answer"),
    ARTICLES: ("no", "accused", "text", "answer"),
}


@dataclass(frozen=True)
class Item:
    """A text to judge: its id and hash, the words shown, and its group; items of one group go to different sheets."""

    item_id: str
    item_hash: str
    shown: dict[str, str]
    group: str
    position: int  # in the group
    answers: tuple[str, ...]


def list_cases(made: Material, statements: dict[str, str], language: str | None = None) -> list[Item]:
    """Return the items of `check`.

    Args:
        made: the constructed texts.
        statements: proposition_id -> statement.
        language: only cases in this language; None for all.
    """
    return [
        Item(
            case.case_id,
            hash_case(case),
            {
                "task": case.task,
                "proposition": statements[case.proposition_id],
                "before": "\n".join(case.context_before),
                "text": case.text,
                "after": "\n".join(case.context_after),
                "source": show_source(case),
            },
            case.frame_id,
            case.fill_id,
            tuple(schema().vocabularies[TASKS[case.task]]),
        )
        for case in made.cases
        if language in (None, case.language)
    ]


def list_articles(made: Material, *, copies: bool | None = None) -> list[Item]:
    """Return the items of `stance_articles`: all, or only the copies (`copies` true), or only the originals (false)."""
    stances = tuple(schema().vocabularies["stance"])
    return [
        Item(
            article.article_id,
            hash_article(article),
            {"accused": article.state_accused, "text": "\n".join(article.units)},
            f"{article.sheet_id}/{article.register}",
            number,
            stances,
        )
        for number, article in enumerate(made.articles)
        if copies in (None, bool(article.swap_kind))
    ]


def _order(seed: str, item: Item) -> str:
    return hashlib.sha256(f"{seed}:{item.item_id}".encode()).hexdigest()


def _spread(items: Iterable[Item], parts: int) -> list[list[Item]]:
    """Return the items of each part; those of a group, which resemble each other, are in different parts."""
    spread: list[list[Item]] = [[] for _ in range(parts)]
    for item in items:
        start = int(hashlib.sha256(item.group.encode()).hexdigest(), 16)
        spread[(start + item.position) % parts].append(item)
    return spread


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def export_items(items: Sequence[Item], name: str, folder: Path, seed: str, parts: int = 1) -> list[Path]:
    """Write sheets of items in random order, and the key; returns the paths of the sheets.

    Args:
        items: what to judge.
        name: the set.
        folder: a new or empty folder.
        seed: fixes the order; give each annotator another one.
        parts: number of sheets.

    Raises:
        InputError: the folder is not empty, or there is nothing to judge.
    """
    if folder.exists() and any(folder.iterdir()):
        raise InputError([f"{folder} is not empty. Name a new folder."])
    if not items:
        raise InputError([f"There is nothing in {name} to judge."])
    folder.mkdir(parents=True, exist_ok=True)
    keys: list[dict[str, Any]] = []
    paths = []
    for part, own in enumerate(_spread(items, parts), 1):
        rows = []
        for item in sorted(own, key=lambda one: _order(seed, one)):
            rows.append({"no": len(keys) + 1, **item.shown, "answer": ""})
            keys.append({"no": len(keys) + 1, "item_id": item.item_id, "item_hash": item.item_hash})
        path = folder / f"part-{part}.csv"
        _write(path, _COLUMNS[name], rows)
        paths.append(path)
    _write(folder / KEY, _KEY_COLUMNS, keys)
    return paths


def _read_answers(paths: Iterable[Path]) -> tuple[dict[str, str], list[str]]:
    found, faults = dict[str, str](), list[str]()
    for path in paths:
        for line, row in read_csv_rows(path):
            number, answer = str(row.get("no") or "").strip(), str(row.get("answer") or "").strip()
            if not number or not answer:
                faults.append(f"{path}, line {line}: no number or no answer. Fill it in, or remove the line.")
            elif found.setdefault(number, answer) != answer:
                faults.append(f"{path}, line {line}: item {number} has two different answers. Keep one.")
    return found, faults


def import_answers(  # noqa: PLR0913
    items: Sequence[Item], name: str, answers: Iterable[Path], *, key: Path, annotator: str, votes: Path
) -> int:
    """Append answers to the annotator's file of votes; returns how many.

    Args:
        items: the present texts of the set.
        name: the set.
        answers: CSV files with the columns `no` and `answer`; others are ignored.
        key: the key that `export_items` wrote.
        annotator: an entry of passes.toml.
        votes: the folder that holds passes.toml.

    Raises:
        InputError: every fault with file and line; then nothing is written.
    """
    if annotator not in (known := read_annotators(votes)):
        raise InputError(
            [f"{votes / 'passes.toml'} has no [{annotator}]. Add who judges, when and how. It has: {sorted(known)}."]
        )
    present = {item.item_id: item for item in items}
    keys = {row["no"]: row for _, row in read_csv_rows(key)}
    found, faults = _read_answers(answers)
    target = votes / name / f"{annotator}.csv"
    old = [row for _, row in read_csv_rows(target)] if target.is_file() else []
    judged = {row["item_id"] for row in old}
    new = []
    for number, answer in found.items():
        entry = keys.get(number)
        item = present.get(entry["item_id"]) if entry else None
        if entry is None or item is None:
            faults.append(f"item {number} is not in {key}, or is no longer a text of {name}.")
        elif item.item_hash != entry["item_hash"]:
            faults.append(f"item {number} ({item.item_id}) was another text when it was given out. Give it out again.")
        elif answer not in item.answers:
            faults.append(f"item {number} has the answer {answer!r}, not one of {list(item.answers)}.")
        elif item.item_id in judged:
            faults.append(f"item {number} ({item.item_id}) is in {target} already.")
        else:
            new.append({"item_id": item.item_id, "item_hash": item.item_hash, "value": answer})
    if faults:
        raise InputError(faults)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = sorted([*old, *new], key=lambda row: row["item_id"])
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    _write(draft, ("item_id", "item_hash", "value"), rows)
    draft.replace(target)
    return len(new)
