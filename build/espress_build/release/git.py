"""Query git about commits and changes, and check out the commit that is released."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from espress.errors import EspressError


class GitError(EspressError):
    """There is no repository, git is missing, or something is not committed."""


def run_git(project: Path, *arguments: str, **variables: str) -> str:
    """Run git in a project with additional environment variables, and return its output; raises GitError."""
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True, env=os.environ | variables)  # noqa: S603 - git
    except FileNotFoundError as error:
        raise GitError("git is not installed, but a release is made from a git commit. Install git.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise GitError(f"git {' '.join(arguments)} in {project.resolve()} failed: {said}") from error
    return done.stdout.decode().rstrip("\n")


def read_head(project: Path) -> str:
    """Return the id of the current commit; raises GitError if the project is not a repository of its own."""
    top = run_git(project, "rev-parse", "--show-toplevel")
    if not project.samefile(top):
        raise GitError(f"{project.resolve()} is a folder inside the repository {top}. Run in a clone of the project.")
    return run_git(project, "rev-parse", "HEAD")


def read_commit_day(project: Path) -> str:
    """Return the day of the current commit, YYYY-MM-DD."""
    return run_git(project, "show", "-s", "--format=%cs", "HEAD")


def list_uncommitted(project: Path) -> list[str]:
    """Return the paths that differ from the current commit, and untracked ones that are not ignored."""
    entries = run_git(project, "status", "--porcelain", "-z", "-uall", "--no-renames").split("\0")
    return sorted(entry[3:] for entry in entries if entry)


def check_out(project: Path, folder: Path) -> None:
    """Write the files of the current commit into a new folder, without the repository.

    A temporary index keeps the maintainer's own index unchanged.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as aside:
        index = str(Path(aside) / "index")
        run_git(project, "read-tree", "HEAD", GIT_INDEX_FILE=index)
        run_git(project, "checkout-index", "--all", f"--prefix={folder.resolve()}/", GIT_INDEX_FILE=index)
