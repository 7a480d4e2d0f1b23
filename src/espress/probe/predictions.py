"""The predictions format: flat, Parquet or JSONL, a row a prediction, so that a model in any language can be scored."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES = (".parquet", ".jsonl")


@dataclass(frozen=True, order=True)
class Prediction:
    """One answer of one system to one item; the fields are the columns of the file, in this order."""

    task: str
    item_id: str
    prediction: str | None  # a label of the task; null: the system's answer was none, which counts as wrong
    data_version: str
    split: str
    split_hash: str
    model: str
    family: str | None  # of the model, to mark systems of the annotators' family
    ran_on: str  # ISO date
    run: str = "1"  # few-shot draw and prompt, or any repetition
    score: float | None = None  # of the answer, if the system gives one; finite


COLUMNS = tuple(field.name for field in fields(Prediction))
NEEDED = tuple(name for name in COLUMNS if name not in ("run", "score", "family"))
_NULLABLE = ("prediction", "family", "score")
_PLAIN = (str, type(None))
_LONG = 18  # digits: more than any count or score has


def _faults_of(row: dict[str, Any]) -> list[str]:
    faults = [f"lacks {name!r}" for name in NEEDED if name not in row]
    faults += [f"has the unknown column {name!r}" for name in sorted(set(row) - set(COLUMNS))]
    faults += [f"{name} is null" for name in NEEDED if name in row and row[name] is None and name not in _NULLABLE]
    faults += [
        f"{name} is {value!r}, not a string"
        for name, value in row.items()
        if name in COLUMNS and name != "score" and not isinstance(value, _PLAIN)
    ]
    score = row.get("score")
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        faults.append(f"score is {score!r}, not a number")
    return faults


def _prediction(row: dict[str, Any]) -> Prediction:
    whole = {**row, "family": (row.get("family") or "").strip() or None, "run": row.get("run") or "1"}
    whole["prediction"] = (whole["prediction"] or "").strip() or None
    return Prediction(**whole)


def some(things: Iterable[object], most: int = 5) -> str:
    """Return things for a message: the first few, and how many more."""
    found = list(things)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(map(str, found[:most])) + more


def gathered(faults: Iterable[tuple[str, int]], where: str) -> list[str]:
    """Return a line for each kind of fault, naming the rows that have it, in order of first row."""
    rows: dict[str, list[int]] = {}
    for fault, number in faults:
        rows.setdefault(fault, []).append(number)
    return [f"{where}, row{'s' * (len(found) > 1)} {some(found)}: {fault}." for fault, found in rows.items()]


def from_rows(rows: Iterable[dict[str, Any]], where: str) -> tuple[Prediction, ...]:
    """Return predictions from dicts; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: a column is missing, unknown, null or of the wrong type; every fault is listed with its rows.
    """
    found = list(rows)
    faults = gathered(((fault, n) for n, row in enumerate(found, 1) for fault in _faults_of(row)), where)
    if not found:
        faults = [f"{where}: holds no predictions."]
    if faults:
        raise InputError([*faults, f"The columns are {', '.join(COLUMNS)}; docs/user/probe.md says what each holds."])
    return tuple(_prediction(row) for row in found)


def _number(written: str) -> float:
    return float(written.replace("Infinity", "inf"))  # NaN and infinity are read, so that `check` can name their rows


def _whole(digits: str) -> float:
    return int(digits) if len(digits) < _LONG else _number(digits)  # which is infinite where a float cannot hold it


def _json_rows(path: Path) -> list[dict[str, Any]]:
    rows, faults = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").rstrip().split("\n"), 1):
        try:
            row = json.loads(line, parse_constant=_number, parse_int=_whole) if line.strip() else None
        except json.JSONDecodeError as error:
            faults.append((f"is no JSON ({error.msg})", number))
            continue
        if isinstance(row, dict):
            rows.append(row)
        else:
            faults.append(("is empty" if row is None else "is no JSON object", number))
    if faults:
        raise InputError(gathered(faults, str(path)))
    return rows


def read(path: str | Path) -> tuple[Prediction, ...]:
    """Read a predictions file, Parquet or JSONL by its suffix; what the rows say of the data is left to `check`.

    Raises:
        InputError: there is no such file, it cannot be read, or its rows have not the columns of the format.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = Path(path)
    if file.suffix not in SUFFIXES:
        raise InputError([f"{file}: a predictions file ends in {' or '.join(SUFFIXES)}."])
    if not file.is_file():
        raise InputError([f"{file}: there is no such file. `espress probe rows TASK` prints what to predict."])
    try:
        rows = _json_rows(file) if file.suffix == ".jsonl" else pq.ParquetFile(file).read().to_pylist()
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise InputError([f"{file}: cannot be read as {file.suffix[1:]}: {error}."]) from error
    return from_rows(rows, str(file))


def writable(path: str | Path) -> Path:
    """Return the path if predictions can be written there, worth knowing before a long run; raises InputError."""
    file = Path(path)
    if file.suffix not in SUFFIXES:
        raise InputError([f"{file}: a predictions file ends in {' or '.join(SUFFIXES)}."])
    if not file.parent.is_dir():
        raise InputError([f"{file}: there is no folder {file.parent}. Make it first."])
    return file


def write(predictions: Iterable[Prediction], path: str | Path) -> None:
    """Write predictions, sorted, to a Parquet or JSONL file by its suffix; the same predictions give the same bytes.

    Raises:
        InputError: the suffix is neither, or there is no such folder.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = writable(path)
    ordered = sorted(predictions, key=lambda p: (p.model, p.task, p.split, p.run, p.item_id))
    rows = [asdict(prediction) for prediction in ordered]
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return
    columns = [(name, pa.float64() if name == "score" else pa.string()) for name in COLUMNS]
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(columns)), file, compression="zstd")
