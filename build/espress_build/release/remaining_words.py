"""Where words of an article still stand in the project, once it is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from espress.text import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = 6  # words in a row that chance does not repeat; shorter quotations are names and set phrases
_ASIDE = {".git", ".venv", ".make", "data-docs", "dataset", "node_modules"}
_ENDINGS = {".csv", ".ipynb", ".json", ".jsonl", ".md", ".py", ".R", ".toml", ".tsv", ".txt", ".html", ".yml", ".yaml"}

# What to do about words in a file, by where it lies; the first that fits is said.
_REMEDIES = {
    "raw/annotations": "remove the lines about the article; the build leaves them out already, but they are in git",
    "releases": "written with a release, see below",
    "tests": "regenerate or shorten what the test holds",
    "": "shorten the quotation",
}


@dataclass(frozen=True)
class Trace:
    """A file with words of the article: on how many lines, and what to do."""

    path: str
    lines: int
    remedy: str


def _runs(text: str) -> set[tuple[str, ...]]:
    found = [word.casefold() for word in words(text)]
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def _files(project: Path) -> Iterator[Path]:
    for top in sorted(project.iterdir(), key=lambda path: path.name):
        if top.name not in _ASIDE and not (top.name.startswith(".") and top.name.endswith("_cache")):
            yield from (path for path in ([top] if top.is_file() else sorted(top.rglob("*"))) if path.is_file())


def _lines_with(path: Path, runs: set[tuple[str, ...]]) -> int:
    """Return how many lines share a run of words, or with a line before it where the text is wrapped."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(bool(_runs(line) & runs) for line in lines) or int(bool(_runs(" ".join(lines)) & runs))


def traces(project: Path, text: str, home: Path) -> list[Trace]:
    """Return the files outside `home`, the article's own folder, that hold words of its text.

    Files of text are read, the dataset and archives are not: the one is made anew, the others are never changed.
    """
    runs, found = _runs(text), []
    for path in _files(project):
        name = path.relative_to(project).as_posix()
        if path.suffix in _ENDINGS and not path.is_relative_to(home) and (number := _lines_with(path, runs)):
            remedy = next(said for where, said in _REMEDIES.items() if name.startswith(where))
            found.append(Trace(name, number, remedy))
    return found
