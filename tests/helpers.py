"""Helpers that the tests of several folders use."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from espress.schema import schema
from espress_build.metadata.dataset_facts import describe_dataset
from espress_build.pipeline.package import write_metadata, write_sums

if TYPE_CHECKING:
    from espress.schema import Edition

PROJECT = Path(__file__).resolve().parents[1]
DATASET = PROJECT / "dataset"


def copy_project(to: Path) -> Path:
    """Copy what a build reads into the folder `to` and return it."""
    for name in ("raw", "schema", "state"):
        shutil.copytree(PROJECT / name, to / name)
    shutil.copy(PROJECT / "LICENSE-DATA", to)
    return to


def copy_tables(to: Path) -> Path:
    """Copy the tables of the dataset and its incidents into the folder `to` and return it."""
    shutil.copytree(DATASET / "data", to / "data")
    shutil.copy(DATASET / "incidents.json", to)
    return to


def describe(folder: Path, version: str, released: str | None = None, edition: Edition = "full") -> Path:
    """Write metadata and sums for the tables in a folder as of this version and edition, and return the folder."""
    facts = describe_dataset(folder, version=version, released=released, edition=edition)
    write_metadata(folder, (DATASET / "LICENSE-DATA").read_bytes(), facts)
    write_sums(folder)
    return folder


def read_constructed() -> dict[str, Any]:
    """Return the tables of the constructed sets, by name of their file, as the dataset holds them."""
    files = [name for table in ("check", "stance_articles", "practice") for name in schema().table(table).files]
    return {name: pq.read_table(DATASET / "data" / f"{name}.parquet") for name in files}


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
