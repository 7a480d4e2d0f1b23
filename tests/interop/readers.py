"""The clients: what each reads, with what it is run, what it must restore, and how to run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.helpers import PROJECT
from tests.interop.subjects import OFFSETS

CLIENTS = Path(__file__).parent / "clients"
NODE = PROJECT / ".make" / "interop" / "node"
DEBIAN = "apt-get install --no-install-recommends r-base-core r-cran-haven r-cran-jsonlite r-cran-openssl"
MAKE = "type: make interop"
_TO_DO = {"Rscript": DEBIAN, "node": f"install Node.js, then {MAKE}"}
_SECONDS = 300


@dataclass(frozen=True)
class Reader:
    """One client: it is given a subject's folder and prints its version, then `name rows hash`, a line each."""

    name: str
    reads: str
    command: tuple[str, ...]
    restores: str = ""  # what its format or library loses, and where it is put back from
    also: tuple[str, ...] = ()  # what it must report besides tables; if any, it reports no tables


@dataclass(frozen=True)
class Seen:
    """What a client read: of each table the number of rows and the hash of its content."""

    version: str
    tables: dict[str, tuple[int, str]]


class ClientError(Exception):
    """A client stopped or said something else than what clients say; the message holds its last words."""


def _python(name: str, reads: str, restores: str = "", environment: str | None = None) -> Reader:
    own = PROJECT / ".make" / environment / "bin" / "python" if environment else Path(sys.executable)
    library = name.removesuffix("-oldest")
    return Reader(name, reads, (str(own), str(CLIENTS / "read_tables.py"), library), restores)


def _r(form: str, restores: str) -> Reader:
    return Reader(f"r-{form}", f"export to {form}", ("Rscript", str(CLIENTS / "with_r.R"), form), restores)


_NAMES = "names of label classes, from their numbers"
READERS = (
    _python("pyarrow", "Parquet"),
    _python("polars", "Parquet"),
    _python("duckdb", "Parquet"),
    _python("pandas", "Parquet", "whole numbers and truth values in columns with nulls"),
    _python("datasets", "the card's configs", _NAMES),
    _python("datasets-oldest", "the card's configs", _NAMES, "interop/oldest"),
    _python("espress", "the dataset folder", _NAMES),
    _python("espress-oldest", "the dataset folder", _NAMES, "interop/oldest"),
    _python("mlcroissant", "croissant.json", "text from bytes; types", "metadata-croissant"),
    _python("frictionless", "datapackage.json", "numbers, lists", "metadata-frictionless"),
    _python("sqlite", "export to sqlite", "truth values, dates, times, lists"),
    Reader("hyparquet", "Parquet", ("node", str(NODE / "with_hyparquet.mjs"))),
    _r("csv", "all types"),
    _r("dta", "nulls of text, label classes, truth values, times, lists"),
    _r("sav", "nulls of text, label classes, truth values, times, lists"),
    Reader("offsets-js", "docs/user/offsets.md", ("node", str(CLIENTS / "with_offsets.mjs")), also=OFFSETS),
    Reader("offsets-r", "docs/user/offsets.md", ("Rscript", str(CLIENTS / "with_offsets.R")), also=OFFSETS),
)


@cache
def explain_missing(program: str) -> str | None:
    """Return why a client's program cannot be run and what to type, or None if it can be."""
    if shutil.which(program) is None:
        return f"there is no {program}; {_TO_DO.get(program, MAKE)}"
    if program == "Rscript":
        wanted = "quit(status = !all(sapply(c('haven', 'jsonlite', 'openssl'), requireNamespace, quietly = TRUE)))"
        if subprocess.run(["Rscript", "-e", wanted], check=False, capture_output=True).returncode:
            return f"R lacks a package; {DEBIAN}"
    if program == "node" and not (NODE / "node_modules" / "hyparquet").is_dir():
        return f"hyparquet is not installed; {MAKE}"
    return None


def run_command(command: tuple[str, ...], aside: Path) -> str:
    """Return what a command prints, run far from our zone and with caches in `aside`; raises ClientError."""
    elsewhere = {
        "PYTHONPATH": str(PROJECT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HOME": str(aside),
        "XDG_CACHE_HOME": str(aside),
        "LC_ALL": "C.UTF-8",
        "TZ": "Asia/Kathmandu",  # a time that a client takes for local shows
    }
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, env=os.environ | elsewhere, timeout=_SECONDS, cwd=aside
        )
    except subprocess.TimeoutExpired as error:
        raise ClientError(f"no answer within {_SECONDS} s") from error
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        raise ClientError(f"exit code {done.returncode}: {' / '.join(words[-3:])}")
    return done.stdout.decode()


def read(reader: Reader, subject: Path, aside: Path) -> Seen:
    """Run a client over a subject; raises ClientError."""
    if reader.command[0] == "node":
        for script in CLIENTS.glob("*.mjs"):
            shutil.copy(script, NODE)  # an import is looked for beside the script
    version, *lines = run_command((*reader.command, str(subject)), aside).splitlines()
    tables = {}
    for line in lines:
        try:
            name, rows, sha256 = line.split(" ")
            tables[name] = (int(rows), sha256)
        except ValueError as error:
            raise ClientError(f"it printed {line!r}, which is not `name rows hash`") from error
    return Seen(version, tables)


def find_differences(reader: Reader, seen: Seen, expected: dict[str, tuple[int, str]]) -> list[str]:
    """Return the names of what the client read otherwise, or not at all; a table without rows may be left out."""
    tables = [name for name, (rows, _) in expected.items() if rows and name not in OFFSETS]
    needed = reader.also or tables
    wrong = [name for name, found in seen.tables.items() if expected.get(name) != found]
    return sorted({*wrong, *(name for name in needed if name not in seen.tables)})
