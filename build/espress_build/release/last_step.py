"""The last step of a release, which a kill cannot leave half done.

What to write is all there, checked, before the first file of the project is touched; whoever runs the command again
writes the rest.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from espress.errors import EspressError
from espress.files import hash_file
from espress_build.pipeline import dataset_exchange

# Where a release writes; all else stays as it was committed.
_WRITTEN = ("*.md", "CITATION.cff", "docs/**/*", "state/folds.csv", "schema/**/*", "releases/**/*")
_FILE, _LEDGER = "plan.json", "releases/releases.json"


class ReleaseStoppedError(EspressError):
    """A release cannot go on from where it stands."""


@dataclass(frozen=True)
class Plan:
    """What a release writes: `files` are paths below both the project and `source`, each with its SHA-256."""

    version: str
    head: str
    source: str  # folder below the working folder
    files: dict[str, str]
    dataset: dict[str, str]

    @property
    def paths(self) -> set[str]:
        """Return every path of the project that the plan touches, but old files of the dataset."""
        return {*self.files, *(f"dataset/{name}" for name in self.dataset)}


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in paths}


def make_plan(project: Path, work: Path, source: Path, version: str, head: str) -> Plan:
    """Put down what differs between a finished clone and the project; from then on the release is decided."""
    found = sorted({path for pattern in _WRITTEN for path in source.glob(pattern) if path.is_file()})
    files = {path.relative_to(source).as_posix(): hash_file(path) for path in found}
    old = {name: hash_file(project / name) for name in files if (project / name).is_file()}
    dataset = source / "dataset"
    plan = Plan(
        version,
        head,
        source.relative_to(work).as_posix(),
        {name: digest for name, digest in files.items() if old.get(name) != digest},
        _digests(dataset),
    )
    dataset_exchange.write_bytes(work / f"{_FILE}.new", json.dumps(asdict(plan), indent=1).encode())
    dataset_exchange.reached("rename")
    (work / f"{_FILE}.new").replace(work / _FILE)
    dataset_exchange.sync_folder(work)
    return plan


def read_plan(work: Path) -> Plan | None:
    """Return the plan of a release that was stopped while it wrote; None if there is none, or none that is whole."""
    if not (work / _FILE).is_file():
        return None
    plan = Plan(**json.loads((work / _FILE).read_text(encoding="utf-8")))
    source = work / plan.source
    wanted = plan.files | {f"dataset/{name}": digest for name, digest in plan.dataset.items()}
    whole = all((source / name).is_file() and hash_file(source / name) == digest for name, digest in wanted.items())
    return plan if whole else None


def _is_archive(name: str) -> bool:
    return PurePosixPath(name).parent == PurePosixPath("releases/archives")


def _put(source: Path, target: Path, work: Path) -> None:
    """Let a file take its place in one step, on the disk for good."""
    moving = work / "moving"
    moving.unlink(missing_ok=True)
    dataset_exchange.write_bytes(moving, source.read_bytes())
    target.parent.mkdir(parents=True, exist_ok=True)
    dataset_exchange.reached("rename")
    moving.replace(target)
    dataset_exchange.sync_folder(target.parent)


def _exchange_dataset(source: Path, plan: Plan, target: Path) -> None:
    with dataset_exchange.only_build(target):
        dataset_exchange.recover(target)
        if _digests(target) == plan.dataset:
            return
        dataset_exchange.check_target(target)
        try:
            for name in plan.dataset:
                dataset_exchange.write_bytes(dataset_exchange.staging(target) / name, (source / name).read_bytes())
            dataset_exchange.exchange(target)
        finally:
            dataset_exchange.recover(target)


def carry_out(plan: Plan, project: Path, work: Path) -> None:
    """Write what the plan names, archives first and the list of releases last; may be done again at any time.

    Raises:
        ReleaseStoppedError: an archive of that name stands there with other bytes; archives are never written again.
    """
    source = work / plan.source
    archives = [name for name in plan.files if _is_archive(name)]
    for name in archives:
        if (project / name).is_file() and hash_file(project / name) != plan.files[name]:
            raise ReleaseStoppedError(
                f"{project / name} exists with other bytes, and an archive is never written again. If it was never "
                f"published, remove it, and {work} too; else take the next number."
            )
    others = sorted(set(plan.files) - set(archives) - {_LEDGER})
    for name in archives:
        if not (project / name).is_file():
            _put(source / name, project / name, work)
    _exchange_dataset(source / "dataset", plan, (project / "dataset").absolute())
    for name in [*others, *(name for name in plan.files if name == _LEDGER)]:
        if not (project / name).is_file() or hash_file(project / name) != plan.files[name]:
            _put(source / name, project / name, work)
    dataset_exchange.reached("remove")
    (work / _FILE).unlink()
    shutil.rmtree(work)
