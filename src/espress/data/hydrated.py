"""A table of the dataset together with what a folder of hydrated articles adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from espress.data.file_digests import digest
from espress.data.filter import expression
from espress.data.stream import batches
from espress.errors import DamagedDataError, InputError
from espress.paths import dataset_folder
from espress_build.hydrate.folder import Home, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.filter import Where
    from espress.data.identity import Identity
    from espress.data.load import Checked
    from espress_build.hydrate.folder import Told

_ADDED = ("articles", "sentences", "rejects")  # hydrated rows come behind the others
_REPLACED = "catalogue"  # the same rows, with the articles that pointers became
_LINKS = ("duplicate_group", "duplicate_kind", "block_id")

Group = tuple[str, str, int]  # path, SHA-256 and number of a row group
Links = dict[str, dict[str, str]]  # article -> column -> value


def _relinked(table: Any, links: Links) -> Any:
    """Return a table with what holds between articles put right: hydrated ones link those of the dataset."""
    import pyarrow as pa

    articles = table["article_id"].to_pylist() if "article_id" in table.column_names else []
    for name in _LINKS:
        at = table.schema.get_field_index(name)
        if at < 0 or not articles:
            continue
        old = table[name].to_pylist()
        new = [links.get(article, {}).get(name, value) for article, value in zip(articles, old, strict=True)]
        table = table.set_column(at, table.schema.field(at), pa.array(new, table.schema.field(at).type))
    return table


def _tables(groups: list[Group], links: Links, where: Where | None, schema: Any) -> Iterator[Any]:
    import pyarrow as pa

    for path, sha256, group in groups:
        for batch in batches(path, sha256, [group], None):
            table = _relinked(pa.Table.from_batches([batch]), links).cast(schema)
            chosen = expression(where, schema, Path(path).stem)
            yield table if chosen is None else table.filter(chosen)


def _examples(groups: list[Group], links: Links, where: Where | None, schema: Any) -> Iterator[dict[str, Any]]:
    for table in _tables(groups, links, where, schema):
        yield from table.to_pylist()


@dataclass(frozen=True)
class Joined:
    """One table of both: its row groups, those of the dataset first, and the rows that are wanted."""

    groups: list[Group]
    links: Links
    where: Where | None
    schema: Any

    def table(self) -> Any:
        """Return it as a `pyarrow.Table`."""
        import pyarrow as pa

        parts = list(_tables(self.groups, self.links, self.where, self.schema))
        return pa.concat_tables(parts) if parts else self.schema.empty_table()

    def reader(self) -> Any:
        """Return a `pyarrow.RecordBatchReader` over it."""
        import pyarrow as pa

        parts = _tables(self.groups, self.links, self.where, self.schema)
        return pa.RecordBatchReader.from_batches(self.schema, (batch for part in parts for batch in part.to_batches()))

    def examples(self, features: Any, split: str) -> Any:
        """Return a `datasets.IterableDataset` over it; each row group is a shard of its own."""
        from datasets import IterableDataset, NamedSplit

        given = {
            "groups": self.groups, "links": self.links, "where": dict(self.where) if self.where else None,
            "schema": self.schema,
        }  # fmt: skip
        return IterableDataset.from_generator(_examples, features=features, gen_kwargs=given, split=NamedSplit(split))


def source_of(folder: str | Path) -> str | None:
    """Return the source of the dataset that a folder was hydrated from, null for the bundled one; raises as `join`."""
    return Home(Path(folder)).read_told().source


def _check(told: Told, place: Identity, folder: Path) -> None:
    """Raise InputError unless the folder's tables were made for this dataset."""
    other = "" if told.source is None and place.folder == dataset_folder() else f" --source {quote(str(place.folder))}"
    anew = f"type `{typed(folder, ' --limit 0' + other)}`, which makes its tables anew from the pages in it"
    if told.version != place.version:
        raise InputError([f"{folder} was hydrated for version {told.version}; this is {place}. Load that, or {anew}."])
    if told.edition == place.edition and told.root != place.root:
        raise InputError([f"The data was built anew since {folder} was hydrated; {anew}."])


def _whole(path: Path, sha256: str, folder: Path) -> Path:
    if not path.is_file() or digest(path) != sha256:
        raise DamagedDataError(
            f"{path} is not as it was written. Type `{typed(folder, ' --limit 0')}`, which makes the tables anew from "
            "the pages in it."
        )
    return path


def _links(path: Path) -> Links:
    import pyarrow.parquet as pq

    with path.open("rb") as file:  # pyarrow opens no name that is not UTF-8
        rows = pq.ParquetFile(file).read().to_pylist()
    return {row["article_id"]: {name: row[name] for name in _LINKS} for row in rows}


def _row_groups(path: Path) -> int:
    import pyarrow.parquet as pq

    with path.open("rb") as file:
        return int(pq.ParquetFile(file).num_row_groups)


def join(file: Checked, config: str, folder: str | Path, where: Where | None) -> Joined:
    """Join a table of the dataset with the same table of a hydrated folder.

    Raises:
        InputError: the folder holds nothing that was hydrated, a run was stopped in it, or it belongs to other data.
        DamagedDataError: a file in it is not as it was written.
        UnknownNameError: `where` names no column.
    """
    import pyarrow.parquet as pq

    home = Home(Path(folder))
    told = home.read_told()
    _check(told, file.place, home.folder)
    parts = [] if config == _REPLACED else [(file.path, file.sha256)]
    if config in (*_ADDED, _REPLACED):
        sha256 = told.files.get(f"{config}.parquet", "")
        parts.append((_whole(home.data / f"{config}.parquet", sha256, home.folder), sha256))
    links = _links(_whole(home.data / "relations.parquet", told.files.get("relations.parquet", ""), home.folder))
    schema = pq.ParquetFile(file.handle).schema_arrow
    expression(where, schema, config)  # complain now, not at the first row
    groups = [(str(path), sha256, group) for path, sha256 in parts for group in range(_row_groups(path))]
    return Joined(groups, links, where, schema)
