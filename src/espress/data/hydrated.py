"""A table of the dataset together with what a folder of hydrated articles adds to it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from espress.data.file_digests import digest
from espress.data.filter import expression
from espress.data.stream import batches
from espress.errors import DamagedDataError, InputError
from espress.paths import dataset_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress.data.filter import Where
    from espress.data.identity import Identity
    from espress.data.load import Checked

CONTENTS = "hydrated.json"  # written last, so a folder without it is not complete
LOG = "state.jsonl"
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


@dataclass(frozen=True)
class Contents:
    """The dataset that the tables of a hydrated folder belong to, and the SHA-256 of each file below `data/`.

    `source` is where that dataset came from, None for the bundled one.
    """

    version: str
    edition: str
    root: str
    files: dict[str, str]
    source: str | None


def quote_command(folder: Path, options: str = "") -> str:
    """Return a command on a hydrated folder as a shell takes it."""
    return f"espress hydrate {quote(str(folder))}{options}"


def restore_source(source: str | None) -> str | None:
    """Return a recorded source as a file name of this system and locale."""
    return None if source is None else os.fsdecode(source.encode("utf-8", "surrogateescape"))


def read_contents(folder: str | Path) -> Contents:
    """Return what the tables of a hydrated folder are.

    Raises:
        InputError: there is no such folder, or no run in it came to its end.
        DamagedDataError: the file that states it cannot be read.
    """
    folder = Path(folder)
    path = folder / CONTENTS
    if not path.is_file():
        raise InputError([_explain_missing(folder)])
    try:
        found = json.loads(path.read_bytes())
        source = restore_source(found.get("source"))
        return Contents(str(found["version"]), str(found["edition"]), str(found["root"]), dict(found["files"]), source)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedDataError(
            f"{path} cannot be read: {error!r}. Type: {quote_command(folder, ' --limit 0')} (the pages are kept)"
        ) from error


def _explain_missing(folder: Path) -> str:
    if (folder / LOG).is_file():
        return (
            f"{folder} is not complete: a run is at work in it, or was stopped. Continue with "
            f"`{quote_command(folder)}`, or make tables of what came with `{quote_command(folder, ' --limit 0')}`."
        )
    what = "was not filled by espress hydrate" if folder.exists() else "does not exist"
    return f"{folder} {what}. Is the name right? `espress hydrate FOLDER` makes and fills such a folder."


def _check(contents: Contents, place: Identity, folder: Path) -> None:
    """Raise InputError unless the folder's tables were made for this dataset."""
    is_bundled = contents.source is None and place.folder == dataset_folder()
    options = " --limit 0" + ("" if is_bundled else f" --source {quote(str(place.folder))}")
    rebuild = f"type `{quote_command(folder, options)}`, which makes its tables again from its pages"
    if contents.version != place.version:
        raise InputError(
            [f"{folder} was hydrated for version {contents.version}; this is {place}. Load that, or {rebuild}."]
        )
    if contents.edition == place.edition and contents.root != place.root:
        raise InputError([f"The data was built again after {folder} was hydrated; {rebuild}."])


def _check_file(path: Path, sha256: str, folder: Path) -> Path:
    """Return a path; raises DamagedDataError unless its bytes are those that the run wrote."""
    if not path.is_file() or digest(path) != sha256:
        command = quote_command(folder, " --limit 0")
        raise DamagedDataError(
            f"{path} changed after it was written. Type `{command}`, which makes the tables again from the pages."
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

    folder = Path(folder)
    contents = read_contents(folder)
    _check(contents, file.place, folder)
    parts = [] if config == _REPLACED else [(file.path, file.sha256)]
    if config in (*_ADDED, _REPLACED):
        sha256 = contents.files.get(f"{config}.parquet", "")
        parts.append((_check_file(folder / "data" / f"{config}.parquet", sha256, folder), sha256))
    links = _links(
        _check_file(folder / "data" / "relations.parquet", contents.files.get("relations.parquet", ""), folder)
    )
    schema = pq.ParquetFile(file.handle).schema_arrow
    expression(where, schema, config)  # complain now, not at the first row
    groups = [(str(path), sha256, group) for path, sha256 in parts for group in range(_row_groups(path))]
    return Joined(groups, links, where, schema)
