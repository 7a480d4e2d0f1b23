"""Join a table of the dataset with the same table of a folder that `espress hydrate` or `espress collect` filled."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from espress.data.integrity import hash_once
from espress.data.stream import Parts, list_groups
from espress.errors import DamagedDataError, InputError
from espress.files import explain_json_error
from espress.paths import dataset_folder

if TYPE_CHECKING:
    from espress.data.filter import Where
    from espress.data.integrity import Identity
    from espress.data.load import OpenTable
    from espress.data.stream import Links

CONTENTS = "hydrated.json"  # written last, so a folder without it is not complete
LOG = "state.jsonl"
COLLECTED = "work"  # a subfolder that only `espress collect` makes
_ADDED = ("articles", "sentences", "rejects")  # tables whose hydrated rows are appended
_REPLACED = "catalogue"  # table that keeps its rows, except that entries name their articles
_LINKS = ("duplicate_group", "duplicate_kind", "block_id")


@dataclass(frozen=True)
class Contents:
    """The dataset that the tables of a hydrated folder belong to, and the SHA-256 of each file below `data/`.

    `source` is where that dataset came from, None for the bundled one.
    """

    version: str
    edition: str
    root: str
    files: dict[str, str]
    source: str | None


def quote_command(folder: Path, options: str = "") -> str:
    """Return the command that filled a folder, quoted for a shell; `options` are added to `espress hydrate`."""
    if (folder / COLLECTED).is_dir():
        return f"espress collect SOURCE... --out {quote(str(folder))}"
    return f"espress hydrate {quote(str(folder))}{options}"


def record_source(source: str | Path | None) -> str | None:
    """Return a source in a form that later runs find from any folder and in any locale; None is the bundled dataset."""
    if source is None or str(source).startswith("hub:"):
        return None if source is None else str(source)
    return os.fsencode(Path(source).expanduser().resolve()).decode("utf-8", "surrogateescape")


def restore_source(source: str | None) -> str | None:
    """Return a recorded source as a file name in this system's encoding."""
    return None if source is None else os.fsdecode(source.encode("utf-8", "surrogateescape"))


def read_contents(folder: str | Path) -> Contents:
    """Return the dataset and the file hashes that a hydrated folder records.

    Raises:
        InputError: there is no such folder, or no run in it has finished.
        DamagedDataError: the file that records them cannot be read.
    """
    folder = Path(folder)
    path = folder / CONTENTS
    if not path.is_file():
        raise InputError([_explain_missing(folder)])
    try:
        found = json.loads(path.read_bytes())
        source = restore_source(found.get("source"))
        return Contents(str(found["version"]), str(found["edition"]), str(found["root"]), dict(found["files"]), source)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedDataError(
            f"{path} cannot be read: {explain_json_error(error)}. Type: {quote_command(folder, ' --limit 0')} (the "
            "pages are kept)"
        ) from error


def _explain_missing(folder: Path) -> str:
    if (folder / LOG).is_file():
        return (
            f"{folder} is not complete: a run is using it, or was stopped. Continue with `{quote_command(folder)}`, or "
            f"write tables of the pages fetched so far with `{quote_command(folder, ' --limit 0')}`."
        )
    if (folder / COLLECTED).is_dir():
        return f"{folder} is not complete: a run is using it, or was stopped. Type again: `{quote_command(folder)}`."
    what = "was not filled by espress hydrate or collect" if folder.exists() else "does not exist"
    return (
        f"{folder} {what}. Check the name. `espress hydrate FOLDER` creates and fills such a folder, and so does "
        "`espress collect`."
    )


def _check(contents: Contents, place: Identity, folder: Path) -> None:
    """Raise InputError unless the folder's tables were made for this dataset."""
    is_bundled = contents.source is None and place.folder == dataset_folder()
    options = " --limit 0" + ("" if is_bundled else f" --source {quote(str(place.folder))}")
    rebuild = f"type `{quote_command(folder, options)}`, which writes its tables again from the stored pages"
    if contents.version != place.version:
        raise InputError(
            [f"{folder} was hydrated for version {contents.version}; this is {place}. Load that version, or {rebuild}."]
        )
    if contents.edition == place.edition and contents.root != place.root:
        raise InputError([f"The dataset was rebuilt after {folder} was hydrated; {rebuild}."])


def _check_file(path: Path, sha256: str, folder: Path) -> Path:
    """Return the path of a file; raises DamagedDataError unless its hash is the recorded one."""
    if not path.is_file() or hash_once(path) != sha256:
        command = quote_command(folder, " --limit 0")
        raise DamagedDataError(
            f"{path} changed after it was written. Type `{command}`, which writes the tables again from the stored "
            "pages."
        )
    return path


def _list_files(contents: Contents, config: str) -> list[str]:
    """Return the names of the files of a table, in order: one, or several that are numbered."""
    numbered = sorted(name for name in contents.files if re.fullmatch(rf"{config}-[0-9]+\.parquet", name))
    return numbered or [f"{config}.parquet"]


def _read_links(path: Path) -> Links:
    with path.open("rb") as file:  # pyarrow cannot open file names that are not UTF-8
        rows = pq.ParquetFile(file).read().to_pylist()
    return {row["article_id"]: {name: row[name] for name in _LINKS} for row in rows}


def join(file: OpenTable, config: str, folder: str | Path, where: Where | None) -> Parts:
    """Join a table of the dataset with the same table of a hydrated folder.

    Raises:
        InputError: the folder was not filled by `espress hydrate`, its last run was stopped, or it was hydrated for
            another dataset.
        DamagedDataError: a file in it changed.
    """
    folder = Path(folder)
    contents = read_contents(folder)
    _check(contents, file.place, folder)

    def check(name: str) -> tuple[Path, str]:
        sha256 = contents.files.get(name, "")
        return _check_file(folder / "data" / name, sha256, folder), sha256

    parts = [] if config == _REPLACED else list(file.parts)
    if config in (*_ADDED, _REPLACED):
        parts += map(check, _list_files(contents, config))
    links = _read_links(check("relations.parquet")[0]) or None  # without links, filters are pushed down into files
    groups = [group for path, sha256 in parts for group in list_groups(path, sha256)]
    return Parts(groups, file.schema, config, where, links)
