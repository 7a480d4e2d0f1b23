"""Run the official validators, each in its environment, over both editions with a release's metadata.

`make metadata-test` runs this and prints `name version PASS|FAIL|SKIP reason`, a line each. With STRICT=1 a skipped
validator counts as failed. When all pass, benchmarks/results/validators.json is written, from which the table in
docs/maintain/metadata.md is made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.helpers import PROJECT, copy_tables, describe

from espress_build.open_edition.edition import open_edition

if TYPE_CHECKING:
    from espress.schema import Edition

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
    return describe(copy_tables(folder), version, released="2001-02-03")


def _run_on_both(validator: Validator, folders: dict[Edition, Path]) -> Result:
    """Return the result on the full edition, with the complaints about either."""
    results = {edition: run(validator, folder) for edition, folder in folders.items()}
    if validator.of_project or not validator.python.is_file():
        return results["full"]
    failed = [f"{edition}: {result.reason}" for edition, result in results.items() if result.status == "FAIL"]
    return replace(results["full"], status="FAIL" if failed else "PASS", reason=" | ".join(failed))


def main() -> int:
    """Run all validators; return 0 when all pass, 1 otherwise."""
    results = []
    with tempfile.TemporaryDirectory() as aside:
        editions: tuple[Edition, ...] = ("full", "open")
        folders = {edition: released(Path(aside) / edition, edition) for edition in editions}
        for validator in VALIDATORS:
            results.append(result := _run_on_both(validator, folders))
            print(f"{result.name} {result.version} {result.status} {result.reason}".rstrip(), flush=True)
    statuses = {result.status for result in results}
    if statuses == {"PASS"}:
        text = json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1)
        (PROJECT / "benchmarks" / "results" / "validators.json").write_text(text + "\n", encoding="utf-8")
    failing = {"FAIL", "SKIP"} if os.environ.get("STRICT") == "1" else {"FAIL"}
    return 1 if statuses & failing else 0


if __name__ == "__main__":
    sys.exit(main())
