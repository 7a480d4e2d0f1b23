"""Write a finished release into the project, so that a kill cannot leave it partly written.

All files are finished and hashed in a plan before the first one of the project changes. The same command, typed
again, writes the rest.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from espress.errors import EspressError
from espress.files import hash_file, replace_file, sync_folder, write_new
from espress_build.pipeline import dataset_swap
from espress_build.release.ledger import list_files

if TYPE_CHECKING:
    from pathlib import Path

# Files that a release writes in addition to dataset/; all other files are as committed.
_WRITTEN = ("*.md", "CITATION.cff", "docs/**/*", "state/*.csv", "schema/**/*", "releases/**/*")
_FILE, _LEDGER, _ARCHIVES, _DATASET = "plan.json", "releases/releases.json", "releases/archives/", "dataset/"


class ReleaseStoppedError(EspressError):
    """A release that was stopped cannot be continued."""


@dataclass(frozen=True)
class Plan:
    """The files of a release: path below the project -> SHA-256; the files themselves are in `finished_files(work)`."""

    version: str
    head: str
    files: dict[str, str]


def finished_files(work: Path) -> Path:
    """Return the folder whose files a plan writes: the first build, below the working folder."""
    return work / "first"


def make_plan(project: Path, work: Path, version: str, head: str) -> Plan:
    """Store the list of finished files that differ from the project; from then on the release can only be completed."""
    source = finished_files(work)
    found = {path for pattern in _WRITTEN for path in source.glob(pattern) if path.is_file()}
    files = {path.relative_to(source).as_posix(): hash_file(path) for path in sorted(found)}
    files = {name: digest for name, digest in files.items() if not _has(project, name, digest)}
    files |= {_DATASET + file.path: file.sha256 for file in list_files(source / "dataset")}
    plan = Plan(version, head, files)
    replace_file(work / _FILE, json.dumps(asdict(plan), indent=1).encode())
    return plan


def read_plan(work: Path) -> Plan | None:
    """Return the plan of a release that was stopped while it wrote, or None if there is no plan with all its files."""
    if not (work / _FILE).is_file():
        return None
    plan = Plan(**json.loads((work / _FILE).read_text(encoding="utf-8")))
    return plan if all(_has(finished_files(work), name, digest) for name, digest in plan.files.items()) else None


def _has(folder: Path, name: str, digest: str) -> bool:
    return (folder / name).is_file() and hash_file(folder / name) == digest


def _exchange_dataset(source: Path, plan: Plan, target: Path) -> None:
    wanted = {name.removeprefix(_DATASET): digest for name, digest in plan.files.items() if name.startswith(_DATASET)}
    with dataset_swap.only_build(target):
        dataset_swap.recover(target)
        if {file.path: file.sha256 for file in list_files(target)} == wanted:
            return
        dataset_swap.check_target(target)
        try:
            for name in wanted:
                write_new(dataset_swap.staging(target) / name, (source / "dataset" / name).read_bytes())
            dataset_swap.exchange(target)
        finally:
            dataset_swap.recover(target)


def carry_out(plan: Plan, project: Path, work: Path) -> None:
    """Write the files of the plan, archives first and the list of releases last; safe to repeat.

    Raises:
        ReleaseStoppedError: an archive exists with other bytes; an archive is never overwritten.
    """
    archives = [name for name in plan.files if name.startswith(_ARCHIVES)]
    for name in archives:
        if (project / name).is_file() and not _has(project, name, plan.files[name]):
            raise ReleaseStoppedError(
                f"{project / name} exists with other bytes, and an archive is never overwritten. If it was never "
                f"published, remove it and {work}; otherwise take the next number."
            )
    others = sorted(name for name in plan.files if name not in archives and not name.startswith(_DATASET))
    _write(archives, plan, project, work)
    _exchange_dataset(finished_files(work), plan, (project / "dataset").absolute())
    _write(sorted(others, key=lambda name: name == _LEDGER), plan, project, work)
    (work / _FILE).unlink()
    shutil.rmtree(work)


def _write(names: list[str], plan: Plan, project: Path, work: Path) -> None:
    """Write files, each in one durable step through the working folder; a kill leaves no temporary file elsewhere."""
    for name in names:
        if not _has(project, name, plan.files[name]):
            moving, target = work / "moving", project / name
            moving.unlink(missing_ok=True)
            write_new(moving, (finished_files(work) / name).read_bytes())
            target.parent.mkdir(parents=True, exist_ok=True)
            moving.replace(target)
            sync_folder(target.parent)
