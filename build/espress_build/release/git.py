"""What a release asks of git: whether all is committed, and the files of the commit that is released."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from espress.errors import EspressError

if TYPE_CHECKING:
    from collections.abc import Mapping


class GitError(EspressError):
    """There is no repository, git is missing, or something is not committed."""


def _git(project: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> bytes:
    command, env = ["git", "-C", str(project), *arguments], {**os.environ, **(variables or {})}
    try:
        return subprocess.run(command, capture_output=True, check=True, env=env).stdout  # noqa: S603  # our own words
    except FileNotFoundError as error:
        raise GitError("git is not installed; a release is made from a commit. Install it.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise GitError(f"git {' '.join(arguments)} in {project.resolve()} failed: {said}") from error


def head(project: Path) -> str:
    """Return the id of the commit that is checked out; raises GitError, if the project is no repository of its own."""
    top = _git(project, "rev-parse", "--show-toplevel").decode().rstrip("\n")
    if not project.samefile(top):
        raise GitError(f"{project.resolve()} lies in the repository {top}, but is none. Run in a clone of the project.")
    return _git(project, "rev-parse", "HEAD").decode().strip()


def day(project: Path) -> str:
    """Return the day of the commit that is checked out, YYYY-MM-DD."""
    return _git(project, "show", "-s", "--format=%cs", "HEAD").decode().strip()


def uncommitted(project: Path) -> list[str]:
    """Return the paths that differ from the commit, and those that git neither knows nor ignores."""
    entries = _git(project, "status", "--porcelain", "-z", "-uall", "--no-renames").decode().split("\0")
    return sorted(entry[3:] for entry in entries if entry)


def check_out(project: Path, folder: Path) -> None:
    """Write the files of the commit into a new folder, without the repository.

    Git writes them itself, through an index of their own, so that neither the maintainer's index nor the version of
    Python (`tarfile` filters came with 3.11.4) matters.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as aside:
        index = {"GIT_INDEX_FILE": str(Path(aside) / "index")}
        _git(project, "read-tree", "HEAD", variables=index)
        _git(project, "checkout-index", "--all", f"--prefix={folder.resolve()}/", variables=index)
