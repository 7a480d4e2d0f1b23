"""Verify a dataset against releases.json or, if it is not a known release, against its own SHA256SUMS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from espress.data.integrity import Problem, compare, hash_once, identify
from espress.data.releases import SUMS, known_releases, trust_hash
from espress.data.resolve import find, is_version, versions
from espress.errors import DamagedDataError, DatasetMissingError
from espress.installation import how_to_update
from espress.paths import dataset_folder
from espress.text import escape_for_terminal

if TYPE_CHECKING:
    from espress.data.releases import Edition

_PLAIN = re.compile(r"[\w./+~-]+(?: [\w./+~-]+)*")


@dataclass(frozen=True)
class Report:
    """The result of `verify`: `problems` is empty if every file matches; `root` is the hash to cite.

    `trust` is the hash of the releases.json with which the bytes were compared; it is None if this installation does
    not know the release, so that the folder was compared with its own SHA256SUMS only.
    """

    folder: Path
    files: int
    root: str
    problems: tuple[Problem, ...]
    version: str
    edition: str
    trust: str | None

    def __str__(self) -> str:
        """Return the report as a few lines of text, in which unusual file names and versions are quoted and escaped."""
        version = self.version if is_version(self.version) else repr(self.version)[:80]
        basis = (
            f"  version {version} ({self.edition}), compared with releases.json, sha256 {self.trust}"
            if self.trust
            else f"  version {version} ({self.edition}) is not a known release; compared only with its own {SUMS}"
        )
        folder = _quote_name(str(self.folder))
        if not self.problems:
            return f"{folder}: sound, {self.files} files, root {self.root}\n{basis}"
        lines = [f"{folder}: {len(self.problems)} problems", basis]
        return "\n".join(
            lines + [f"  {_quote_name(one.path)}: {escape_for_terminal(one.what)}" for one in self.problems]
        )


def _quote_name(name: str) -> str:
    """Return the name of a file, in quotes and escaped unless it has only usual characters."""
    return name if _PLAIN.fullmatch(name) else escape_for_terminal(repr(name))


def verify(path_or_version: str | Path | None = None, *, edition: str | None = None) -> Report:
    """Compare every byte of a dataset with releases.json, or with its own SHA256SUMS if it is not a known release.

    Args:
        path_or_version: a dataset folder, the archive of a release, or a version that is on this machine; None means
            the bundled dataset.
        edition: the edition of that version: "full" (the default) or "open".

    Raises:
        DatasetMissingError: there is no dataset, or that version is not on this machine.
        DamagedDataError: SHA256SUMS or releases.json itself cannot be read.
        UnknownNameError: there is no such version.
    """
    if path_or_version is None:
        return _verify_folder(dataset_folder())
    path = Path(path_or_version)
    if isinstance(path_or_version, str) and is_version(path_or_version) and not path.exists():
        return _verify_folder(find(path_or_version, edition=edition).folder)
    if not path.exists():
        names = ", ".join(versions()) or "none"
        raise DatasetMissingError(
            f"There is no {str(path)!r}. Name a dataset folder, the archive of a release, or a version: {names}."
        )
    return _verify_archive(path) if path.is_file() else _verify_folder(path)


def _verify_folder(folder: Path) -> Report:
    place = identify(folder)
    wanted, released = place.wanted(), place.release is not None
    problems = compare(folder, wanted, "releases.json" if released else SUMS)
    if not place.genuine and not released:
        problems = (Problem(SUMS, f"release {place.version} has no edition {place.edition!r}"), *problems)
    files = len(wanted.keys() - {SUMS})
    return Report(folder, files, place.root, problems, place.version, place.edition, trust_hash() if released else None)


def _verify_archive(path: Path) -> Report:
    """Unpack an archive into a temporary folder and compare its files."""
    from tempfile import TemporaryDirectory

    from espress.data.release_archive import unpack

    version, name, edition = _find_edition(path)
    problems: tuple[Problem, ...] = ()
    try:
        with TemporaryDirectory(prefix="espress-") as folder:
            unpack(path, edition, Path(folder))
    except DamagedDataError as error:
        problems = (Problem(path.name, str(error)),)
    return Report(path, len(edition.files) - 1, edition.root, problems, version, name, trust_hash())


def _find_edition(path: Path) -> tuple[str, str, Edition]:
    """Return version and edition of an archive, found by its hash or, if its bytes were changed, by its name."""
    known = [(r.version, name, e) for r in known_releases().values() for name, e in r.editions.items()]
    matches = [entry for entry in known if entry[2].archive.sha256 == hash_once(path)]
    matches += [entry for entry in known if entry[2].archive.name == path.name]
    if not matches:
        names = ", ".join(edition.archive.name for *_, edition in known) or "none"
        raise DatasetMissingError(
            f"{path} is not an archive of a release that this installation knows: {names}. Unpack it to compare it "
            f"with its own SHA256SUMS, or update espress. {how_to_update()}"
        )
    return matches[0]
