"""Loading a table of the corpus in one call."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from espress.errors import DamagedDataError, DatasetMissingError, MissingLibraryError, UnknownNameError
from espress.paths import dataset_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from datasets import Dataset, IterableDataset

    from espress.data.filter import Where
    from espress.data.hydrated import Joined
    from espress.data.identity import Identity

Form = Literal["datasets", "arrow", "pandas", "polars"]
EditionName = Literal["full", "open"]
_FORMS = ["datasets", "arrow", "pandas", "polars"]
_STREAMED = ["datasets", "arrow"]
_TRIES = 5  # a build may exchange the folder between two looks at it, and hardly does so twice


@dataclass(frozen=True)
class Checked:
    """A table's file whose bytes are right, open for reading."""

    place: Identity
    path: Path
    sha256: str
    handle: Any


def versions() -> list[str]:
    """Return the versions that this installation knows: the bundled one, then all releases, the newest first."""
    from espress.data import resolve

    return resolve.versions()


def whereabouts() -> dict[str, dict[str, str]]:
    """Return version -> edition -> where it lies: "bundled", "cached", "archive" (of a clone) or "not at hand"."""
    from espress.data import resolve

    return resolve.whereabouts()


def _find(version: str | None, source: str | Path | None, edition: str | None) -> Identity:
    if version is None and source is None and edition is None:
        from espress.data.identity import identify, require_genuine

        return require_genuine(identify(dataset_folder()))
    from espress.data.resolve import find

    return find(version, source, edition)


def _file(place: Identity, config: str) -> tuple[Path, str]:
    """Return a table's file and the hash that it must have; only names that the dataset names are looked for."""
    wanted = place.wanted()
    name = f"data/{config}.parquet"
    if name not in wanted:
        known = [path[len("data/") : -len(".parquet")] for path in wanted if path.startswith("data/")]
        raise UnknownNameError("config", config, known, "`espress info` shows what each holds.")
    path = place.folder / name
    if not path.is_file():
        raise DatasetMissingError(f"{path} is missing; the dataset is not whole. Type `espress verify {place.folder}`.")
    return path, wanted[name]


def _opened(place: Identity, config: str) -> Checked:
    """Open a table's file, once its bytes are what they must be; raises DamagedDataError."""
    from espress.data.file_digests import digest

    path, wanted = _file(place, config)
    handle = path.open("rb")  # not pa.OSFile: that of the oldest promised pyarrow has no descriptor to look at
    if (found := digest(path, handle)) == wanted:
        return Checked(place, path, wanted, handle)
    handle.close()
    ground = "its SHA256SUMS names" if place.release is None else f"release {place} has"
    raise DamagedDataError(
        f"{path} has sha256 {found}, but {ground} {wanted}. Type `espress verify {place.folder}`; then fetch the data "
        "anew. A folder of the cache may be deleted at any time."
    )


def checked(config: str, version: str | None, source: str | Path | None, edition: str | None) -> Checked:
    """Return the dataset and the open file of one table, both of the same moment though a build may be at work."""
    for _ in range(_TRIES - 1 if version is None and source is None else 0):
        with suppress(DamagedDataError, DatasetMissingError, FileNotFoundError):
            return _opened(_find(version, source, edition), config)
    return _opened(_find(version, source, edition), config)


def _features(place: Identity, config: str, arrow_schema: Any) -> tuple[Any, str, str]:
    """Return features, description and split: of the schema for the bundled dataset, of its own card for another."""
    try:
        import datasets  # noqa: F401 - the features below need it
    except ModuleNotFoundError as error:
        raise MissingLibraryError("datasets", 'load(as_="datasets")', "pip install datasets") from error
    from espress.data.features import features, stated
    from espress.schema import schema

    table = next((table for table in schema().tables if table.name == config), None)
    names = [column.name for column in table.columns] if table else []
    if table and place.folder == dataset_folder() and names == arrow_schema.names:
        return features(table), table.description, table.split
    return stated(place.folder, config, arrow_schema)


def _as_datasets(table: Any, place: Identity, config: str) -> Dataset:
    features, description, split = _features(place, config, table.schema)
    from datasets import ClassLabel, Dataset, DatasetInfo, NamedSplit

    for number, (name, feature) in enumerate(features.items()):
        if isinstance(feature, ClassLabel):
            table = table.set_column(number, name, feature.cast_storage(table[name].combine_chunks()))
    info = DatasetInfo(features=features, description=description)
    return Dataset(table.cast(features.arrow_schema), info=info, split=NamedSplit(split))


def _table(file: Checked, config: str, where: Where | None) -> Any:
    import pyarrow.parquet as pq

    # ParquetFile, because pq.read_table imports the dataset layer, which costs more than the reading.
    if where is None:
        return pq.ParquetFile(file.handle).read()
    import pyarrow.dataset as ds

    from espress.data.filter import expression

    part = ds.ParquetFileFormat().make_fragment(file.handle)
    return part.to_table(filter=expression(where, part.physical_schema, config))


def _shaped(table: Any, as_: Form, place: Identity, config: str) -> Any:
    if as_ == "arrow":
        return table
    if as_ == "pandas":
        return table.to_pandas()
    if as_ == "polars":
        try:
            import polars as pl
        except ModuleNotFoundError as error:
            raise MissingLibraryError("polars", 'load(as_="polars")', "pip install polars") from error
        return pl.from_arrow(table)
    return _as_datasets(table, place, config)


def _check_form(as_: str, *, streaming: bool) -> None:
    forms = _STREAMED if streaming else _FORMS
    if as_ not in forms:
        raise UnknownNameError("form that streams" if streaming else "form", as_, forms)


def _streamed(file: Checked, as_: Form, config: str, where: Where | None) -> Any:
    from espress.data import stream as streaming

    if as_ == "arrow":
        return streaming.reader(file.path, file.sha256, where)
    import pyarrow.parquet as pq

    features, _, split = _features(file.place, config, pq.read_schema(file.path))
    return streaming.examples(file.path, file.sha256, where, features, split)


def _of_both(both: Joined, as_: Form, place: Identity, config: str, *, streaming: bool) -> Any:
    if not streaming:
        return _shaped(both.table(), as_, place, config)
    if as_ == "arrow":
        return both.reader()
    features, _, split = _features(place, config, both.schema)
    return both.examples(features, split)


@overload
def load(
    config: str = ...,
    *,
    as_: Literal["datasets"] = ...,
    version: str | None = ...,
    source: str | Path | None = ...,
    edition: EditionName | None = ...,
    streaming: Literal[False] = ...,
    where: Where | None = ...,
    hydrated: str | Path | None = ...,
) -> Dataset: ...
@overload
def load(
    config: str = ...,
    *,
    as_: Literal["datasets"] = ...,
    version: str | None = ...,
    source: str | Path | None = ...,
    edition: EditionName | None = ...,
    streaming: Literal[True],
    where: Where | None = ...,
    hydrated: str | Path | None = ...,
) -> IterableDataset: ...
@overload
def load(
    config: str = ...,
    *,
    as_: Literal["pandas"],
    version: str | None = ...,
    source: str | Path | None = ...,
    edition: EditionName | None = ...,
    streaming: Literal[False] = ...,
    where: Where | None = ...,
    hydrated: str | Path | None = ...,
) -> pd.DataFrame: ...
@overload
def load(
    config: str = ...,
    *,
    as_: Literal["arrow", "polars"],
    version: str | None = ...,
    source: str | Path | None = ...,
    edition: EditionName | None = ...,
    streaming: bool = ...,
    where: Where | None = ...,
    hydrated: str | Path | None = ...,
) -> Any: ...
def load(  # noqa: PLR0913 - each names one thing that a user chooses, all by keyword
    config: str = "articles",
    *,
    as_: Form = "datasets",
    version: str | None = None,
    source: str | Path | None = None,
    edition: EditionName | None = None,
    streaming: bool = False,
    where: Where | None = None,
    hydrated: str | Path | None = None,
) -> Any:
    """Load one table of the corpus, its bytes checked.

    Args:
        config: name of the table: articles, sentences, events, outlets, … `espress info` lists them.
        as_: "datasets" gives a `datasets.Dataset`, labels as ClassLabel; "arrow" a `pyarrow.Table`, "pandas" and
            "polars" a data frame, labels as strings. Nulls stay nulls; timestamps are UTC; offsets count code points.
        version: version of the data; None means the bundled one, or the one that the source holds.
        source: a dataset folder, the archive of a release, or `hub:OWNER/NAME`, the one that asks a network; None means
            the bundled dataset, the user's cache, and the archives of a clone.
        edition: "full" or "open" (without the articles' text); None means that of the bundled dataset or of the source.
        streaming: read row group by row group: a `datasets.IterableDataset`, or a `pyarrow.RecordBatchReader`.
        where: rows to keep, `{"language": "en", "outlet_id": ["a", "b"], "stance": None}`: equality, membership, null.
        hydrated: a folder that `espress hydrate` filled: its articles and sentences come behind the others, what failed
            stands in rejects, the catalogue names the articles; groups and blocks of duplicates are those of both.
            Where nothing else is said, the dataset is the one that the folder was hydrated from.

    Raises:
        UnknownNameError: no such config, form, version, edition or column; the message lists those there are.
        DatasetMissingError, DownloadError, CacheError: not at hand, not to be fetched, or no room to unpack it.
        DamagedDataError: bytes are not those of the release, or not those that the dataset's SHA256SUMS names.
        InputError: a value in `where` is of another type than its column; `hydrated` is no such folder, or one that
            belongs to other data.
        MissingLibraryError: the library of that form is not installed.
    """
    from espress.data.notices import tell

    _check_form(as_, streaming=streaming)
    if hydrated is not None and version is None and source is None and edition is None:
        from espress.data.hydrated import read_contents

        source = read_contents(hydrated).source
    file = checked(config, version, source, edition)
    tell(file.place)
    with closing(file.handle):
        if hydrated is not None:
            from espress.data.hydrated import join

            return _of_both(join(file, config, hydrated, where), as_, file.place, config, streaming=streaming)
        if streaming:
            return _streamed(file, as_, config, where)
        return _shaped(_table(file, config, where), as_, file.place, config)
