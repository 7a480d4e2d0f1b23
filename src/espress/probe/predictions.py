"""The predictions format: a flat Parquet or JSONL file with one row per prediction, for models in any language.

`read` checks the columns of a file, `check` whether its rows fit the data; both list every fault with its rows.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.load import load
from espress.errors import InputError
from espress.files import check_name, explain_json_error, read_parquet_rows, refuse_repeated_keys
from espress.probe.answers import parse_answer
from espress.probe.folds import SPLITS, folds, split_hash
from espress.probe.items import item_hashes, items
from espress.probe.tasks import task, tasks
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SUFFIXES = (".parquet", ".jsonl")


@dataclass(frozen=True, order=True)
class Prediction:
    """One answer of one system to one item; the fields are the columns of the file, in this order."""

    task: str
    item_id: str
    item_hash: str  # of id and inputs; another hash means that the item has changed since
    prediction: str | None  # a label of the task; null if the answer was not a label, which counts as wrong
    split: str
    split_hash: str
    model: str
    family: str | None  # family of the model, to mark systems of an annotator's family
    ran_on: str  # ISO date
    run: str = "1"  # name of the run: few-shot draw and prompt, or any repetition
    score: float | None = None  # score of the answer, if the system gives one; must be finite


COLUMNS = tuple(field.name for field in fields(Prediction))
NEEDED = tuple(name for name in COLUMNS if name not in ("run", "score", "family"))
_LONG = 18  # longest number, in digits; longer than any count or score


# ------------------------------------------------------------------------------------------------ the format


def group_faults(faults: Iterable[tuple[str, int]], where: str) -> list[str]:
    """Return one line for each kind of fault, naming the rows that have it, in order of first row."""
    rows: dict[str, list[int]] = {}
    for fault, number in faults:
        rows.setdefault(fault, []).append(number)
    return [f"{where}, row{'s' * (len(found) > 1)} {join_few(found)}: {fault}." for fault, found in rows.items()]


def _check_columns(row: dict[str, Any]) -> Iterator[str]:
    yield from (f"lacks {name!r}" for name in NEEDED if name not in row)
    yield from (f"has the unknown column {name!r}" for name in sorted(set(row) - set(COLUMNS)))
    for name, value in row.items():
        if name == "score":
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                yield f"score is {value!r}, not a number"
        elif name in NEEDED and name != "prediction" and value is None:
            yield f"{name} is null"
        elif name in COLUMNS and not isinstance(value, str | None):
            yield f"{name} is {value!r}, not a string"


def _make_prediction(row: dict[str, Any]) -> Prediction:
    stripped = {name: (row.get(name) or "").strip() or None for name in ("prediction", "family")}
    labels = next((one.labels for one in tasks() if one.name == row["task"]), ())
    if stripped["prediction"]:  # an answer that gives no label stays as it is, so that `check` can name its row
        stripped["prediction"] = parse_answer(stripped["prediction"], labels) or stripped["prediction"]
    return Prediction(**{**row, **stripped, "run": row.get("run") or "1"})


def parse_rows(rows: Iterable[dict[str, Any]], where: str) -> tuple[Prediction, ...]:
    """Return predictions from dicts; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: a column is missing, unknown, null or of the wrong type; every fault is listed with its rows.
    """
    found = list(rows)
    faults = group_faults(((fault, n) for n, row in enumerate(found, 1) for fault in _check_columns(row)), where)
    if not found:
        faults = [f"{where}: holds no predictions."]
    if faults:
        if found and "data_version" in found[0]:
            faults.append("Until 1.0.0, files named a data version; now each row has the hash of its item instead.")
        raise InputError([*faults, f"The columns are {', '.join(COLUMNS)}; docs/user/probe.md explains them."])
    return tuple(_make_prediction(row) for row in found)


def _parse_float(digits: str) -> float:
    return float(digits.replace("Infinity", "inf"))  # NaN and infinity are read, so that `check` can name their rows


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) < _LONG else _parse_float(digits)  # infinite if a float cannot hold it


def _parse_line(line: str) -> Any:
    return json.loads(line, parse_constant=_parse_float, parse_int=_parse_int, object_pairs_hook=refuse_repeated_keys)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSON Lines file; raises InputError, which lists every line that holds none."""
    rows, faults = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").rstrip().split("\n"), 1):
        try:
            row = _parse_line(line) if line.strip() else None
        except json.JSONDecodeError as error:
            faults.append((f"is not JSON ({error.msg})", number))
            continue
        except (ValueError, RecursionError) as error:
            faults.append((f"cannot be read: {explain_json_error(error)}", number))
            continue
        if isinstance(row, dict):
            rows.append(row)
        else:
            faults.append(("is empty" if row is None else "is not a JSON object", number))
    if faults:
        raise InputError(group_faults(faults, str(path)))
    return rows


def check_suffix(path: str | Path) -> Path:
    """Return the path if its suffix is that of a predictions file; raises InputError."""
    file = Path(path)
    if file.suffix not in SUFFIXES:
        raise InputError([f"{file}: the name of a predictions file ends in {' or '.join(SUFFIXES)}."])
    return file


def read(path: str | Path) -> tuple[Prediction, ...]:
    """Read a predictions file (the suffix says whether Parquet or JSONL); `check` compares its rows with the data.

    Raises:
        InputError: the file does not exist, cannot be read, or does not have the columns of the format.
    """
    return parse_rows(read_rows(path, "TASK"), str(path))


def read_rows(path: str | Path, asked: str) -> list[dict[str, Any]]:
    """Return the rows of a predictions file; raises InputError, which says how to list the items of `asked`."""
    file = check_suffix(path)
    if not file.is_file():
        raise InputError([f"{file}: there is no such file. `espress probe rows {asked}` prints what to predict."])
    try:
        return (read_jsonl if file.suffix == ".jsonl" else read_parquet_rows)(file)
    except (UnicodeDecodeError, OSError) as error:
        raise InputError([f"{file}: cannot be read as jsonl: {error}."]) from error


def check_writable(path: str | Path) -> Path:
    """Return the path if predictions can be written there; raises InputError. Call it before a long run."""
    file = check_name(check_suffix(path))
    if not file.parent.is_dir():
        raise InputError([f"{file}: there is no folder {file.parent}. Make it first."])
    return file


def write(predictions: Iterable[Prediction], path: str | Path) -> None:
    """Write sorted predictions to a Parquet or JSONL file, by its suffix; the same predictions give the same bytes.

    Raises:
        InputError: the suffix is neither of these, or the folder does not exist.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = check_writable(path)
    ordered = sorted(predictions, key=lambda p: (p.model, p.task, p.split, p.run, p.item_id))
    rows = [asdict(prediction) for prediction in ordered]
    if file.suffix == ".jsonl":
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return
    columns = [(name, pa.float64() if name == "score" else pa.string()) for name in COLUMNS]
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(columns)), file, compression="zstd")


# ------------------------------------------------------------------------------------------------ fit to the data


def is_date(text: str) -> bool:
    """Return whether a text is a date written as 2026-01-31."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_name(text: str) -> bool:
    """Return whether a text can name a system: one line of printable characters without surrounding space."""
    return bool(text) and text == text.strip() and text.isprintable()


def is_annotators_family(family: str) -> bool:
    """Return whether a model family is among the annotators; a version or maker added to its name is ignored."""
    known = load("annotations", as_="arrow").column("family").unique().to_pylist()
    return any(re.search(rf"\b{re.escape(one.casefold())}\b", family.casefold()) for one in known if one)


def _check_row(one: Prediction) -> Iterator[str]:
    names = [known.name for known in tasks()]
    if one.task not in names:
        yield f"the unknown task {one.task!r}; tasks are {', '.join(names)}"
    elif one.prediction is not None and one.prediction not in task(one.task).labels:
        known = ", ".join(task(one.task).labels)
        yield f"the unknown label {one.prediction!r}; {one.task} has {known}; use null if it is not a label"
    if one.score is not None and not math.isfinite(one.score):
        yield f"the score {one.score}; leave the score out if the model gave no score"
    if one.split not in SPLITS:
        yield f"the unknown split {one.split!r}; splits are {', '.join(SPLITS)}"
    elif one.split_hash != split_hash(one.split):
        yield f"split hash {one.split_hash!r}, but {one.split!r} has {split_hash(one.split)!r}: these are other folds"
    if not is_name(one.model):
        yield f"model {one.model!r}, which does not name a system: give one line of printable characters"
    if not is_date(one.ran_on):
        yield f"ran_on {one.ran_on!r}, which is not a date such as 2026-01-31"


def _check_ids(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of the items within each system, task, split and run: unknown, changed, repeated, missing ones."""
    found: defaultdict[tuple[str, str, str, str], defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, one in enumerate(predictions, 1):
        found[one.model, one.task, one.split, one.run][one.item_id].append(number)
    faults = []
    for (model, name, split, run), seen in found.items():
        known = {item.item_id: item.article_id for item in items(name)}
        hashes = item_hashes(name)
        changed = [i for i in seen if i in known and any(predictions[n - 1].item_hash != hashes[i] for n in seen[i])]
        if changed:
            faults.append(
                f"{where}: {model!r} answered {len(changed)} of {len(known)} items of {name}, split {split!r}, run "
                f"{run!r}, whose inputs are now different: {join_few(changed)}. Predict these items again; `espress "
                f"probe rows {name}` prints them with their hashes."
            )
        strays = [
            (f"has the item {i!r}, which {name} does not have", n) for i in seen if i not in known for n in seen[i]
        ]
        for item_id, (first, *others) in seen.items():
            strays += [(f"has the item {item_id!r} again; it is in row {first} already", n) for n in others]
        faults += group_faults(strays, where)
        inside = folds(split) if split in SPLITS else {}
        missing = [item_id for item_id, article in known.items() if article in inside and item_id not in seen]
        if missing:
            faults.append(
                f"{where}: {model!r} lacks {len(missing)} of {len(known)} items of {name}, split {split!r}, "
                f"run {run!r}: {join_few(missing)}. Give every item; use null for an answer that is not a label."
            )
    return faults


def _check_systems(predictions: Sequence[Prediction], where: str) -> list[str]:
    """Return faults of systems that have two families or dates in one task and split."""
    given: defaultdict[tuple[str, str, str], dict[tuple[str | None, str], int]] = defaultdict(dict)
    for number, one in enumerate(predictions, 1):
        given[one.model, one.task, one.split].setdefault((one.family, one.ran_on), number)
    return [
        f"{where}, rows {join_few(list(facts.values()))}: {model!r} has several families or dates in {name}, split "
        f"{split!r}; give each system a name of its own."
        for (model, name, split), facts in given.items()
        if len(facts) > 1
    ]


def check(predictions: Sequence[Prediction], where: str = "predictions") -> None:
    """Raise unless predictions can be scored; `where` names their origin in messages, rows count from 1.

    Raises:
        InputError: unknown tasks, labels or splits, scores that are not finite, another split hash, items
            missing, repeated, unknown or changed since; every fault is listed with its rows.
    """
    own = ((f"has {fault}", number) for number, one in enumerate(predictions, 1) for fault in _check_row(one))
    faults = group_faults(own, where)
    known = {one.name for one in tasks()}
    if all(one.task in known for one in predictions):
        faults += _check_ids(predictions, where)
    faults += _check_systems(predictions, where)
    if faults:
        raise InputError(faults)
