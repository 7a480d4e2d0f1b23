"""Loading a table of the corpus in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from espress.errors import DatasetMissingError, MissingLibraryError, UnknownNameError
from espress.places import dataset_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from datasets import Dataset

Form = Literal["datasets", "arrow", "pandas", "polars"]
_FORMS = ["datasets", "arrow", "pandas", "polars"]


def versions() -> list[str]:
    """Return the versions of the data that can be loaded here."""
    from espress.schema import schema

    return [str(schema().about["version"])]


def _file(config: str, version: str | None) -> Path:
    path = dataset_folder() / "data" / f"{config}.parquet"
    if version is not None and version not in versions():
        raise UnknownNameError("version", version, versions())
    if not path.is_file() or path.parent.parent != dataset_folder():
        from espress.schema import schema

        known = [table.name for table in schema().tables]
        if config in known:
            raise DatasetMissingError(f"{path} is missing; the dataset is not whole. Type `espress verify`.")
        raise UnknownNameError("config", config, known, "`espress info` shows what each holds.")
    return path


def _as_datasets(table: Any, config: str) -> Dataset:
    try:
        from datasets import Dataset, DatasetInfo, NamedSplit
    except ModuleNotFoundError as error:
        raise MissingLibraryError("datasets", 'load(as_="datasets")', "pip install datasets") from error
    from espress.features import features
    from espress.schema import schema

    wanted = features(schema().table(config))
    for place, column in enumerate(schema().table(config).columns):
        if column.labels:
            names = wanted[column.name]
            table = table.set_column(place, column.name, names.cast_storage(table[column.name].combine_chunks()))
    info = DatasetInfo(features=wanted, description=schema().table(config).description)
    return Dataset(table.cast(wanted.arrow_schema), info=info, split=NamedSplit(schema().table(config).split))


@overload
def load(config: str = ..., *, as_: Literal["datasets"] = ..., version: str | None = ...) -> Dataset: ...
@overload
def load(config: str = ..., *, as_: Literal["pandas"], version: str | None = ...) -> pd.DataFrame: ...
@overload
def load(config: str = ..., *, as_: Literal["arrow", "polars"], version: str | None = ...) -> Any: ...
def load(config: str = "articles", *, as_: Form = "datasets", version: str | None = None) -> Any:
    """Load one table of the corpus.

    Args:
        config: name of the table: articles, sentences, events, outlets, … `espress info` lists them.
        as_: "datasets" gives a `datasets.Dataset`, labels as ClassLabel; "arrow" a `pyarrow.Table`, "pandas" and
            "polars" a data frame, labels as strings. Nulls stay nulls; timestamps are UTC; offsets count code points.
        version: version of the data; None means the bundled one.

    Raises:
        UnknownNameError: there is no such config, form or version; the message lists those that exist.
        DatasetMissingError: there is no dataset here.
        MissingLibraryError: the library of that form is not installed.
    """
    if as_ not in _FORMS:
        raise UnknownNameError("form", as_, _FORMS)
    import pyarrow.parquet as pq

    # ParquetFile, because pq.read_table imports the dataset layer, which costs more than the reading.
    table = pq.ParquetFile(_file(config, version)).read()
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
    return _as_datasets(table, config)
