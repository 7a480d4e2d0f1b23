"""Read a table one row group at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from espress.data.filter import build_filter
from espress.data.integrity import hash_once
from espress.errors import CacheError, DamagedDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.filter import Where

Group = tuple[str, str, int]  # path, SHA-256 and number of a row group
Links = dict[str, dict[str, str]]  # article -> column -> value


def list_groups(path: Path, sha256: str) -> list[Group]:
    """Return the row groups of a Parquet file."""
    absolute = str(path.absolute())  # rows are read later, perhaps after the working folder changed
    with path.open("rb") as file:  # pyarrow cannot open a name that is not UTF-8
        return [(absolute, sha256, number) for number in range(pq.ParquetFile(file).num_row_groups)]


@dataclass(frozen=True)
class Parts:
    """The row groups of one table and a filter of their rows.

    `links` holds new values of the columns that link articles, because the articles of a hydrated folder add links.
    """

    groups: list[Group]
    schema: Any
    config: str
    where: Where | None
    links: Links | None = None

    def read_table(self) -> Any:
        """Return the wanted rows as a `pyarrow.Table`."""
        return pa.Table.from_batches(list(self._batches()), self.schema)

    def open_reader(self) -> Any:
        """Return a `pyarrow.RecordBatchReader` over the wanted rows."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def make_dataset(self, features: Any, split: str) -> Any:
        """Return a `datasets.IterableDataset` over the wanted rows; each row group is a shard.

        Raises:
            CacheError: no temporary folder can be made.
        """
        from datasets import NamedSplit
        from datasets.io.generator import GeneratorDatasetInputStream

        given = vars(self) | {"where": dict(self.where) if self.where else None}
        try:
            # `IterableDataset.from_generator` would make a folder in the cache of `datasets`, which stays empty.
            with TemporaryDirectory(prefix="espress-") as folder:
                return GeneratorDatasetInputStream(
                    _examples, features, folder, streaming=True, gen_kwargs=given, split=NamedSplit(split)
                ).read()
        except OSError as error:
            problem = f"Streaming as datasets needs a folder for temporary files, which cannot be made: {error}."
            raise CacheError(f"{problem} Set TMPDIR to a folder that can be written, or use as_='arrow'.") from error

    def _batches(self) -> Iterator[Any]:
        """Yield `pyarrow.RecordBatch`; raises DamagedDataError if a file changed after it was checked."""
        chosen = build_filter(self.where, self.schema, self.config)
        for path, sha256, number in self.groups:
            if hash_once(Path(path)) != sha256:
                raise DamagedDataError(f"{path} changed after it was checked. Load again.")
            with Path(path).open("rb") as file:
                part = ds.ParquetFileFormat().make_fragment(file, row_groups=[number])
                if self.links is None:
                    yield from (batch for batch in part.to_batches(filter=chosen, use_threads=False) if batch.num_rows)
                    continue
                for batch in part.to_batches(use_threads=False):
                    table = _replace_links(pa.Table.from_batches([batch]), self.links).cast(self.schema)
                    yield from (table if chosen is None else table.filter(chosen)).to_batches()


def _examples(**parts: Any) -> Iterator[dict[str, Any]]:
    for batch in Parts(**parts)._batches():  # noqa: SLF001 - of the same module
        yield from batch.to_pylist()


def _replace_links(table: Any, links: Links) -> Any:
    """Return the table with the links of each article replaced by those in `links`."""
    if "article_id" not in table.column_names:
        return table
    articles = table["article_id"].to_pylist()
    for name in {column for own in links.values() for column in own} & set(table.column_names):
        at = table.schema.get_field_index(name)
        old = table[name].to_pylist()
        new = [links.get(article, {}).get(name, value) for article, value in zip(articles, old, strict=True)]
        table = table.set_column(at, table.schema.field(at), pa.array(new, table.schema.field(at).type))
    return table
