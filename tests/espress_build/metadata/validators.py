"""The official validators, each with the environment that it runs in, and how to run one over a dataset folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow.parquet as pq

from espress_build.metadata.facts import describe_dataset
from espress_build.open_edition.edition import open_edition
from espress_build.pipeline.package import write_metadata, write_sums

if TYPE_CHECKING:
    from espress.schema import Edition

PROJECT = Path(__file__).resolve().parents[3]
DATASET = PROJECT / "dataset"
HERE = Path(__file__).parent
_SHOWN = 5  # complaints


@dataclass(frozen=True)
class Validator:
    """One validator: the file that it reads, and its environment (None: the project's own)."""

    name: str
    looks_at: str
    environment: str | None
    of_project: bool = False  # looks at the repository, not at a dataset folder

    @property
    def python(self) -> Path:
        """Return the interpreter to run the script with; it may not be there."""
        own = PROJECT / ".make" / f"metadata-{self.environment}" / "bin" / "python"
        return own if self.environment else Path(sys.executable)


VALIDATORS = (
    Validator("mlcroissant", "croissant.json", "croissant"),
    Validator("frictionless", "datapackage.json", "frictionless"),
    Validator("roc-validator", "ro-crate-metadata.json", "rocrate"),
    Validator("datacite", "datacite.json", "datacite"),
    Validator("extruct", "index.html", "schema-org"),
    Validator("cffconvert", "CITATION.cff", "citation", of_project=True),
    Validator("huggingface_hub", "README.md", None),
)


@dataclass(frozen=True)
class Result:
    """What a validator said; `reason` is empty when it had nothing to say."""

    name: str
    version: str
    looks_at: str
    status: Literal["PASS", "FAIL", "SKIP"]
    reason: str


def run(validator: Validator, folder: Path) -> Result:
    """Run one validator over a dataset folder; SKIP when its environment is not there."""
    if not validator.python.is_file():
        reason = "not installed; type: make metadata-test"
        return Result(validator.name, "-", validator.looks_at, "SKIP", reason)
    subject = PROJECT if validator.of_project else folder
    command = [str(validator.python), str(HERE / "official.py"), validator.name, str(subject)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    version, _, said = done.stdout.partition("\n")
    if done.returncode == 0:
        return Result(validator.name, version, validator.looks_at, "PASS", "")
    return Result(validator.name, version or "-", validator.looks_at, "FAIL", _shortly(said, done.stderr))


def _shortly(said: str, broken: str) -> str:
    """Return the first complaints and how many more; if the validator broke down, the last line of that."""
    lines = [line for line in said.splitlines() if line.strip()] or broken.strip().splitlines()[-1:]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return "; ".join(line[:300] for line in lines[:_SHOWN]) + more


def released(folder: Path, edition: Edition = "full", version: str = "1.2.3") -> Path:
    """Write the project's dataset with the metadata of a release on a made-up day into `folder`; returns it."""
    if edition == "open":
        open_edition(released(folder.with_name(f"{folder.name}-full"), version=version), folder)
        return folder
    shutil.copytree(DATASET / "data", folder / "data")
    shutil.copyfile(DATASET / "incidents.json", folder / "incidents.json")
    rows = {path.stem: pq.read_metadata(path).num_rows for path in sorted((folder / "data").glob("*.parquet"))}
    said = describe_dataset(folder, version=version, released="2001-02-03")
    write_metadata(folder, rows, (DATASET / "LICENSE-DATA").read_bytes(), said)
    write_sums(folder)
    return folder
