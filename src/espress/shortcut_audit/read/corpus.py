"""Read any corpus as a table of text columns, from files of four formats or from Python objects."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.shortcut_audit.read.columns import (
    RowNames,
    class_names,
    collect_columns,
    find_columns,
    from_arrow,
    to_text_column,
)
from espress.shortcut_audit.read.excel_file import excel_rows
from espress.shortcut_audit.read.text_files import UTF_8, check_encoding, csv_rows, json_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

_CSV, _JSON_LINES = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson")
_TEXT = (*_CSV, *_JSON_LINES)
_PARQUET, _EXCEL = (".parquet", ".pq"), (".xlsx", ".xlsm")
_SPLIT = "split"
_READ = (
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
class Corpus:
    """The wanted columns as large_string with null for missing values; `name_rows` names rows as the user counts them.

    `split` names the column that divides training and test rows, or is None; for a DatasetDict the column is added.
    """

    table: pa.Table
    source: str
    name_rows: RowNames
    split: str | None


def read(data: object, wanted: Wanted, encoding: str | None = None) -> Corpus:
    """Return the wanted columns of `data` as text; `encoding` is that of a CSV or JSON Lines file (None: UTF-8).

    Whole numbers, booleans and dates become text, ClassLabel integers become the names of their classes; None, NaN and
    the empty string are missing. The values of a column must be of one kind.

    Raises:
        InputError: `data` is of an unsupported type or faulty (the message names rows and what to correct), the
            encoding does not exist, or one is given for data without an encoding.
        MissingLibraryError: openpyxl is needed for Excel and not installed.
    """
    if encoding is not None and not (isinstance(data, str | Path) and Path(data).suffix.lower() in _TEXT):
        raise InputError([f"`encoding` is for files that end in {', '.join(_TEXT)}. Leave it out for other data."])
    if isinstance(data, str | Path):
        return _read_file(Path(data), wanted, UTF_8 if encoding is None else check_encoding(encoding))
    made_by = type(data).__module__.partition(".")[0]
    if made_by == "datasets":
        return _read_datasets(data, wanted)
    if made_by == "pandas" and hasattr(data, "columns"):
        return _read_pandas(data, wanted)
    if hasattr(data, "collect") and not hasattr(data, "__arrow_c_stream__"):
        raise InputError([f"{type(data).__name__} is lazy and holds no rows yet. Pass the result of its .collect()."])
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "to_arrow"):
        return _read_arrow(data, wanted)
    if isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        return _read_dicts(data, wanted)
    raise InputError([f"An audit does not read {type(data).__name__}. It reads {_READ}."])


def _read_file(path: Path, wanted: Wanted, encoding: str) -> Corpus:
    ending, names = path.suffix.lower(), wanted.columns
    if path.is_dir():
        raise InputError([f"{path} is a folder. Name a file in it."])
    if not path.is_file():
        siblings = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, siblings, n=3)
        hint = f" Nearest in that folder: {', '.join(near)}." if near else ""
        raise InputError([f"There is no file {path}.{hint}"])
    if ending not in (*_TEXT, *_PARQUET, *_EXCEL):
        endings = ", ".join((*_TEXT, *_PARQUET, *_EXCEL))
        raise InputError([f"{path.name}: files that can be read end in {endings}. Save it as one of them."])
    if not path.stat().st_size:
        raise InputError([f"{path.name} is empty: it has no bytes."])
    try:
        if ending in _PARQUET:
            return _read_parquet(path, wanted)
        if ending in _EXCEL:
            rows, noun = excel_rows(path, names), "sheet row"
        elif ending in _JSON_LINES:
            rows, noun = _wanted_values(json_rows(path, encoding), names, path.name), "line"
        else:
            rows, noun = csv_rows(path, names, encoding), "line"
        return _corpus(*collect_columns(rows, names, path.name, noun), wanted, path.name)
    except OSError as error:
        raise InputError([f"{path} cannot be read: {error.strerror or error}."]) from error


def _corpus(columns: Iterable[pa.ChunkedArray], name_rows: RowNames, wanted: Wanted, source: str) -> Corpus:
    import pyarrow as pa

    table = pa.table(dict(zip(wanted.columns, columns, strict=True)))
    if not table.num_rows:
        raise InputError([f"{source} holds no rows."])
    return Corpus(table, source, name_rows, wanted.split)


def _read_dicts(rows: Sequence[Any], wanted: Wanted) -> Corpus:
    odd = [place for place, row in enumerate(rows) if not isinstance(row, Mapping)]
    if odd:
        raise InputError([f"The list holds something other than a dict in {RowNames()(odd)}. An audit reads {_READ}."])
    if not rows:
        raise InputError(["The list holds no rows."])
    source = "the list of dicts"
    values = _wanted_values(enumerate(rows, 1), wanted.columns, source)
    return _corpus(*collect_columns(values, wanted.columns, source), wanted, source)


def _wanted_values(
    rows: Iterable[tuple[int, Mapping[str, object]]], names: Sequence[str], source: str
) -> Iterator[tuple[int, list[object]]]:
    """Yield the wanted values of numbered dicts; a key may be missing from some dicts, but not from all."""
    keys: dict[str, None] = {}
    for number, row in rows:
        keys.update(dict.fromkeys(row))
        yield number, [row.get(name) for name in names]
    find_columns(names, [str(key) for key in keys], source)


def _read_parquet(path: Path, wanted: Wanted) -> Corpus:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            find_columns(wanted.columns, file.schema_arrow.names, path.name)
            table = file.read(columns=list(wanted.columns))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last if a column name is not UTF-8
        problem = (
            f"{path.name} cannot be read as Parquet: {str(error).rstrip('.')}. Check that it was copied completely."
        )
        raise InputError([problem]) from error
    return _read_arrow(table, wanted, path.name)


def _read_arrow(data: Any, wanted: Wanted, source: str | None = None) -> Corpus:
    import pyarrow as pa

    source = source or f"the {type(data).__module__.partition('.')[0]} {type(data).__name__}"
    if "Object" in map(str, getattr(data, "dtypes", ())):  # polars converts such columns to addresses in memory
        objects = [name for name, kind in zip(data.columns, data.dtypes, strict=True) if str(kind) == "Object"]
        if found := [name for name in objects if name in wanted.columns]:
            listed = ", ".join(map(repr, found))
            raise InputError([f"{source}: column {listed} holds Python objects. Make all its values text."])
        data = data.drop(objects)
    try:
        table = pa.table(data) if hasattr(data, "__arrow_c_stream__") else data.to_arrow()
    except pa.ArrowException as error:  # a single column, such as a Series
        raise InputError([f"{source} is not a table ({error}). An audit reads {_READ}."]) from error
    find_columns(wanted.columns, table.column_names, source)
    names = class_names(table.schema, wanted.columns, source)
    columns = [from_arrow(table[name], name, source, names.get(name)) for name in wanted.columns]
    return _corpus(columns, RowNames(), wanted, source)


def _read_pandas(frame: Any, wanted: Wanted) -> Corpus:
    source = "the pandas DataFrame"
    places = find_columns(wanted.columns, list(map(str, frame.columns)), source)
    chosen = zip(wanted.columns, places, strict=True)
    columns = [_series_to_text(frame.iloc[:, place], name, source) for name, place in chosen]
    return _corpus(columns, RowNames(), wanted, source)


def _series_to_text(series: Any, name: str, source: str) -> pa.ChunkedArray:
    import pyarrow as pa

    if str(series.dtype).startswith(("object", "category", "period", "interval")):
        values = series.astype(object)
        return to_text_column(values.where(values.notna(), None).tolist(), name, RowNames(), source)
    if str(series.dtype).startswith("Sparse"):
        return _series_to_text(series.sparse.to_dense(), name, source)
    try:
        array = pa.Array.from_pandas(series)
    except pa.ArrowException as error:
        problem = f"{source}: column {name!r} holds {series.dtype}, which cannot be written as text."
        raise InputError([f"{problem} Make all its values text."]) from error
    return from_arrow(array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array]), name, source)


def _read_datasets(data: Any, wanted: Wanted) -> Corpus:
    """Read a Dataset, or the parts of a DatasetDict one after the other.

    The names of the parts are the split, unless the user names a split column.
    """
    if not isinstance(data, Mapping):
        return _read_dataset(data, wanted, "the datasets.Dataset")
    import pyarrow as pa

    parts = {name: _read_dataset(part, wanted, f"split {name!r} of the DatasetDict") for name, part in data.items()}
    table = pa.concat_tables(part.table for part in parts.values())
    if wanted.split is None:
        if _SPLIT in table.column_names:
            raise InputError([f"The DatasetDict has a column {_SPLIT!r}. Rename it, or name it as the split."])
        names = [pa.repeat(pa.scalar(name, pa.large_string()), part.table.num_rows) for name, part in parts.items()]
        table = table.append_column(_SPLIT, pa.chunked_array(names, pa.large_string()))
    return Corpus(table, "the datasets.DatasetDict", RowNames(), wanted.split or _SPLIT)


def _read_dataset(data: Any, wanted: Wanted, source: str) -> Corpus:
    if not hasattr(data, "column_names") or not hasattr(data, "with_format"):
        raise InputError([f"An audit does not read {type(data).__name__}. It reads {_READ}."])
    if not hasattr(data, "num_rows") or not hasattr(data, "select_columns") or not hasattr(data, "__len__"):
        raise InputError([f"{source} is streamed. Load it without streaming=True."])
    find_columns(wanted.columns, data.column_names, source)
    chosen = data.select_columns(list(wanted.columns)).with_format("arrow")
    return _read_arrow(chosen[:], wanted, source)
