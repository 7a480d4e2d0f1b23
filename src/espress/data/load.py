"""Load one table of the corpus."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, overload

from espress.data.integrity import hash_once
from espress.data.releases import warn_once
from espress.data.resolve import find
from espress.errors import DamagedDataError, DatasetMissingError, UnknownNameError, require

if TYPE_CHECKING:
    import pandas as pd
    from datasets import Dataset, IterableDataset

    from espress.data.filter import Where
    from espress.data.integrity import Identity
    from espress.data.stream import Parts

Form = Literal["datasets", "arrow", "pandas", "polars"]
EditionName = Literal["full", "open"]
_FORMS = ["datasets", "arrow", "pandas", "polars"]
_STREAMED = ["datasets", "arrow"]
_RENAMED, _RENAMED_IN = {"stance": "entries"}, "1.0.0"  # old name of a table -> its name since that version
_SPLITS = ("train", "dev", "test")  # in the order in which a table with several splits is joined
_TRIES = 5  # a build may replace the folder between two reads; twice in a row is unlikely


@dataclass(frozen=True)
class OpenTable:
    """The files of a table, whose hashes were checked; the first file is open for reading."""

    place: Identity
    parts: tuple[tuple[Path, str], ...]  # path and hash of each file
    split: str  # "all" if the table has several
    handle: Any

    @property
    def schema(self) -> Any:
        """The `pyarrow.Schema` of the file."""
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.handle).schema_arrow


def open_table(
    config: str, version: str | None, source: str | Path | None, edition: str | None, split: str | None = None
) -> OpenTable:
    """Open a table; its files are of one version, even if a build replaces the dataset meanwhile."""
    replaceable = version is None and (source is None or Path(source).is_dir())  # a build may write there
    for _ in range(_TRIES - 1 if replaceable else 0):
        with suppress(DamagedDataError, DatasetMissingError, FileNotFoundError):
            return _open(find(version, source, edition), config, split)
    return _open(find(version, source, edition), config, split)


def _open(place: Identity, config: str, split: str | None) -> OpenTable:
    """Open a table; raises DamagedDataError if the hash of a file differs from the one that the dataset names."""
    located = _locate(place, config, split)
    for _, path, wanted in located[1:]:
        if (found := hash_once(path)) != wanted:
            raise _report_damage(place, path, found, wanted)
    name, path, wanted = located[0]
    handle = path.open("rb")  # not pa.OSFile: it has no descriptor in the oldest supported pyarrow
    if (found := hash_once(path, handle)) != wanted:
        handle.close()
        raise _report_damage(place, path, found, wanted)
    parts = tuple((path, sha256) for _, path, sha256 in located)
    return OpenTable(place, parts, name if len(located) == 1 else "all", handle)


def _report_damage(place: Identity, path: Path, found: str, wanted: str) -> DamagedDataError:
    basis = "its SHA256SUMS names" if place.release is None else f"release {place} has"
    return DamagedDataError(
        f"{path} has sha256 {found}, but {basis} {wanted}. Type `espress verify {place.folder}`; then fetch the data "
        "again. Folders of the cache may be deleted at any time."
    )


def _hint(config: str, known: list[str]) -> str:
    """Return a hint for a table that the dataset does not have: its other name, or the command that lists tables."""
    if config in _RENAMED and _RENAMED[config] in known:
        return f"Since version {_RENAMED_IN}, this table is called {_RENAMED[config]!r}: load({_RENAMED[config]!r})."
    before = {new: old for old, new in _RENAMED.items()}
    if config in before and before[config] in known:
        return f"Before version {_RENAMED_IN}, this table is called {before[config]!r}: load({before[config]!r}, ...)."
    return "`espress info` shows what each holds."


def _name_split(config: str) -> str:
    """Return the split of a table in one file, as the dataset card names it."""
    from espress.schema import schema

    return next((table.splits[0] for table in schema().tables if table.name == config), _SPLITS[0])


def _locate(place: Identity, config: str, split: str | None) -> list[tuple[str, Path, str]]:
    """Return split, path and stated hash of each file of a table, or of one file if a split is named."""
    wanted = place.wanted()
    files: dict[str, dict[str, str]] = {}  # table -> split -> name of the file
    for name in (path[len("data/") : -len(".parquet")] for path in wanted if path.startswith("data/")):
        table, _, part = name.partition("-")
        files.setdefault(table, {})[part or _name_split(table)] = f"data/{name}.parquet"
    if config not in files:
        raise UnknownNameError("config", config, list(files), _hint(config, list(files)))
    splits = sorted(files[config], key=lambda one: (_SPLITS.index(one) if one in _SPLITS else len(_SPLITS), one))
    if split is not None and split not in splits:
        raise UnknownNameError("split", split, splits, f"These are the splits of the table {config!r}.")
    chosen = [(one, files[config][one]) for one in splits if split in (None, one)]
    for _, name in chosen:
        if not (path := place.folder / name).is_file():
            raise DatasetMissingError(f"{path} is missing from the dataset. Type `espress verify {place.folder}`.")
    return [(one, place.folder / name, wanted[name]) for one, name in chosen]


def _read_one(file: OpenTable, config: str, where: Where | None) -> Any:
    """Return the wanted rows of a table in one file as a `pyarrow.Table`."""
    import pyarrow.parquet as pq

    if where is None:  # pq.read_table would import pyarrow.dataset, which takes longer than reading the file
        return pq.ParquetFile(file.handle).read()
    import pyarrow.dataset as ds

    from espress.data.filter import build_filter

    part = ds.ParquetFileFormat().make_fragment(file.handle)
    # With threads, Python's exit sometimes aborts the process: pyarrow ends before a thread of its scanner does.
    return part.to_table(filter=build_filter(where, part.physical_schema, config), use_threads=False)


def _convert(table: Any, as_: Form, file: OpenTable, config: str) -> Any:
    if as_ == "arrow":
        return table
    if as_ == "pandas":
        return table.to_pandas(date_as_object=False)  # days and instants are both datetime64
    if as_ == "polars":
        require(["polars"], 'load(as_="polars")', "pip install polars")
        import polars as pl

        return pl.from_arrow(table)
    return _make_dataset(table, file, config)


def _make_dataset(table: Any, file: OpenTable, config: str) -> Dataset:
    from espress.data.features import describe

    features, description = describe(file.place, config, table.schema)
    from datasets import ClassLabel, Dataset, DatasetInfo, NamedSplit

    for number, (name, feature) in enumerate(features.items()):
        if isinstance(feature, ClassLabel):
            table = table.set_column(number, name, feature.cast_storage(table[name].combine_chunks()))
    info = DatasetInfo(features=features, description=description)
    return Dataset(table.cast(features.arrow_schema), info=info, split=NamedSplit(file.split))


def _stream(parts: Parts, as_: Form, file: OpenTable) -> Any:
    """Return a `pyarrow.RecordBatchReader` or a `datasets.IterableDataset`."""
    if as_ == "arrow":
        return parts.open_reader()
    from espress.data.features import describe

    features, _ = describe(file.place, parts.config, parts.schema)
    return parts.make_dataset(features, file.split)


def _make_parts(file: OpenTable, config: str, where: Where | None) -> Parts:
    from espress.data.stream import Parts, list_groups

    groups = [group for path, sha256 in file.parts for group in list_groups(path, sha256)]
    return Parts(groups, file.schema, config, where)


def _check_filter(file: OpenTable, config: str, where: Where) -> None:
    """Raise UnknownNameError or InputError for a filter with unknown columns or impossible values."""
    from espress.data.filter import build_filter, read_closed_values

    build_filter(where, file.schema, config, read_closed_values(file.place.folder, config))


class _Options(TypedDict, total=False):
    """The options of `load` that do not change the type of its result."""

    version: str | None
    source: str | Path | None
    edition: EditionName | None
    split: str | None
    where: Where | None
    hydrated: str | Path | None


@overload
def load(
    config: str = ..., *, as_: Literal["datasets"] = ..., streaming: Literal[False] = ..., **options: Unpack[_Options]
) -> Dataset: ...
@overload
def load(
    config: str = ..., *, as_: Literal["datasets"] = ..., streaming: Literal[True], **options: Unpack[_Options]
) -> IterableDataset: ...
@overload
def load(
    config: str = ..., *, as_: Literal["pandas"], streaming: Literal[False] = ..., **options: Unpack[_Options]
) -> pd.DataFrame: ...
@overload
def load(
    config: str = ..., *, as_: Literal["arrow", "polars"], streaming: bool = ..., **options: Unpack[_Options]
) -> Any: ...
def load(  # noqa: PLR0913 - the choices of a user, all by keyword
    config: str = "articles",
    *,
    as_: Form = "datasets",
    version: str | None = None,
    source: str | Path | None = None,
    edition: EditionName | None = None,
    split: str | None = None,
    streaming: bool = False,
    where: Where | None = None,
    hydrated: str | Path | None = None,
) -> Any:
    """Load one table of the corpus after checking its bytes.

    Args:
        config: name of the table: articles, sentences, events, outlets, … `espress info` lists them.
        as_: "datasets" gives a `datasets.Dataset`, closed vocabularies as ClassLabel; "arrow" a `pyarrow.Table`,
            "pandas" and "polars" a data frame, with strings. Nulls stay null; days are datetime64 in pandas;
            timestamps are UTC; offsets count code points.
        version: version of the data; None means the bundled version, or the version of the source.
        source: a dataset folder, the archive of a release, or `hub:OWNER/NAME`, which alone uses the network; None
            means the bundled dataset, the user's cache, and the archives of a clone.
        edition: "full" or "open" (without the articles' text); None means the edition of the bundled dataset or of the
            source.
        split: "train", "dev" or "test" of `check` and `stance_articles`; other tables have one split. None means
            the whole table; its column `split` names the split of each row.
        streaming: read one row group at a time; returns a `datasets.IterableDataset` or a `pyarrow.RecordBatchReader`.
        where: rows to keep, for example `{"language": "en", "outlet_id": ["a", "b"], "stance": None}`: equality,
            membership, null.
        hydrated: a folder that `espress hydrate` or `espress collect` filled. Its articles and sentences are appended,
            its failures are in `rejects`, the catalogue names its articles, and blocks and groups of duplicates cover
            both sets of articles. Without version, source and edition, the dataset is the one from which the folder was
            made.

    Raises:
        UnknownNameError: no such config, form, version, edition, split or column; the message lists the known names.
        DatasetMissingError, DownloadError, CacheError: the data are not on this machine, cannot be downloaded, or do
            not fit on the disk.
        DamagedDataError: the bytes differ from the release, or from the dataset's SHA256SUMS.
        InputError: a value in `where` has another type than its column, or is outside the column's closed list (the
            message names the nearest); `hydrated` is not such a folder, or was hydrated for another dataset.
        MissingLibraryError: the library that `as_` needs is not installed.
    """
    forms = _STREAMED if streaming else _FORMS
    if as_ not in forms:
        raise UnknownNameError("form that streams" if streaming else "form", as_, forms)
    if hydrated is not None and version is None and source is None and edition is None:
        from espress.data.hydrated import read_contents

        source = read_contents(hydrated).source
    file = open_table(config, version, source, edition, split)
    warn_once(file.place.release)
    with closing(file.handle):
        if where is not None:
            _check_filter(file, config, where)
        if hydrated is not None:
            from espress.data.hydrated import join

            parts = join(file, config, hydrated, where)
        elif streaming or len(file.parts) > 1:
            parts = _make_parts(file, config, where)
        else:
            return _convert(_read_one(file, config, where), as_, file, config)
        return _stream(parts, as_, file) if streaming else _convert(parts.read_table(), as_, file, config)
