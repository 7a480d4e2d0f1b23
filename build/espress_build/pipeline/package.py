"""The stage `package`: write the tables and the files that describe them, with the layout of the Hub repository."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from tqdm import tqdm

from espress.files import hash_file, open_new, sync_folder, write_new
from espress.schema import schema
from espress_build.arrow_schema import arrow_schema
from espress_build.metadata.card import make_card
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.metadata.dialects.croissant import make_croissant
from espress_build.metadata.dialects.datacite import make_datacite
from espress_build.metadata.dialects.frictionless import make_data_package
from espress_build.metadata.dialects.rocrate import make_ro_crate
from espress_build.metadata.dialects.schema_org import make_landing_page
from espress_build.pipeline.label import LABEL_TABLES
from espress_build.pipeline.row_groups import StitchedFile, fetch_or_pack, list_options

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import IO

    from espress.schema import Edition
    from espress_build.inputs.params import Package
    from espress_build.metadata.dataset_facts import About
    from espress_build.pipeline.result_cache import ResultCache
    from espress_build.pipeline.runner import Batches

SUMS = "SHA256SUMS"


def as_json(value: object) -> bytes:
    """Return a value as indented UTF-8 JSON with a final line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


class _Writer:
    """A Parquet file that is written table by table; with a cache, row groups that were packed before come from it."""

    def __init__(self, file: IO[bytes], declared: Any, params: Package, cache: ResultCache | None) -> None:
        self._declared, self._options, self._cache = declared, list_options(params), cache
        self._file = file
        self._plain: Any = None
        self._stitched: StitchedFile | None = None

    def write(self, table: Any) -> None:
        """Write a table, which must have rows, as a row group."""
        given = table.cast(self._declared)
        if self._cache is None:
            self._plain = self._plain or pq.ParquetWriter(self._file, self._declared, **self._options)
            self._plain.write_table(given, row_group_size=given.num_rows)
        else:
            self._stitched = self._stitched or StitchedFile(self._file)
            self._stitched.add(fetch_or_pack(given, self._options, self._cache))

    @property
    def size(self) -> int:
        """The number of bytes until now."""
        return self._stitched.size if self._stitched else self._file.tell()

    def close(self) -> None:
        """Write the footer."""
        if self._stitched:
            self._stitched.close()
        else:
            (self._plain or pq.ParquetWriter(self._file, self._declared, **self._options)).close()


def write_parquet(  # noqa: PLR0913 - what, where, how
    path: Path, tables: Iterable[Any], name: str, params: Package, *, edition: Edition = "full",
    cache: ResultCache | None = None,
) -> None:  # fmt: skip
    """Write the tables of one config in order, each as a row group; tables without rows are left out."""
    declared = arrow_schema(schema().select_edition(edition).file(name))
    with open_new(path) as file, closing(_Writer(file, declared, params, cache)) as writer:
        for table in tables:
            if table.num_rows:
                writer.write(table)


def write_shards(  # noqa: PLR0913 - what, where, how
    folder: Path, tables: Iterable[Any], name: str, params: Package, *, most_bytes: int,
    cache: ResultCache | None = None,
) -> list[Path]:  # fmt: skip
    """Write the tables of one config in order into `NAME-00000.parquet`, `NAME-00001.parquet`, …; at least one file.

    Each table is a row group. A file ends with the row group at which it reaches `most_bytes`.
    """
    declared = arrow_schema(schema().file(name))
    files: list[Path] = []
    waiting = iter(table for table in tables if table.num_rows)
    table = next(waiting, None)
    while table is not None or not files:
        files.append(folder / f"{name}-{len(files):05d}.parquet")
        with open_new(files[-1]) as file, closing(_Writer(file, declared, params, cache)) as writer:
            while table is not None:
                writer.write(table)
                table = next(waiting, None)
                if writer.size >= most_bytes:
                    break
    return files


def write_tables(  # noqa: PLR0913, PLR0917 - what, where, how
    batches: Batches, shortcuts: Any, constructed: dict[str, Any], folder: Path, params: Package,
    cache: ResultCache | None = None,
) -> None:  # fmt: skip
    """Write every Parquet file below `folder`.

    `constructed` holds the tables of the constructed sets by file name; `cache` holds row groups of earlier builds.
    """
    given: dict[str, Iterable[Any]] = {
        **{name: batches.tables(name) for name in ("articles", "sentences", *LABEL_TABLES)},
        "rejects": [batches.rejects()],
        "unit_moves": [batches.unit_moves],
        "splits": [batches.splits],
        "shortcuts": [shortcuts],
        "catalogue": [batches.catalogue],
        **{name: [table] for name, table in (batches.registries.tables | constructed).items()},
    }
    for name in tqdm([table.name for table in schema().files], desc="files", unit=" file", disable=None):
        write_parquet(folder / "data" / f"{name}.parquet", given[name], name, params, cache=cache)


def make_metadata(folder: Path, about: About) -> dict[str, bytes]:
    """Return the name and content of every file that describes the tables of a dataset folder."""
    listed = {table.name: folder / "data" / f"{table.name}.parquet" for table in schema().files}
    paths = {name: path for name, path in listed.items() if path.is_file()}
    rows = {name: pq.read_metadata(path).num_rows for name, path in paths.items()}
    files = {name: (path.stat().st_size, hash_file(path)) for name, path in paths.items()}
    return {
        "README.md": make_card(schema(), about, folder, rows, files).encode(),
        "croissant.json": as_json(make_croissant(schema(), about, files)),
        "datapackage.json": as_json(make_data_package(schema(), about, files)),
        "ro-crate-metadata.json": as_json(make_ro_crate(schema(), about, files)),
        "datacite.json": as_json(make_datacite(schema(), about, files)),
        "index.html": make_landing_page(schema(), about, files).encode(),
    }


def write_metadata(folder: Path, licence: bytes, about: About | None = None) -> None:
    """Write every file that describes the tables, and the licence of the labels.

    By default, the version is the one in schema/dataset.toml.
    """
    for name, content in make_metadata(folder, about or describe_dataset(folder)).items():
        write_new(folder / name, content)
    write_new(folder / "LICENSE-DATA", licence)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS of all other files, in order of paths, in the format of `sha256sum -c`."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{hash_file(folder / path)}  {path}\n" for path in paths]
    write_new(folder / SUMS, "".join(lines).encode())
    inner = {(folder / path).parent for path in paths} - {folder}
    for inside in (*sorted(inner), folder):
        sync_folder(inside)
