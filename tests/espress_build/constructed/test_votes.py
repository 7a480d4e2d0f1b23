"""Votes: read with the texts that they are about, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from espress.errors import InputError
from espress_build.constructed.votes import Vote, hash_item, is_kept, read_votes

if TYPE_CHECKING:
    from pathlib import Path

ONE, OTHER = hash_item("one"), hash_item("other")
HASHES = {"a": ONE, "b": OTHER}
PASSES = """
[anna]
kind = "human"
codebook = "2.0.0"
judged = "2026-12-01"
note = "Read all."

[pass-1]
kind = "model"
codebook = "2.0.0"
judged = "2026-12-01"
note = "Fresh."
"""


def write(folder: Path, **files: str) -> Path:
    (folder / "check").mkdir()
    (folder / "passes.toml").write_text(PASSES, encoding="utf-8")
    for name, rows in files.items():
        text = f"item_id,item_hash,value\n{rows}"
        (folder / "check" / f"{name.replace('_', '-')}.csv").write_text(text, encoding="utf-8")
    return folder


def test_votes_of_persons_come_first(tmp_path: Path) -> None:
    folder = write(tmp_path, anna=f"a,{ONE},yes\n", pass_1=f"a,{ONE},no\nb,{OTHER},yes\n")
    assert read_votes(folder, "check", HASHES) == {
        "a": [Vote("anna", "human", "yes"), Vote("pass-1", "model", "no")],
        "b": [Vote("pass-1", "model", "yes")],
    }


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        (f"c,{ONE},yes\n", "line 2: there is no item 'c'"),
        (f"a,{OTHER},yes\n", "line 2: a was another text when it was judged"),
        (f"a,{ONE},yes\na,{ONE},no\n", "line 3: a is judged twice"),
    ],
)
def test_a_vote_that_fits_no_text_is_named_with_file_and_line(rows: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=what):
        read_votes(write(tmp_path, pass_1=rows), "check", HASHES)


def test_an_annotator_whom_nobody_describes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ben is not in"):
        read_votes(write(tmp_path, ben=f"a,{ONE},yes\n"), "check", HASHES)


def _votes(kind: str, *values: str) -> list[Vote]:
    return [Vote(f"{kind}-{n}", kind, value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("votes", "kept"),
    [
        ([], False),
        (_votes("model", "yes"), False),
        (_votes("model", "yes", "yes", "no"), True),
        (_votes("model", "yes", "no", "no"), False),
        (_votes("human", "no") + _votes("model", "yes", "yes", "yes"), False),
        (_votes("human", "yes") + _votes("model", "no", "no", "no"), True),
        (_votes("human", "yes", "no"), False),
    ],
)
def test_persons_decide_and_without_them_two_passes(votes: list[Vote], kept: bool) -> None:  # noqa: FBT001
    assert is_kept("yes", votes) is kept


@given(st.lists(st.sampled_from(["yes", "no"]), max_size=6), st.randoms())
def test_the_order_of_votes_does_not_matter(values: list[str], random: object) -> None:
    votes = _votes("model", *values)
    shuffled = list(votes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert is_kept("yes", votes) == is_kept("yes", shuffled) == (values.count("yes") >= 2)
