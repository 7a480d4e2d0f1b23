"""Any corpus as a table of text columns: files of four kinds, and what Python holds in memory."""

from __future__ import annotations

import difflib
import json
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.shortcut_audit.read.columns import NAMED_AT_MOST, Counting, Texts, class_names, from_arrow, locate
from espress.shortcut_audit.read.encoding import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

_BATCH = 1 << 14
_SPLIT = "split"
_TAKEN = (
    "a path to a CSV, JSON Lines, Parquet or Excel file, a pandas or polars DataFrame, a pyarrow Table, a "
    "datasets.Dataset or DatasetDict, or a list of dicts"
)


@dataclass(frozen=True)
class Wanted:
    """The names of the columns that an audit reads; no other column is held in memory."""

    text: str
    label: str
    groups: tuple[str, ...]
    split: str | None = None
    cluster: str | None = None
    model: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Each name once, in the order text, label, groups, split, cluster, model."""
        named = (self.text, self.label, *self.groups, self.split, self.cluster, self.model)
        return tuple(dict.fromkeys(name for name in named if name is not None))


@dataclass(frozen=True)
class Reading:
    """The wanted columns, all large_string with null for missing, and how to name their rows to the user.

    `split` is the name of the column that says which rows train and which are tested, or None; a DatasetDict brings it.
    """

    table: pa.Table
    source: str
    counting: Counting
    split: str | None

    def name_rows(self, positions: Sequence[int], total: int | None = None) -> str:
        """Return zero-based positions as the user counts them: "lines 3, 9, 14, 20, 31 and 7 more"."""
        return self.counting(positions, total)


def read(data: object, wanted: Wanted) -> Reading:
    """Return the wanted columns of `data` as text.

    Whole numbers, booleans and dates become their text, ClassLabel integers the names of their classes; None, NaN and
    the empty string are missing. The values of a column are of one kind.

    Raises:
        InputError: `data` is none of the kinds read here, or is faulty; the message names rows and says what to mend.
        MissingLibraryError: openpyxl is needed for Excel and not installed.
    """
    if isinstance(data, str | Path):
        return _file(Path(data), wanted)
    made_by = type(data).__module__.partition(".")[0]
    if made_by == "datasets":
        return _datasets(data, wanted)
    if made_by == "pandas" and hasattr(data, "columns"):
        return _pandas(data, wanted)
    if hasattr(data, "collect") and not hasattr(data, "__arrow_c_stream__"):
        raise InputError([f"{type(data).__name__} holds no rows yet. Pass its .collect()."])
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "to_arrow"):
        return _arrow(data, wanted)
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return _dicts(data, wanted)
    raise InputError([f"An audit does not read {type(data).__name__}. It reads {_TAKEN}."])


def _file(path: Path, wanted: Wanted) -> Reading:
    readers: dict[str, Callable[[Path, Wanted], Reading]] = {
        **dict.fromkeys((".csv", ".tsv", ".txt"), _delimited),
        **dict.fromkeys((".jsonl", ".ndjson"), _json_lines),
        **dict.fromkeys((".parquet", ".pq"), _parquet),
        **dict.fromkeys((".xlsx", ".xlsm"), _workbook),
    }
    if path.is_dir():
        raise InputError([f"{path} is a folder. Name a file in it."])
    if not path.is_file():
        beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, beside, n=3)
        hint = f" Nearest in that folder: {', '.join(near)}." if near else ""
        raise InputError([f"There is no file {path}.{hint}"])
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError([f"{path.name}: files that can be read end in {', '.join(readers)}. Save it as one of them."])
    if not path.stat().st_size:
        raise InputError([f"{path.name} is empty: it has no bytes."])
    try:
        return reader(path, wanted)
    except OSError as error:
        raise InputError([f"{path} cannot be read: {error.strerror or error}."]) from error


def _table(columns: Iterable[pa.ChunkedArray], wanted: Wanted, source: str, counting: Counting) -> Reading:
    import pyarrow as pa

    table = pa.table(dict(zip(wanted.columns, columns, strict=True)))
    if not table.num_rows:
        raise InputError([f"{source} holds no rows."])
    return Reading(table, source, counting, wanted.split)


def _delimited(path: Path, wanted: Wanted) -> Reading:
    from espress.shortcut_audit.read.csv_file import read_delimited

    columns, counting = read_delimited(path, wanted.columns)
    return _table((column.whole(counting, path.name) for column in columns), wanted, path.name, counting)


def _workbook(path: Path, wanted: Wanted) -> Reading:
    from espress.shortcut_audit.read.excel_file import read_workbook

    columns, counting = read_workbook(path, wanted.columns)
    return _table((column.whole(counting, path.name) for column in columns), wanted, path.name, counting)


def _parquet(path: Path, wanted: Wanted) -> Reading:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        locate(wanted.columns, file.schema_arrow.names, path.name)
        table = file.read(columns=list(wanted.columns))
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            [f"{path.name} cannot be read as Parquet: {str(error).rstrip('.')}. Was it copied whole?"]
        ) from error
    return _arrow(table, wanted, path.name)


def _json_lines(path: Path, wanted: Wanted) -> Reading:
    numbers, columns = array("q"), _Growing(wanted)
    rows = _json_objects(path, numbers)
    while batch := list(islice(rows, _BATCH)):
        columns.add(batch)
    return columns.reading(path.name, Counting("line", numbers))


def _json_objects(path: Path, numbers: array[int]) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a JSON Lines file and note their lines; every line that holds none is told at the end."""
    faults: list[str] = []
    total = 0
    for number, line in enumerate(lines_of(path), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            fault = None if isinstance(value, dict) else f"line {number}: {line.strip()[:40]!r} is no object"
        except json.JSONDecodeError as error:
            fault = f"line {number}, column {error.colno}: {error.msg}"
        if fault is None:
            numbers.append(number)
            yield value
        else:
            total += 1
            faults += [fault] if total <= NAMED_AT_MOST else []
    if total:
        more = [f"and {total - NAMED_AT_MOST:,} lines more."] if total > NAMED_AT_MOST else []
        head = f"{path.name} is not JSON Lines; each line must hold one object in braces."
        raise InputError([head, *faults, *more])


class _Growing:
    """The wanted columns of rows that come as dicts; a key that some rows lack is missing there."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._columns = [Texts(name) for name in wanted.columns]
        self._keys: dict[str, None] = {}

    def add(self, rows: Sequence[Mapping[str, object]]) -> None:
        for row in rows:
            self._keys.update(dict.fromkeys(row))
        for column in self._columns:
            column.add([row.get(column.name) for row in rows])

    def reading(self, source: str, counting: Counting) -> Reading:
        locate(self._wanted.columns, [str(key) for key in self._keys], source)
        return _table((column.whole(counting, source) for column in self._columns), self._wanted, source, counting)


def _dicts(rows: Sequence[Any], wanted: Wanted) -> Reading:
    odd = [place for place, row in enumerate(rows) if not isinstance(row, Mapping)]
    if odd:
        named = Counting()(odd)
        raise InputError([f"The list holds something other than a dict in {named}. An audit reads {_TAKEN}."])
    if not rows:
        raise InputError(["The list holds no rows."])
    columns = _Growing(wanted)
    columns.add(rows)
    return columns.reading("the list of dicts", Counting())


def _pandas(frame: Any, wanted: Wanted) -> Reading:
    import pyarrow as pa

    source = "the pandas DataFrame"
    columns = []
    for name, place in zip(wanted.columns, locate(wanted.columns, list(map(str, frame.columns)), source), strict=True):
        series = frame.iloc[:, place]
        if str(series.dtype).startswith(("object", "category", "period", "interval")):
            plain = series.astype(object)
            texts = Texts(name)
            texts.add(plain.where(plain.notna(), None).tolist())
            columns.append(texts.whole(Counting(), source))
        else:
            made = pa.Array.from_pandas(series)
            whole = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
            columns.append(from_arrow(whole, name, source))
    return _table(columns, wanted, source, Counting())


def _arrow(data: Any, wanted: Wanted, source: str | None = None) -> Reading:
    import pyarrow as pa

    source = source or f"the {type(data).__module__.partition('.')[0]} {type(data).__name__}"
    try:
        table = pa.table(data) if hasattr(data, "__arrow_c_stream__") else data.to_arrow()
    except pa.ArrowException as error:  # one column alone, such as a Series
        raise InputError([f"{source} is no table ({error}). An audit reads {_TAKEN}."]) from error
    locate(wanted.columns, table.column_names, source)
    names = class_names(table.schema)
    columns = [from_arrow(table[name], name, source, names.get(name)) for name in wanted.columns]
    return _table(columns, wanted, source, Counting())


def _datasets(data: Any, wanted: Wanted) -> Reading:
    """Read a Dataset, or the parts of a DatasetDict one after the other, whose names are then the split."""
    if not isinstance(data, Mapping):
        return _dataset(data, wanted, "the datasets.Dataset")
    import pyarrow as pa

    parts = {name: _dataset(part, wanted, f"split {name!r} of the DatasetDict") for name, part in data.items()}
    table = pa.concat_tables(part.table for part in parts.values())
    if wanted.split is None:
        if _SPLIT in table.column_names:
            raise InputError([f"The DatasetDict has a column {_SPLIT!r}. Rename it, or name it as the split."])
        lengths = [pa.repeat(pa.scalar(n, pa.large_string()), p.table.num_rows) for n, p in parts.items()]
        table = table.append_column(_SPLIT, pa.chunked_array(lengths, pa.large_string()))
    return Reading(table, "the datasets.DatasetDict", Counting(), wanted.split or _SPLIT)


def _dataset(data: Any, wanted: Wanted, source: str) -> Reading:
    if not hasattr(data, "column_names") or not hasattr(data, "with_format"):
        raise InputError([f"An audit does not read {type(data).__name__}. It reads {_TAKEN}."])
    if not hasattr(data, "num_rows") or not hasattr(data, "select_columns") or not hasattr(data, "__len__"):
        raise InputError([f"{source} is streamed. Load it without streaming=True."])
    locate(wanted.columns, data.column_names, source)
    chosen = data.select_columns(list(wanted.columns)).with_format("arrow")
    return _arrow(chosen[:], wanted, source)
