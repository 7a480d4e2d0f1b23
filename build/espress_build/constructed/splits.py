"""Split constructed texts into train, dev and test; frames, sheets and pairs of frames are never divided.

A frame or sheet that a release published keeps the split that `state/constructed_splits.csv` lists.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.files import replace_file
from espress.near_duplicates import LinkedGroups
from espress_build.inputs.toml_files import read_csv_rows
from espress_build.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "constructed_splits.csv"
_COLUMNS = ["group", "split", "since"]
Shares = dict[str, float]  # split -> its share of the groups
FRAME_SHARES: Shares = {"train": 1 / 3, "dev": 1 / 6, "test": 1 / 2}
SHEET_SHARES: Shares = {"train": 1 / 2, "dev": 1 / 8, "test": 3 / 8}


def join_linked(names: Iterable[str], links: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of names that are linked, directly or through others."""
    family, groups = LinkedGroups[str](), defaultdict[str, list[str]](list)
    for one, other in links:
        family.link(one, other)
    for name in sorted(names):
        groups[family.name(name)].append(name)
    return list(groups.values())


def assign_splits(
    strata: Mapping[str, tuple[str, ...]], links: Iterable[tuple[str, str]], shares: Shares, frozen: Mapping[str, str]
) -> dict[str, str]:
    """Return the split of each group, so that each stratum comes as near to the shares as its links allow.

    Args:
        strata: group (a frame or sheet) -> the strata to which it belongs, such as its function.
        links: pairs of groups that must be in one split.
        shares: split -> share.
        frozen: group -> split, of the groups that a release published.

    Raises:
        InputError: groups that are linked were frozen in different splits.
    """
    sizes = Counter(stratum for own in strata.values() for stratum in own)
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    found: dict[str, str] = {}

    def take(groups: list[str], split: str) -> None:
        for group in groups:
            found[group] = split
            taken[split].update(strata[group])

    def miss(groups: list[str], split: str) -> float:
        """Return by how much the strata of these groups fall short of their share of the split."""
        own = Counter(stratum for group in groups for stratum in strata[group])
        return sum(n * (shares[split] * sizes[one] - taken[split][one]) / sizes[one] for one, n in own.items())

    open_ = []
    for groups in join_linked(strata, links):
        known = {frozen[group] for group in groups if group in frozen}
        if len(known) > 1:
            pairs = ", ".join(groups)
            raise InputError([f"{FILE}: {pairs} are pairs and must be in one split, not in {sorted(known)}."])
        if known:
            take(groups, known.pop())
        else:
            open_.append(groups)
    open_.sort(key=lambda groups: (-len(groups), hashlib.sha256(groups[0].encode()).hexdigest()))
    for groups in open_:
        take(groups, max(shares, key=lambda split: miss(groups, split)))
    return {group: found[group] for group in strata}


def read_splits(state: Path | None) -> dict[str, str]:
    """Read the frozen splits: group -> split; empty before the first release. Raises InputError."""
    path = state and state / FILE
    if path is None or not path.is_file():
        return {}
    rows = read_csv_rows(path)
    faults = [f"{path}, line {line}: the columns must be {_COLUMNS}, none empty" for line, row in rows
              if list(row) != _COLUMNS or not all(row.values())]  # fmt: skip
    found = {row["group"]: row["split"] for _, row in rows if not faults}
    if not faults and len(found) < len(rows):
        faults = [f"{path}: a group is listed twice; keep the line that was added first"]
    if faults:
        raise InputError(faults)
    return found


def collect_splits(dataset: Path) -> dict[str, str]:
    """Return the split of each frame and sheet of a dataset folder."""
    found: dict[str, str] = {}
    for table, group in (("check", "frame_id"), ("stance_articles", "sheet_id")):
        rows = read_table(dataset, table).select([group, "split"]).to_pylist()
        found |= {row[group]: row["split"] for row in rows}
    return found


def freeze_splits(state: Path, splits: Mapping[str, str], version: str) -> int:
    """Append the groups that the file does not list yet, with the release that publishes them; return how many."""
    known, path, lines = read_splits(state), state / FILE, io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    if not path.exists():
        writer.writerow(_COLUMNS)
    new = [(group, split, version) for group, split in sorted(splits.items()) if group not in known]
    writer.writerows(new)
    replace_file(path, (path.read_bytes() if path.exists() else b"") + lines.getvalue().encode())
    return len(new)
