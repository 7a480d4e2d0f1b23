"""The open edition of a dataset without its checks, which take longer than the site."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from espress_build.inputs.params import read_params
from espress_build.open_edition.edition import write_open
from espress_build.pipeline.package import write_sums

if TYPE_CHECKING:
    from pathlib import Path


def write_unchecked(full: Path, folder: Path) -> Path:
    """Write the open edition into a new folder, with the record of the full edition's checks; returns the folder."""
    write_open(full, folder, read_params())
    shutil.copyfile(full / "incidents.json", folder / "incidents.json")
    write_sums(folder)
    return folder
