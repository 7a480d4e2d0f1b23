"""The items of the constructed sets: the rows that a model receives, and the right answers, which only scoring uses."""

from __future__ import annotations

from collections import Counter
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from espress.data.load import load
from espress.errors import InputError, UnknownNameError
from espress.files import read_parquet_rows
from espress.probe.constructed.questions import ENGLISH, SPLITS, find_set
from espress.probe.items import THE_OUTLET, Item, mark_in_context
from espress.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from espress.probe.items import Row
    from espress.probe.tasks import Task

CONTRAST = "contrast"  # function and kind of group of the sentences that were written one by one
_CHINA = "CN"


class SetItem(Item):
    """One question of a constructed set."""

    HASH_DIGITS: ClassVar[int] = 16

    @cached_property
    def split(self) -> str:
        """The split: train, dev or test."""
        return str(self.record["split"])

    @cached_property
    def language(self) -> str:
        """The ISO 639-1 code of the language."""
        return str(self.record["language"])

    @cached_property
    def kept(self) -> bool:
        """Whether enough annotators gave the right answer; items that are not kept count in no score."""
        return bool(self.record["kept"])

    def row(self, needs: tuple[str, ...] = ()) -> Row:
        """Return the row that a model receives: `item_id`, `task`, the inputs, and the columns named in `needs`."""
        return {"item_id": self.item_id, "task": self.record.get("task", "stance"), **super().row(needs)}


@cache
def _read_statements() -> dict[str, str]:
    rows = load("propositions", as_="arrow").select(["proposition_id", "statement"]).to_pylist()
    return {row["proposition_id"]: row["statement"] for row in rows}


def _describe_source(record: Row) -> str | None:
    """Return the words that name the source; None for questions whose answer they would reveal."""
    if record["task"] not in ("position", "cue_strength"):
        return None
    return record["source"] or (THE_OUTLET if record["task"] == "position" else None)


def _make_case(record: Row) -> SetItem:
    task = record["task"].replace("_", "-")
    before, after = ("\n".join(record[f"context_{side}"]) for side in ("before", "after"))
    inputs = {
        "text": record["text"],
        "context": mark_in_context(before, record["text"], after),
        "proposition": _read_statements()[record["proposition_id"]],
        "source": _describe_source(record),
    }
    # `source_words` is for the baseline that sees only these words
    return SetItem(
        record["case_id"], f"check-{task}", inputs, record["label"], {**record, "source_words": record["source"]}
    )


def _make_article(record: Row) -> SetItem:
    charge = "covert_activity_by_cn" if record["state_accused"] == _CHINA else "covert_activity_against_cn"
    inputs = {"title": record["title"], "text": record["text"], "proposition": _read_statements()[charge]}
    return SetItem(record["article_id"], "stance", inputs, record["stance"], record)


_MAKE = {"check": _make_case, "stance": _make_article}


def _read_data(path: Path, table: str) -> list[Row]:
    """Return the rows of a Parquet file with the columns of a table; raises InputError."""
    if not path.is_file():
        raise InputError([f"{path}: there is no such file. `espress-build sheets FOLDER --out FILE` writes one."])
    rows = read_parquet_rows(path)
    wanted, found = {column.name for column in schema().table(table).columns}, set(rows[0]) if rows else set[str]()
    if not rows or wanted - found:
        lacks = f"lacks the columns {', '.join(sorted(wanted - found))}" if rows else "holds no rows"
        raise InputError([f"{path}: {lacks}. Give a table with the columns of `{table}`; see `espress info {table}`."])
    key = next(iter(schema().table(table).key))
    if doubled := [name for name, n in Counter(row[key] for row in rows).items() if n > 1]:
        raise InputError([f"{path}: has several rows of {', '.join(map(str, doubled[:5]))}. Keep one of each."])
    return rows


@cache
def _read_items(name: str, path: Path | None, changed: int) -> tuple[SetItem, ...]:  # noqa: ARG001 -- keys the cache
    table = find_set(name).table
    rows = load(table, as_="arrow").to_pylist() if path is None else _read_data(path, table)
    return tuple(sorted(map(_MAKE[name], rows), key=lambda item: item.item_id))


def read_items(name: str, data: str | Path | None = None) -> tuple[SetItem, ...]:
    """Return all items of a set, of every split and language, sorted by id, kept or not.

    Args:
        name: check or stance.
        data: a Parquet file with the columns of the set's table, to use instead of the published one.

    Raises:
        UnknownNameError: there is no such set.
        InputError: the file is missing, cannot be read, lacks columns, or has two rows of one id.
    """
    find_set(name)
    path = None if data is None else Path(data).resolve()
    return _read_items(name, path, path.stat().st_mtime_ns if path and path.is_file() else 0)


def choose_items(found: Iterable[SetItem], split: str, language: str | None = ENGLISH) -> list[SetItem]:
    """Return the items of a split in a language; None means every language.

    Raises:
        UnknownNameError: the split does not exist, or no item is in the language.
    """
    if split not in SPLITS:
        raise UnknownNameError("split", split, list(SPLITS), "These are the splits of the constructed sets.")
    every = list(found)
    languages = sorted({item.language for item in every})
    if language is not None and language not in languages:
        raise UnknownNameError("language", language, languages, "`None` means all of them.")
    return [item for item in every if item.split == split and language in (None, item.language)]


def is_variant(item: Item) -> bool:
    """Return whether an article is a control or a copy with something exchanged, which no model is trained on."""
    return bool(item.record.get("is_control") or item.record.get("swap_kind"))


def list_training(pool: Iterable[SetItem], question: Task, language: str) -> list[SetItem]:
    """Return the kept items of the split `train` that ask a question, without controls and copies."""
    own = [item for item in pool if item.task == question.name and item.language == language]
    return [item for item in own if item.split == "train" and item.kept and not is_variant(item)]


def is_in_score(item: Item) -> bool:
    """Return whether an item is in the main score; contrast cases, controls and copies are not."""
    return item.record.get("function") != CONTRAST and not is_variant(item)


def kept_items(found: Sequence[SetItem], name: str, split: str, language: str | None) -> list[SetItem]:
    """Return the kept items of a choice.

    Raises:
        InputError: none is kept.
    """
    kept = [item for item in found if item.kept]
    if not kept:
        where = f"{name}, split {split!r}, {'all languages' if language is None else f'language {language!r}'}"
        fault = f"{where}: none of {len(found):,} items is kept, because too few annotators have judged them. "
        raise InputError([fault + "Only kept items are scored; choose another split, language or data version."])
    return kept


def rows(
    name: str,
    split: str = "test",
    language: str | None = ENGLISH,
    *,
    needs: tuple[str, ...] = (),
    data: str | Path | None = None,
) -> list[Row]:
    """Return the rows that a model receives, one for each kept item.

    Rows of `check` hold `item_id`, `task`, `text`, `context` (the sentences around it, one a line, the sentence itself
    between `>>>` and `<<<`), `proposition` and `source` (the words that name the source; null except for position and
    cue strength). Rows of `stance` hold `item_id`, `task`, `title`, `text` (one sentence a line) and `proposition`.

    Args:
        name: check or stance.
        split: train, dev or test.
        language: language of the cases; None for all.
        needs: further columns of the set's table.
        data: a Parquet file to use instead of the published table.

    Raises:
        UnknownNameError: there is no such set, split, language or column.
        InputError: no item is kept, or the file cannot be used.
    """
    asked = kept_items(choose_items(read_items(name, data), split, language), name, split, language)
    for column in needs:
        if column not in asked[0].record:
            raise UnknownNameError("column", column, list(asked[0].record))
    return [item.row(needs) for item in asked]
