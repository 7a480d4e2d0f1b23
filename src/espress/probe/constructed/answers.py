"""The predictions file of the constructed sets: one row per answer, in Parquet or JSON Lines, written as answers come.

`read` checks the columns of a file, `check` compares its rows with the items; both list every fault with its rows.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError
from espress.files import replace_file
from espress.probe.constructed.items import choose_items, read_items
from espress.probe.constructed.questions import SETS
from espress.probe.prediction_files import (
    SUFFIXES,
    check_format,
    check_items,
    check_missing,
    check_system,
    check_writable,
    group_faults,
    read_rows,
    to_line,
    write_rows,
)
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from espress.probe.constructed.items import SetItem


@dataclass(frozen=True, order=True)
class SetAnswer:
    """One answer of one system to one item; the fields are the columns of the file, in this order."""

    model: str
    set: str  # check or stance
    item_id: str
    item_hash: str  # of id and inputs; another hash means that the item has changed since
    answer: str | None  # as the model gave it; an answer that is not a label counts as wrong
    ran_on: str  # ISO date
    family: str | None = None  # family of the model
    trained_on: str | None = None  # items on which the model was trained; None if it was not trained here


COLUMNS = tuple(field.name for field in fields(SetAnswer))
NEEDED = ("model", "set", "item_id", "item_hash", "answer", "ran_on")
_BEGINNING = b'{"model": '  # of a file that a run wrote


# ------------------------------------------------------------------------------------------------ the format


def is_set_file(path: str | Path) -> bool:
    """Return whether a predictions file is one of the constructed sets: whether its first row has a column `set`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = Path(path)
    if file.suffix not in SUFFIXES or not file.is_file():
        return False
    try:
        if file.suffix == ".parquet":
            return "set" in pq.read_schema(file).names
        with file.open(encoding="utf-8-sig", errors="replace") as lines:
            return "set" in json.loads(next((line for line in lines if line.strip()), ""))
    except (pa.ArrowException, OSError, ValueError, TypeError, RecursionError):
        return False


def read(path: str | Path) -> tuple[SetAnswer, ...]:
    """Read a predictions file (the suffix says whether Parquet or JSONL); `check` compares its rows with the items.

    Raises:
        InputError: the file does not exist, cannot be read, or does not have the columns of the format.
    """
    rows = read_rows(path, "check")
    check_format(rows, COLUMNS, NEEDED, "answer", str(path))
    return tuple(SetAnswer(**row) for row in rows)


def write(answers: Iterable[SetAnswer], path: str | Path) -> None:
    """Write sorted answers to a Parquet or JSONL file, by its suffix; the same answers give the same bytes.

    Raises:
        InputError: the suffix is neither of these, or the folder does not exist.
    """
    ordered = sorted(answers, key=lambda one: (one.model, one.set, one.item_id))
    write_rows([asdict(one) for one in ordered], COLUMNS, path)


# ------------------------------------------------------------------------------------------------ resumable runs


def _partial(file: Path) -> Path:
    """Return the file to which answers are appended: Parquet cannot be appended to."""
    return file if file.suffix == ".jsonl" else file.with_name(f"{file.name}.partial.jsonl")


def _mend_last_line(path: Path) -> None:
    """End the last line of a predictions file, or remove it if it was not written whole."""
    data = path.read_bytes()
    if data.endswith(b"\n") or not data.startswith(_BEGINNING):
        return
    start = data.rfind(b"\n") + 1
    try:
        json.loads(data[start:])
    except ValueError:
        replace_file(path, data[:start])
    else:
        replace_file(path, data + b"\n")


def _read_earlier(file: Path) -> list[SetAnswer]:
    found: list[SetAnswer] = []
    for path in dict.fromkeys((file, _partial(file))):
        if path.suffix == ".jsonl" and path.is_file():
            _mend_last_line(path)
        if path.is_file() and path.stat().st_size:
            found += read(path)
    return found


class Recorder:
    """Answers given earlier, and the place to which new ones are appended, batch by batch."""

    def __init__(self, file: Path | None, earlier: Sequence[SetAnswer]) -> None:
        """Prepare to append to a file that holds the earlier answers; None keeps answers in memory only."""
        self._file = file
        self.answers = {(one.set, one.item_id): one for one in earlier}

    def has(self, name: str, item: SetItem, trained_on: str | None) -> bool:
        """Return whether the model, trained on the same items, has answered an item as it is now."""
        known = self.answers.get((name, item.item_id))
        return known is not None and (known.item_hash, known.trained_on) == (item.item_hash, trained_on)

    def add(self, batch: Sequence[SetAnswer]) -> None:
        """Keep the answers of a batch, on the disk too."""
        self.answers |= {(one.set, one.item_id): one for one in batch}
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.writelines(to_line(asdict(one)) for one in batch)
                lines.flush()
                os.fsync(lines.fileno())


@contextmanager
def record(out: str | Path | None, model: str, wanted: Callable[[SetAnswer], bool]) -> Iterator[Recorder]:
    """Yield the recorder of a run; at its end the file is complete and sorted.

    If the run stops, whatever the reason, the file (or, for Parquet, `FILE.partial.jsonl` beside it) holds every answer
    of the batches before, and the next run with the same file continues there.

    Args:
        out: the predictions file, or None.
        model: name of the system.
        wanted: whether an earlier answer still fits; others are dropped from the file.

    Raises:
        InputError: the file cannot be written, is not a predictions file, or holds answers of another system.
    """
    if out is None:
        yield Recorder(None, [])
        return
    file = check_writable(out)
    earlier = _read_earlier(file)
    if others := sorted({one.model for one in earlier} - {model}):
        raise InputError([f"{file}: holds answers of {join_few(others)}, not of {model!r}. Name another file."])
    kept = list({(one.set, one.item_id): one for one in earlier if wanted(one)}.values())
    partial = _partial(file)
    if len(kept) < len(earlier) or partial != file:
        replace_file(partial, "".join(to_line(asdict(one)) for one in kept).encode())
    recorder = Recorder(partial, kept)
    yield recorder
    write(recorder.answers.values(), file)
    if partial != file:
        partial.unlink()


# ------------------------------------------------------------------------------------------------ fit to the items


def _check_row(one: SetAnswer) -> Iterator[str]:
    if one.set not in SETS:
        yield f"has the unknown set {one.set!r}; sets are {', '.join(SETS)}"
    yield from check_system(one.model, one.ran_on)


def _check_ids(
    answered: dict[str, dict[int, str]], model: str, name: str, data: str | Path | None, where: str
) -> list[str]:
    """Return faults of one system's answers to one set: unknown, changed, repeated and missing items."""
    items = {item.item_id: item for item in read_items(name, data)}
    hashes = {item_id: item.item_hash for item_id, item in items.items()}
    faults = check_items(answered, hashes, name, f"{model!r} on {name}", where)
    for split, language in sorted({(items[i].split, items[i].language) for i in answered if i in items}):
        wanted = [item.item_id for item in choose_items(items.values(), split, language) if item.kept]
        about = f"{model!r} on {name}, split {split!r}, language {language!r},"
        faults += check_missing(answered, wanted, about, where)
    return faults


def check(answers: Sequence[SetAnswer], where: str = "predictions", data: str | Path | None = None) -> None:
    """Raise unless answers can be scored.

    Args:
        answers: the rows of a predictions file, which count from 1.
        where: names their origin in messages.
        data: a Parquet file to use instead of the published table.

    Raises:
        InputError: unknown sets, or items missing, repeated, unknown or changed since; every fault is listed.
    """
    faults = group_faults(((fault, n) for n, one in enumerate(answers, 1) for fault in _check_row(one)), where)
    systems: defaultdict[tuple[str, str], defaultdict[str, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    families: defaultdict[str, set[str | None]] = defaultdict(set)
    for number, one in enumerate(answers, 1):
        systems[one.model, one.set][one.item_id][number] = one.item_hash
        families[one.model].add(one.family)
    for (model, name), answered in systems.items():
        if name in SETS:
            faults += _check_ids(answered, model, name, data, where)
    several = [model for model, known in families.items() if len(known) > 1]
    faults += [f"{where}: {model!r} has several families. Give each system a different name." for model in several]
    if faults:
        raise InputError(faults)
