"""Reading a table part by part: row groups one behind the other, never the whole file in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from espress.data.file_digests import digest
from espress.data.filter import expression
from espress.errors import DamagedDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.filter import Where


def batches(path: str, sha256: str, groups: list[int], where: Where | None) -> Iterator[Any]:
    """Yield `pyarrow.RecordBatch` of some row groups, those rows alone that the filter takes.

    Raises:
        DamagedDataError: the file is no longer the one that was checked.
    """
    import pyarrow.dataset as ds

    if digest(Path(path)) != sha256:
        raise DamagedDataError(f"{path} has changed since it was checked. Load again.")
    with Path(path).open("rb") as file:  # pyarrow opens no name that is not UTF-8
        for group in groups:
            part = ds.ParquetFileFormat().make_fragment(file, row_groups=[group])
            chosen = expression(where, part.physical_schema, Path(path).stem)
            yield from (batch for batch in part.to_batches(filter=chosen) if batch.num_rows)


def _examples(path: str, sha256: str, groups: list[int], where: Where | None) -> Iterator[dict[str, Any]]:
    for batch in batches(path, sha256, groups, where):
        yield from batch.to_pylist()


def reader(path: Path, sha256: str, where: Where | None) -> Any:
    """Return a `pyarrow.RecordBatchReader` over the whole file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    expression(where, file.schema_arrow, path.stem)  # complain now, not at the first batch
    groups = list(range(file.num_row_groups))
    return pa.RecordBatchReader.from_batches(file.schema_arrow, batches(str(path), sha256, groups, where))


def examples(path: Path, sha256: str, where: Where | None, features: Any, split: str) -> Any:
    """Return a `datasets.IterableDataset` over the whole file; each row group is a shard of its own."""
    import pyarrow.parquet as pq
    from datasets import IterableDataset, NamedSplit

    file = pq.ParquetFile(path)
    expression(where, file.schema_arrow, path.stem)
    groups = list(range(file.num_row_groups))
    given = {"path": str(path), "sha256": sha256, "groups": groups, "where": dict(where) if where else None}
    return IterableDataset.from_generator(_examples, features=features, gen_kwargs=given, split=NamedSplit(split))
