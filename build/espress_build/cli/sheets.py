"""The command `espress-build sheets`: turn fact sheets that are not published into a table of articles for a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import InputError

if TYPE_CHECKING:
    import argparse

    from espress_build.build import Places


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "sheets", help="turn a folder of fact sheets into a table on which `espress probe run --data` scores a model"
    )
    parser.add_argument("folder", type=Path, help="one TOML file a sheet, of the form of raw/constructed/stance")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the Parquet file to write, outside raw/ and dataset/"
    )


def _check(places: Places, folder: Path, out: Path) -> list[Path]:
    """Return the sheets of the folder; raises InputError if there are none, or the file cannot be written."""
    found = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    faults = [] if found else [f"{folder}: holds no fact sheets (*.toml). Name a folder like raw/constructed/stance."]
    if out.suffix != ".parquet":
        faults.append(f"{out}: the name of the table ends in .parquet.")
    if not out.absolute().parent.is_dir():
        faults.append(f"{out}: there is no folder {out.parent}. Make it first.")
    if any(out.resolve().is_relative_to(place.resolve()) for place in (places.raw, places.dataset)):
        faults.append(f"{out}: lies in the project's data. Name a file outside raw/ and dataset/.")
    if faults:
        raise InputError(faults)
    return found


def run(places: Places, arguments: argparse.Namespace) -> int:
    """Write the table; returns 0.

    Raises:
        InputError: a sheet is not valid, is published already or shares words with a published one; or the file cannot
            be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from espress.files import replace_file
    from espress_build.constructed.tables import make_private_articles

    found = _check(places, arguments.folder, arguments.out)
    sentences = pq.read_table(places.dataset / "data" / "sentences.parquet", columns=["text"])["text"].to_pylist()
    table = make_private_articles(
        found,
        (places.raw / "constructed" / "stance").glob("*.toml"),
        places.schema / "constructed.toml",
        [text for text in sentences if text],
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    replace_file(arguments.out, buffer.getvalue().to_pybytes())
    print(f"{table.num_rows} articles of {len(found)} sheets in {arguments.out}. To score a model on them, type:")
    print(f"espress probe run MODEL --task stance --data {arguments.out}")
    return 0
