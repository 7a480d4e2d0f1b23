"""Whether every byte of a dataset is what the dataset says that it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from espress.errors import DamagedDataError, DatasetMissingError
from espress.paths import dataset_folder

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Problem:
    """One file that is not as it should be."""

    path: str
    what: str


@dataclass(frozen=True)
class Report:
    """What `verify` found: `problems` is empty when all is sound; `root` is the hash to cite.

    `trust` is the hash of the releases.json that the bytes were compared with; null when the version is no release
    that this installation knows, so that the folder's own SHA256SUMS was all there was to compare with.
    """

    folder: Path
    files: int
    root: str
    problems: tuple[Problem, ...]
    version: str
    edition: str
    trust: str | None

    def __str__(self) -> str:
        """Say it in a few lines for people."""
        ground = (
            f"  version {self.version} ({self.edition}), compared with releases.json, sha256 {self.trust}"
            if self.trust
            else f"  version {self.version} ({self.edition}) is no release that this installation knows: compared with "
            f"its own {SUMS} only"
        )
        if not self.problems:
            return f"{self.folder}: sound, {self.files} files, root {self.root}\n{ground}"
        lines = [f"{self.folder}: {len(self.problems)} problems", ground]
        return "\n".join(lines + [f"  {problem.path}: {problem.what}" for problem in self.problems])


def read_sums(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 as the dataset's SHA256SUMS names them.

    Raises:
        DatasetMissingError: the folder has no SHA256SUMS.
        DamagedDataError: a line of it is not a hash and a path inside the folder.
    """
    path = folder / SUMS
    if not path.is_file():
        raise DatasetMissingError(f"{folder} holds no dataset: it has no {SUMS}. Type `make corpus` in a clone.")
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if not match or Path(match[2]).is_absolute() or ".." in Path(match[2]).parts:
            raise DamagedDataError(
                f"{path}, line {number} is not a hash and a path: {line[:80]!r}. Fetch the data anew."
            )
        sums[match[2]] = match[1]
    return sums


def root_hash(folder: Path) -> str:
    """Return the SHA-256 of SHA256SUMS, which stands for every byte of the dataset; raises DatasetMissingError."""
    read_sums(folder)
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


def _problem(folder: Path, name: str, wanted: str) -> Problem | None:
    path = folder / name
    if path.is_symlink():
        return Problem(name, "is a symbolic link")
    if not path.is_file():
        return Problem(name, "is missing")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return None if found == wanted else Problem(name, f"has sha256 {found}, not {wanted}")


def compare(folder: Path, wanted: dict[str, str], named_in: str = SUMS) -> tuple[Problem, ...]:
    """Return each file below a folder whose bytes differ from `wanted` (path -> SHA-256), lacks, or is not named."""
    problems = [problem for name, sha256 in sorted(wanted.items()) if (problem := _problem(folder, name, sha256))]
    found = {item.relative_to(folder).as_posix() for item in folder.rglob("*") if not item.is_dir()}
    strays = [Problem(name, f"is not named in {named_in}") for name in sorted(found - set(wanted) - {SUMS})]
    return (*problems, *strays)


def by_sums(folder: Path) -> tuple[Problem, ...]:
    """Compare a folder with its own SHA256SUMS, whatever version it says that it is; raises as `verify` does."""
    return compare(folder, read_sums(folder))


def _verify_folder(folder: Path, shown: Path) -> Report:
    from espress.data.identity import identify
    from espress.data.releases import trust_hash

    place = identify(folder)
    wanted, released = place.wanted(), place.release is not None
    problems = compare(folder, wanted, "releases.json" if released else SUMS)
    if not place.genuine and not released:
        problems = (Problem(SUMS, f"release {place.version} has no edition {place.edition!r}"), *problems)
    files = len(wanted.keys() - {SUMS})
    return Report(shown, files, place.root, problems, place.version, place.edition, trust_hash() if released else None)


def _verify_archive(path: Path) -> Report:
    """Unpack an archive where it leaves no trace, and compare what was in it."""
    from tempfile import TemporaryDirectory

    from espress.data.archive import unpack
    from espress.data.file_digests import digest
    from espress.data.releases import known_releases, trust_hash

    known = [(r, name, e) for r in known_releases().values() for name, e in r.editions.items()]
    # By its hash; a changed or cut archive by its name, so that the report says what is wrong with it.
    matches = [entry for entry in known if entry[2].archive.sha256 == digest(path)]
    matches += [entry for entry in known if entry[2].archive.name == path.name]
    if not matches:
        names = ", ".join(edition.archive.name for *_, edition in known) or "none"
        raise DatasetMissingError(
            f"{path} is no archive of a release that this installation knows: {names}. Unpack it to compare it with "
            "its own SHA256SUMS, or update espress: pip install --upgrade espress."
        )
    release, name, edition = matches[0]
    problems: tuple[Problem, ...] = ()
    try:
        with TemporaryDirectory(prefix="espress-") as folder:
            unpack(path, edition, Path(folder))
    except DamagedDataError as error:
        problems = (Problem(path.name, str(error)),)
    return Report(path, len(edition.files) - 1, edition.root, problems, release.version, name, trust_hash())


def verify(path_or_version: str | Path | None = None, *, edition: str | None = None) -> Report:
    """Compare every byte of a dataset with releases.json, or with its own SHA256SUMS when it is no known release.

    Args:
        path_or_version: a dataset folder, the archive of a release, or a version that is at hand; None means the
            bundled dataset.
        edition: of a version: "full" (the default) or "open".

    Raises:
        DatasetMissingError: there is no dataset there, or that version is not at hand.
        DamagedDataError: SHA256SUMS or releases.json itself cannot be read.
        UnknownNameError: there is no such version.
    """
    if path_or_version is None:
        return _verify_folder(dataset_folder(), dataset_folder())
    path = Path(path_or_version)
    if isinstance(path_or_version, str) and not path.exists():
        from espress.data.resolve import find, is_version

        if is_version(path_or_version):
            folder = find(path_or_version, edition=edition).folder
            return _verify_folder(folder, folder)
    return _verify_archive(path) if path.is_file() else _verify_folder(path, path)
