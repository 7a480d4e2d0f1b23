"""Small tables of constructed items, in which every row is kept unless a test says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Row = dict[str, Any]
    Save = Callable[[str, Iterable[Row]], Path]

ABOUT = {
    "set": "check",
    "split": "test",
    "languages": ("en",),
    "model": "mine",
    "family": None,
    "same_family_as_annotators": None,
    "ran_on": ("2026-01-31",),
    "trained_on": (),
    "data_version": "0",
    "failed": 0,
    "failed_examples": (),
    "hint": None,
    "may_claim": (),
    "may_not_claim": (),
}


def make_case(frame: str, fill: int, label: str = "yes", **about: Any) -> Row:
    """Return a row of `check`; frame is FUNCTION/FRAME."""
    return {
        "case_id": f"{frame}/{fill}",
        "function": frame.partition("/")[0],
        "task": "relevance",
        "language": "en",
        "text": f"Sentence {fill} of {frame}.",
        "context_before": [],
        "context_after": [],
        "proposition_id": "covert_activity_by_cn",
        "source": None,
        "source_start": None,
        "source_end": None,
        "label": label,
        "states": ["CN", "NL"],
        "frame_id": frame,
        "fill_id": fill,
        "pair_id": None,
        "pair_kind": None,
        "split": "test",
        "votes": [],
        "kept": True,
        "canary": "canary",
        **about,
    }


def make_article(sheet: str, register: str, stance: str, swap: str | None = None, **about: Any) -> Row:
    """Return a row of `stance_articles`; the register `control` makes a control."""
    own = f"{sheet}/control" if register == "control" else f"{sheet}/{register}/{stance}"
    return {
        "article_id": f"{own}/{swap}" if swap else own,
        "sheet_id": sheet,
        "title": f"Title of {own}",
        "text": f"Text of {own}, {swap}.",
        "language": "en",
        "n_words": 5,
        "stance": stance,
        "devices": [] if stance == "neither" else ["factive_verb"],
        "register": register,
        "is_control": register == "control",
        "one_side": "charger" if register == "control" else None,
        "event_type": "arrest",
        "state_accused": "CN",
        "state_accusing": "NL",
        "swap_of": own if swap else None,
        "swap_kind": swap,
        "split": "test",
        "votes": [],
        "kept": True,
        "canary": "canary",
        **about,
    }


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Return a function that writes rows of a table to a file."""

    def write(table: str, rows: Iterable[Row]) -> Path:
        path = tmp_path / f"{table}-{len(list(tmp_path.iterdir()))}.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows), arrow_schema(schema().table(table))), path)
        return path

    return write


@pytest.fixture
def cases(save: Save) -> Path:
    """Return a table of 8 cases of `train` and 8 of `test`, of two functions with two frames of two fillings each."""
    rows = [
        make_case(f"{function}/f{number + 2 * (split == 'test')}", fill, label, split=split)
        for split in ("train", "test")
        for function, label in (("step", "yes"), ("job", "no"))
        for number in (1, 2)
        for fill in (1, 2)
    ]
    return save("check", rows)
