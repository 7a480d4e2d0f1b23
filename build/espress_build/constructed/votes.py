"""Votes on constructed texts, given by annotators who saw neither how a text was made nor its right answer."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress_build.inputs.toml_files import read_csv_rows, read_toml, structure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FEWEST_AGREEING = 2  # model passes that must give the right answer
_COLUMNS = ["item_id", "item_hash", "value"]


@dataclass(frozen=True)
class Annotator:
    """Who judged: an entry of passes.toml."""

    kind: str  # model or human
    codebook: str
    judged: str  # the day, YYYY-MM-DD
    note: str
    family: str = ""
    prompt: str = ""  # file in the folder


@dataclass(frozen=True)
class Vote:
    """One answer."""

    annotator: str
    annotator_kind: str
    value: str


def hash_item(*shown: object) -> str:
    """Return the hash that ties a vote to the judged text: the first 16 digits of the SHA-256 of the words shown."""
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]


def read_annotators(folder: Path) -> dict[str, Annotator]:
    """Read passes.toml; raises InputError."""
    path = folder / "passes.toml"
    raw = read_toml(path) if path.is_file() else {}
    read = {name: structure(Annotator, entry, f"{path}: [{name}]") for name, entry in raw.items()}
    faults = [fault for _, found in read.values() for fault in found]
    found = {name: annotator for name, (annotator, _) in read.items() if annotator}
    faults += [f"{path}: [{name}]: kind is {one.kind!r}, not model or human" for name, one in found.items()
               if one.kind not in ("model", "human")]  # fmt: skip
    if faults:
        raise InputError(faults)
    return found


def read_votes(folder: Path, name: str, hashes: Mapping[str, str]) -> dict[str, list[Vote]]:
    """Read the votes on one set: item_id -> votes, persons first.

    Args:
        folder: holds passes.toml and, for each set, a folder with one CSV file an annotator.
        name: the set, `check` or `stance_articles`.
        hashes: item_id -> hash of what was shown, of all items.

    Raises:
        InputError: every fault with file and line: an unknown annotator or item, two votes of one annotator on an item,
            or a vote on another text than the present one.
    """
    annotators, faults = read_annotators(folder), list[str]()
    votes: dict[str, list[Vote]] = defaultdict(list)
    persons = {annotator for annotator, one in annotators.items() if one.kind == "human"}
    files = sorted((folder / name).glob("*.csv"), key=lambda path: (path.stem not in persons, path.stem))
    for path in files:
        if path.stem not in annotators:
            faults.append(f"{path}: {path.stem} is not in {folder / 'passes.toml'}. Add who judged, when and how.")
            continue
        seen = set[str]()
        for line, row in read_csv_rows(path):
            where = f"{path}, line {line}"
            if list(row) != _COLUMNS or None in row.values():
                faults.append(f"{where}: the columns must be {_COLUMNS}.")
                break
            item, value = row["item_id"], row["value"]
            if item not in hashes:
                faults.append(f"{where}: there is no item {item!r}. Remove the line.")
            elif row["item_hash"] != hashes[item]:
                faults.append(f"{where}: {item} was another text when it was judged. Remove the line; judge it again.")
            elif item in seen:
                faults.append(f"{where}: {item} is judged twice. Keep one line.")
            else:
                votes[item].append(Vote(path.stem, annotators[path.stem].kind, value))
            seen.add(item)
    if faults:
        raise InputError(faults)
    return votes


def is_kept(label: str, votes: Iterable[Vote], fewest: int = FEWEST_AGREEING) -> bool:
    """Return whether enough annotators gave the right answer.

    If persons judged the item, more than half of them must; otherwise at least `fewest` model passes.
    """
    given = list(votes)
    persons = [vote.value == label for vote in given if vote.annotator_kind == "human"]
    if persons:
        return 2 * sum(persons) > len(persons)
    return sum(vote.value == label for vote in given) >= fewest
