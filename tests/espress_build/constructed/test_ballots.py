"""Ballots: what annotators see gives nothing away, and their answers become votes on the very texts that they saw."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from espress.errors import InputError
from espress_build.constructed.ballots import Item, export_items, import_answers

if TYPE_CHECKING:
    from pathlib import Path

ANSWERS = ("yes", "no")
ITEMS = [
    Item(f"step/f{frame:02d}/{fill}", f"hash-{frame}-{fill}",
         dict.fromkeys(("task", "proposition", "before", "after", "source"), "") | {"text": f"Text {frame} {fill}."},
         f"step/f{frame:02d}", fill, ANSWERS)
    for frame in range(1, 5) for fill in range(1, 6)
]  # fmt: skip


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    folder = tmp_path / "votes"
    folder.mkdir()
    entry = '[anna]\nkind = "human"\ncodebook = "2.0.0"\njudged = "2026-12-01"\nnote = "Read all."\n'
    (folder / "passes.toml").write_text(entry, encoding="utf-8")
    return folder


def test_sheets_hold_every_item_once_without_its_id_and_spread_the_fillings_of_a_frame(tmp_path: Path) -> None:
    paths = export_items(ITEMS, "check", tmp_path / "out", "anna", parts=5)
    rows = [row for path in paths for row in _read(path)]
    assert sorted(row["text"] for row in rows) == sorted(item.shown["text"] for item in ITEMS)
    assert not any(item.item_id in path.read_text(encoding="utf-8") for path in paths for item in ITEMS)
    for path in paths:
        frames = [row["text"].split()[1] for row in _read(path)]
        assert len(set(frames)) == len(frames)


def test_another_annotator_gets_another_order_and_the_same_one_the_same(tmp_path: Path) -> None:
    orders = [
        [row["text"] for row in _read(export_items(ITEMS, "check", tmp_path / place, seed)[0])]
        for place, seed in (("a", "anna"), ("b", "ben"), ("c", "anna"))
    ]
    assert orders[0] == orders[2] != orders[1]


def _answer(folder: Path, rows: dict[str, str]) -> Path:
    path = folder / "answers.csv"
    path.write_text("no,answer\n" + "".join(f"{no},{answer}\n" for no, answer in rows.items()), encoding="utf-8")
    return path


def test_answers_become_votes_on_the_items_of_the_key(tmp_path: Path, votes: Path) -> None:
    [sheet] = export_items(ITEMS, "check", tmp_path / "out", "anna")
    given = {row["no"]: "yes" if row["text"].startswith("Text 1") else "no" for row in _read(sheet)}
    key = tmp_path / "out" / "key.csv"
    assert import_answers(ITEMS, "check", [_answer(tmp_path, given)], key=key, annotator="anna", votes=votes) == 20
    for row in _read(votes / "check" / "anna.csv"):
        assert row["value"] == ("yes" if row["item_id"].startswith("step/f01/") else "no")
        assert row["item_hash"] == f"hash-{int(row['item_id'][6:8])}-{row['item_id'][-1]}"


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ({"1": "maybe"}, "'maybe', not one of"),
        ({"99": "yes"}, "item 99 is not in"),
        ({"1": ""}, "line 2: no number or no answer"),
    ],
)
def test_bad_answers_are_named_and_nothing_is_written(
    rows: dict[str, str], what: str, tmp_path: Path, votes: Path
) -> None:
    export_items(ITEMS, "check", tmp_path / "out", "anna")
    key = tmp_path / "out" / "key.csv"
    with pytest.raises(InputError, match=what):
        import_answers(ITEMS, "check", [_answer(tmp_path, rows)], key=key, annotator="anna", votes=votes)
    assert not (votes / "check").exists()


def test_a_text_that_changed_since_it_was_given_out_is_refused(tmp_path: Path, votes: Path) -> None:
    export_items(ITEMS, "check", tmp_path / "out", "anna")
    changed = [Item(i.item_id, "other", i.shown, i.group, i.position, i.answers) for i in ITEMS]
    key = tmp_path / "out" / "key.csv"
    with pytest.raises(InputError, match="was another text when it was given out"):
        import_answers(changed, "check", [_answer(tmp_path, {"1": "yes"})], key=key, annotator="anna", votes=votes)


def test_an_item_is_not_judged_twice_by_one_annotator(tmp_path: Path, votes: Path) -> None:
    export_items(ITEMS, "check", tmp_path / "out", "anna")
    given = {"key": tmp_path / "out" / "key.csv", "annotator": "anna", "votes": votes}
    answers = [_answer(tmp_path, {"1": "yes"})]
    assert import_answers(ITEMS, "check", answers, **given) == 1  # type: ignore[arg-type]
    with pytest.raises(InputError, match="already"):
        import_answers(ITEMS, "check", answers, **given)  # type: ignore[arg-type]
