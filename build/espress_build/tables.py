"""What stages hand to each other: named Arrow tables, and the schemas of those that are not published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from espress.schema import schema
from espress_build.arrow_schema import arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Tables: TypeAlias = "Mapping[str, Any]"  # name -> pyarrow.Table

_SPAN = pa.struct([("line", pa.int32()), ("start", pa.int32()), ("end", pa.int32()), ("role", pa.string())])
_FACT = pa.struct(
    [
        ("field", pa.string()),
        ("values", pa.list_(pa.string())),  # one for a scalar, null where unknown
        ("basis", pa.string()),
        ("confidence", pa.string()),
        ("note", pa.string()),
    ]
)

# An article as received: its bytes (null where larger than the limit) and its sidecar.
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
        ("withdrawn", pa.string()),  # when and why it was taken back; then there are no bytes and no facts
    ]
)

# `width` is the bytes of each character of a piece; null where they are those of its UTF-8.
_PIECE = pa.struct([("at", pa.int32()), ("source_start", pa.int64()), ("width", pa.int32())])

# A run of a source's bytes. The blocks of an article tile its bytes: what no span covers has the role `gap`.
BLOCKS = pa.schema(
    [
        ("article_id", pa.string()),
        ("line", pa.int32()),
        ("role", pa.string()),
        ("source_start", pa.int64()),
        ("source_end", pa.int64()),
        ("raw", pa.string()),  # null for gaps
        ("pieces", pa.list_(_PIECE)),  # of a run of HTML; null for plain text, which has its bytes one to one
    ]
)

# A paragraph of a field: raw as in the source, text after NFC, where the text stands in the field and the source.
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
    ]
)

# What is compared between articles: the hash of the text and a MinHash of fixed size.
SKETCHES = pa.schema(
    [
        ("article_id", pa.string()),
        ("text_sha256", pa.string()),
        ("minhash", pa.list_(pa.uint32())),  # null where the text is too short to compare
        ("outlet_id", pa.string()),
        ("event_ids", pa.list_(pa.string())),
    ]
)

# The fold that a published article keeps in the split by block, and the version that froze it.
FOLDS = pa.schema(
    [
        ("article_id", pa.string()),
        ("fold", pa.string()),
        ("since", pa.string()),
    ]
)

# What holds between articles, one row each.
RELATIONS = pa.schema(
    [
        ("article_id", pa.string()),
        ("duplicate_group", pa.string()),
        ("duplicate_kind", pa.string()),
        ("block_id", pa.string()),
    ]
)

# How many units have a label, for what may be known of them without reading; the unit fold cuts articles at random.
CELLS = pa.schema(
    [
        ("task", pa.string()),
        ("reading", pa.string()),
        ("article_id", pa.string()),
        ("proposition_id", pa.string()),
        ("unit_fold", pa.string()),
        ("label", pa.string()),
        ("n", pa.int64()),
    ]
)

# Judgements and who made them, as read from raw/annotations; and the claims that some of them are about.
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
    ]
)
PASSES = pa.schema([("annotator", pa.string()), ("kind", pa.string()), ("family", pa.string())])
CLAIMS = pa.schema([("event_id", pa.string()), ("claims", pa.list_(pa.string()))])

ARTICLES = arrow_schema(schema().table("articles"))
REJECTS = arrow_schema(schema().table("rejects"))


@dataclass(frozen=True)
class Reject:
    """One article that a stage drops: why, and what would mend it."""

    id: str
    stage: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Step:
    """What a stage hands on: the tables that it made or changed, and what it dropped."""

    kept: dict[str, Any]
    rejects: Any


def rejects_table(rejects: Iterable[Reject] = ()) -> Any:
    """Return rejects as a table, in the order given."""
    return pa.Table.from_pylist([vars(reject) for reject in rejects], schema=REJECTS)
