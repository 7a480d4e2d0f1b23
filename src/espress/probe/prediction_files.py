"""Files of predictions, Parquet or JSON Lines: read and write their rows, and name the rows that are wrong."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.files import check_name, explain_json_error, read_parquet_rows, refuse_repeated_keys, replace_file
from espress.tables import join_few

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SUFFIXES = (".parquet", ".jsonl")
_LONG = 18  # digits from which a whole number is read as a float; no count or score has so many


# ------------------------------------------------------------------------------------------------ read and write


def _parse_float(digits: str) -> float:
    return float(digits.replace("Infinity", "inf"))  # NaN and infinity are read, so that a check can name their rows


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) < _LONG else _parse_float(digits)  # infinite if a float cannot hold it


def _parse_line(line: str) -> Any:
    return json.loads(line, parse_constant=_parse_float, parse_int=_parse_int, object_pairs_hook=refuse_repeated_keys)


def _read_jsonl(path: Path) -> list[dict[str, Any]]:
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


def _check_suffix(path: str | Path) -> Path:
    file = Path(path)
    if file.suffix not in SUFFIXES:
        raise InputError([f"{file}: the name of a predictions file ends in {' or '.join(SUFFIXES)}."])
    return file


def read_rows(path: str | Path, asked: str) -> list[dict[str, Any]]:
    """Return the rows of a file; raises InputError, which says how to list the items of `asked`."""
    file = _check_suffix(path)
    if not file.is_file():
        raise InputError([f"{file}: there is no such file. `espress probe rows {asked}` prints what to predict."])
    try:
        return (_read_jsonl if file.suffix == ".jsonl" else read_parquet_rows)(file)
    except (UnicodeDecodeError, OSError) as error:
        raise InputError([f"{file}: cannot be read as jsonl: {error}."]) from error


def list_files(folder: str | Path) -> list[Path]:
    """Return the predictions files of a folder, sorted by name; raises InputError if there are none."""
    place = Path(folder)
    paths = sorted(path for path in place.glob("*") if path.suffix in SUFFIXES) if place.is_dir() else []
    if not paths:
        raise InputError([f"{place}: holds no predictions ({' or '.join(SUFFIXES)}). `espress probe run` makes some."])
    return paths


def check_writable(path: str | Path) -> Path:
    """Return the path if predictions can be written there; raises InputError. Call it before a long run."""
    file = check_name(_check_suffix(path))
    if not file.parent.is_dir():
        raise InputError([f"{file}: there is no folder {file.parent}. Make it first."])
    return file


def to_line(row: dict[str, Any]) -> str:
    """Return a row as a line of JSON Lines."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def write_rows(rows: Sequence[dict[str, Any]], columns: Iterable[str], path: str | Path) -> None:
    """Write rows to a Parquet or JSONL file, by its suffix; `score` is a number, every other column a string."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = check_writable(path)
    if file.suffix == ".jsonl":
        replace_file(file, "".join(map(to_line, rows)).encode())
        return
    types = pa.schema([(name, pa.float64() if name == "score" else pa.string()) for name in columns])
    buffer = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, types), buffer, compression="zstd", compression_level=19)
    replace_file(file, buffer.getvalue().to_pybytes())


# ------------------------------------------------------------------------------------------------ name what is wrong


def group_faults(faults: Iterable[tuple[str, int]], where: str) -> list[str]:
    """Return one line for each kind of fault, naming the rows that have it, in order of first row."""
    rows: dict[str, list[int]] = {}
    for fault, number in faults:
        rows.setdefault(fault, []).append(number)
    return [f"{where}, row{'s' * (len(found) > 1)} {join_few(found)}: {fault}." for fault, found in rows.items()]


def _check_columns(row: dict[str, Any], columns: Sequence[str], needed: Sequence[str], answer: str) -> Iterator[str]:
    yield from (f"lacks {name!r}" for name in needed if name not in row)
    yield from (f"has the unknown column {name!r}" for name in sorted(set(row) - set(columns)))
    for name, value in row.items():
        if name not in columns:
            continue
        if name == "score":
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
                yield f"score is {value!r}, not a number"
        elif name in needed and name != answer and value is None:
            yield f"{name} is null"
        elif not isinstance(value, str | None):
            yield f"{name} is {value!r}, not a string"


def check_format(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], needed: Sequence[str], answer: str, where: str
) -> None:
    """Raise InputError unless rows have the columns of a format; every fault is listed with its rows.

    Args:
        rows: the rows of a file, which count from 1.
        columns: all columns of the format.
        needed: the columns that a row must have.
        answer: the one of these that may be null.
        where: names the origin of the rows in messages.
    """
    own = ((f, n) for n, row in enumerate(rows, 1) for f in _check_columns(row, columns, needed, answer))
    faults = group_faults(own, where) if rows else [f"{where}: holds no predictions."]
    if faults:
        if rows and "data_version" in rows[0]:
            faults.append("Until 1.0.0, files named a data version; now each row has the hash of its item instead.")
        raise InputError([*faults, f"The columns are {', '.join(columns)}; docs/user/probe.md explains them."])


def is_date(text: str) -> bool:
    """Return whether a text is a date written as 2026-01-31."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_name(text: str) -> bool:
    """Return whether a text can name a system: one line of printable characters without surrounding space."""
    return bool(text) and text == text.strip() and text.isprintable()


def check_system(model: str, ran_on: str) -> Iterator[str]:
    """Yield what is wrong with the name of a system and the date of its run."""
    if not is_name(model):
        yield f"has model {model!r}, which does not name a system: give one line of printable characters"
    if not is_date(ran_on):
        yield f"has ran_on {ran_on!r}, which is not a date such as 2026-01-31"


def check_items(
    answered: Mapping[str, Mapping[int, str]], hashes: Mapping[str, str], name: str, about: str, where: str
) -> list[str]:
    """Return faults of one system's items: inputs that changed since, unknown items, and repeated ones.

    Args:
        answered: for each item, the row numbers of its answers and the hash in each.
        hashes: item_id -> hash, of every item of the task or set.
        name: the task or set.
        about: names the system and what it answered.
        where: names the origin of the rows in messages.
    """
    changed = [item for item, rows in answered.items() if item in hashes and {*rows.values()} != {hashes[item]}]
    faults = []
    if changed:
        faults.append(
            f"{where}: {about} has {len(changed)} of {len(hashes)} items with changed inputs: "
            f"{join_few(changed)}. Predict these items again; `espress probe rows {name}` prints them with their "
            "hashes."
        )
    strays = [
        (f"has the item {item!r}, which {name} does not have", row)
        for item, rows in answered.items()
        for row in rows
        if item not in hashes
    ]
    for item, (first, *others) in answered.items():
        strays += [(f"has the item {item!r} again; it is in row {first} already", row) for row in others]
    return faults + group_faults(strays, where)


def check_missing(answered: Mapping[str, object], wanted: Sequence[str], about: str, where: str) -> list[str]:
    """Return a fault if a system lacks some of the items that are wanted."""
    missing = [item for item in wanted if item not in answered]
    fault = f"{where}: {about} lacks {len(missing)} of {len(wanted)} items: {join_few(missing)}. Give every item; use "
    return [f"{fault}null for an answer that is not a label."] if missing else []
