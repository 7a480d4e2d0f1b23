"""The dataset whose catalogue is hydrated, with what the stages need to read articles as it does."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress.errors import InputError
from espress.schema import schema
from espress.tables import join_few
from espress_build.hydrate.folder import lasting

if TYPE_CHECKING:
    from pathlib import Path

    from espress.data.identity import Identity
    from espress_build.hydrate.choose import Row
    from espress_build.inputs.params import Params
    from espress_build.inputs.registries import Registries


@dataclass(frozen=True)
class Corpus:
    """A dataset's identity, its articles as a `pyarrow.Table`, all rows of its catalogue, registries, parameters.

    `source` is how a later run finds it again, from any folder; null is the bundled one.
    """

    place: Identity
    articles: Any
    catalogue: list[Row]
    registries: Registries
    params: Params
    source: str | None


def _table(config: str, source: str | Path | None) -> tuple[Identity, Any]:
    import pyarrow.parquet as pq

    from espress.data.load import checked

    file = checked(config, None, source, None)
    with closing(file.handle):
        return file.place, pq.ParquetFile(file.handle).read()


def catalogue_rows(source: str | Path | None = None) -> tuple[Identity, list[Row]]:
    """Return a dataset's identity and the rows of its catalogue; of the bundled dataset where none is named.

    Raises:
        UnknownNameError: that dataset has no catalogue.
        InputError: an id in it is none; ids become names of files.
        DatasetMissingError, DamagedDataError: as `espress.load`.
    """
    place, table = _table("catalogue", source)
    rows = table.to_pylist()
    pattern = next(one.pattern for one in schema().table("catalogue").columns if one.name == "catalogue_id") or ""
    wrong = [repr(row["catalogue_id"]) for row in rows if not re.fullmatch(pattern, str(row["catalogue_id"]))]
    if wrong:
        raise InputError([f"{place.folder}: ids of the catalogue that are none: {join_few(wrong)}. Get the data anew."])
    return place, rows


def read_corpus(source: str | Path | None = None) -> Corpus:
    """Return the dataset of that source, the bundled one where none is named; raises as `catalogue_rows`."""
    from espress.paths import schema_folder
    from espress_build.inputs.params import read_params
    from espress_build.inputs.registries import read_registries

    place, rows = catalogue_rows(source)
    registries = read_registries(schema_folder() / "registries")
    return Corpus(place, _table("articles", source)[1], rows, registries, read_params(), lasting(source))
