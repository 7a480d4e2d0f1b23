"""Define the tables that stages exchange, and the Arrow schemas of the unpublished ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

Tables: TypeAlias = "Mapping[str, Any]"  # name -> pyarrow.Table

_EVENTS = pa.list_(pa.string())  # events that a part of an article reports; empty or null: all events of the article
_SPAN = pa.struct(
    [("line", pa.int32()), ("start", pa.int32()), ("end", pa.int32()), ("role", pa.string()), ("events", _EVENTS)]
)
_FACT = pa.struct(
    [
        ("field", pa.string()),
        ("values", pa.list_(pa.string())),  # one item for a scalar, null if unknown
        ("basis", pa.string()),
        ("confidence", pa.string()),
        ("note", pa.string()),
    ]
)

# An article as received: its bytes (null if they exceed the size limit) and its record.
RECEIVED = pa.schema(
    [
        ("article_id", pa.string()),
        ("source", pa.binary()),
        ("source_bytes", pa.int64()),
        ("raw_sha256", pa.string()),
        ("spans", pa.list_(_SPAN)),
        ("facts", pa.list_(_FACT)),
        ("private_persons", pa.list_(pa.list_(pa.string()))),
        ("charset", pa.string()),  # codec of an HTML source; null for plain text, which is UTF-8
        ("withdrawn", pa.string()),  # when and why the article was withdrawn; such an article has no bytes and no facts
    ]
)

# `width` is the number of bytes of each character of a piece; null means as many as in UTF-8.
_PIECE = pa.struct([("at", pa.int32()), ("source_start", pa.int64()), ("width", pa.int32())])

# Bytes of a source with one role. The spans of an article tile its bytes: the parts that the record leaves out have the
# role `gap`.
SPANS = pa.schema(
    [
        ("article_id", pa.string()),
        ("line", pa.int32()),
        ("role", pa.string()),
        ("source_start", pa.int64()),
        ("source_end", pa.int64()),
        ("raw", pa.string()),  # null for gaps
        ("pieces", pa.list_(_PIECE)),  # for a span of HTML; null for plain text, whose bytes are those of `raw`
        ("events", _EVENTS),
    ]
)

# A paragraph of a field: its characters as in the source (`raw`) and in NFC (`text`), the place at which it starts in
# the field, and the `pieces` of the source that it consists of.
PASSAGES = pa.schema(
    [
        ("article_id", pa.string()),
        ("field", pa.string()),
        ("paragraph", pa.int32()),
        ("role", pa.string()),
        ("start", pa.int32()),
        ("text", pa.string()),
        ("raw", pa.string()),
        ("pieces", pa.list_(_PIECE)),
        ("events", _EVENTS),
    ]
)

# The input of the stage `link`: the hash of the text and a MinHash of fixed size.
SKETCHES = pa.schema(
    [
        ("article_id", pa.string()),
        ("text_sha256", pa.string()),
        ("minhash", pa.list_(pa.uint32())),  # null if the text is too short to compare
        ("outlet_id", pa.string()),
        ("event_ids", pa.list_(pa.string())),
    ]
)

# The fold that a published article keeps in the split by block, and the version that froze it.
FOLDS = pa.schema([("article_id", pa.string()), ("fold", pa.string()), ("since", pa.string())])

# The links of each article to others.
RELATIONS = pa.schema(
    [
        ("article_id", pa.string()),
        ("duplicate_group", pa.string()),
        ("duplicate_kind", pa.string()),
        ("block_id", pa.string()),
    ]
)

# Judgements and who made them, as read from raw/annotations, and the claims that some of them are about.
JUDGEMENTS = pa.schema(
    [
        ("annotator", pa.string()),
        ("item_id", pa.string()),
        ("proposition_id", pa.string()),
        ("source_no", pa.int32()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("quote", pa.string()),
        ("reason", pa.string()),
        ("codebook", pa.string()),
        ("supersedes", pa.bool_()),
        ("is_counted", pa.bool_()),  # whether gold counts it
    ]
)
PASSES = pa.schema([("annotator", pa.string()), ("kind", pa.string()), ("family", pa.string())])
CLAIMS = pa.schema([("event_id", pa.string()), ("claims", pa.list_(pa.string()))])

ARTICLES = arrow_schema(schema().table("articles"))
REJECTS = arrow_schema(schema().table("rejects"))


@dataclass(frozen=True)
class Reject:
    """An article that a stage drops, with the reason and the remedy."""

    id: str
    stage: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Step:
    """The result of a stage: the tables that it made or changed, and its rejects."""

    kept: dict[str, Any]
    rejects: Any


def list_files(folder: Path, table: str) -> list[Path]:
    """Return the paths of the Parquet files of a table, one for each split, whether they exist or not."""
    return [folder / "data" / f"{name}.parquet" for name in schema().table(table).files]


def read_table(folder: Path, table: str, columns: list[str] | None = None) -> Any:
    """Return the rows of a table of a dataset folder, split after split, with all columns or those named."""
    return pa.concat_tables([pq.ParquetFile(path).read(columns) for path in list_files(folder, table)])


def read_groups(folder: Path, table: str, columns: Collection[str] | None = None) -> Iterator[Any]:
    """Yield the row groups of a table of a dataset folder; each holds the rows of one batch of the build.

    `columns` are those to read, in the order of the schema; a column that the file lacks is left out. A table without
    rows is yielded once.
    """
    for path in list_files(folder, table):
        file = pq.ParquetFile(path)
        names = [name for name in file.schema_arrow.names if columns is None or name in columns]
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=names)
        if not file.num_row_groups:
            yield file.read(columns=names)


def read_rows(folder: Path, table: str, columns: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table of a dataset folder, of which one row group is in memory at a time."""
    for group in read_groups(folder, table, columns):
        yield from group.to_pylist()


def count_rows(folder: Path, table: str) -> int:
    """Return the number of rows of a table of a dataset folder."""
    return sum(int(pq.read_metadata(path).num_rows) for path in list_files(folder, table))


def rejects_table(rejects: Iterable[Reject] = ()) -> Any:
    """Return rejects as a table, in the order given."""
    return pa.Table.from_pylist([vars(reject) for reject in rejects], schema=REJECTS)


def make_table(name: str, rows: Iterable[dict[str, Any]]) -> Any:
    """Return rows as a table of its published schema."""
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(schema().table(name)))


def to_stream(table: Any) -> Any:
    """Return a table in the stream format of Arrow, as a `pyarrow.Buffer`."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def set_column(table: Any, name: str, values: Any) -> Any:
    """Return the table with other values in one column, with the same name, position and type."""
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    return table.set_column(place, field, values if isinstance(values, pa.Array) else pa.array(values, field.type))
