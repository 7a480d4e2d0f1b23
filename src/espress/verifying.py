"""Whether every byte of a dataset is what the dataset says that it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from espress.errors import DamagedDataError, DatasetMissingError
from espress.places import dataset_folder

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Problem:
    """One file that is not as it should be."""

    path: str
    what: str


@dataclass(frozen=True)
class Report:
    """What `verify` found: `problems` is empty when all is sound; `root` is the hash to cite."""

    folder: Path
    files: int
    root: str
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        """Say it in a few lines for people."""
        if not self.problems:
            return f"{self.folder}: sound, {self.files} files, root {self.root}"
        lines = [f"{self.folder}: {len(self.problems)} problems"]
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


def verify(path: str | Path | None = None) -> Report:
    """Compare every byte of a dataset folder with its SHA256SUMS; `path` None means the bundled dataset.

    Raises:
        DatasetMissingError: there is no dataset there.
        DamagedDataError: SHA256SUMS itself cannot be read.
    """
    folder = Path(path) if path is not None else dataset_folder()
    sums = read_sums(folder)
    problems = [problem for name, wanted in sorted(sums.items()) if (problem := _problem(folder, name, wanted))]
    found = {item.relative_to(folder).as_posix() for item in folder.rglob("*") if not item.is_dir()}
    problems += [Problem(name, f"is not named in {SUMS}") for name in sorted(found - set(sums) - {SUMS})]
    return Report(folder, len(sums), root_hash(folder), tuple(problems))
