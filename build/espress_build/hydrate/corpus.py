"""The dataset whose catalogue is hydrated, with what the stages need to read articles as it does."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.schema import schema
from espress.tables import join_few
from espress_build.hydrate.folder import record_source

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.integrity import Identity
    from espress_build.hydrate.choose import Row
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


@dataclass(frozen=True)
class Corpus:
    """A dataset's identity, its articles as a `pyarrow.Table`, its whole catalogue, registries and parameters.

    `source` is how a later run finds it again; None is the bundled dataset.
    """

    place: Identity
    articles: Any
    catalogue: list[Row]
    registries: Registries
    params: Params
    source: str | None


def read_corpus(source: str | Path | None = None) -> Corpus:
    """Return the dataset of a source, by default the bundled one; raises as `read_catalogue`."""
    from espress.paths import schema_folder
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries

    place, rows = read_catalogue(source)
    registries = read_registries(schema_folder() / "registries")
    return Corpus(place, _read_table("articles", source)[1], rows, registries, read_params(), record_source(source))


def read_catalogue(source: str | Path | None = None) -> tuple[Identity, list[Row]]:
    """Return the identity of a dataset and the rows of its catalogue; by default those of the bundled dataset.

    Raises:
        UnknownNameError: that dataset has no catalogue.
        InputError: an id is malformed; ids become file names.
        DatasetMissingError, DamagedDataError: as `espress.load`.
    """
    place, table = _read_table("catalogue", source)
    rows = table.to_pylist()
    pattern = next(one.pattern for one in schema().table("catalogue").columns if one.name == "catalogue_id") or ""
    wrong = [repr(row["catalogue_id"]) for row in rows if not re.fullmatch(pattern, str(row["catalogue_id"]))]
    if wrong:
        raise InputError([f"{place.folder}: malformed ids in the catalogue: {join_few(wrong)}. Get the data again."])
    return place, rows


def _read_table(config: str, source: str | Path | None) -> tuple[Identity, Any]:
    import pyarrow.parquet as pq

    from espress.data.load import open_table

    file = open_table(config, None, source, None)
    with closing(file.handle):
        return file.place, pq.ParquetFile(file.handle).read()
