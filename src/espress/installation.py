"""Sentences on how to install and update espress, and where to download its releases."""

from __future__ import annotations

from functools import cache

from espress.schema import schema


def read_version() -> str:
    """Return the version of the package, which is not that of the data."""
    from importlib import metadata

    try:
        return metadata.version("espress")
    except metadata.PackageNotFoundError:  # run from source code that is not installed
        return "0"


def read_address(key: str) -> str:
    """Return `homepage` or `doi` of schema/dataset.toml; empty if it is not set."""
    return str(schema().about.get(key, ""))


@cache
def name_wheel() -> str:
    """Return the file name of the wheel of this version of the package."""
    return f"espress-{read_version()}-py3-none-any.whl"


def how_to_install(extra: str = "") -> str:
    """Return the command that installs the package with an optional part.

    As long as the project has no homepage, the command names the wheel: the package is not on an index, and anybody
    could register its name there.
    """
    name = "espress" if read_address("homepage") else name_wheel()
    return f"pip install '{name}[{extra}]'" if extra else f"pip install {name}"


def how_to_update() -> str:
    """Return a sentence that says how to get a newer version of the package."""
    if homepage := read_address("homepage"):
        return f"Type: pip install --upgrade espress (see {homepage})."
    return f"Install a newer wheel than {name_wheel()}; `make wheel` builds it in a clone."


def where_releases_are(doi: str | None = None) -> str:
    """Return where the archives of releases can be downloaded; `doi` is that of the wanted release, if it has one."""
    doi = doi or read_address("doi")
    known = [read_address("homepage"), f"https://doi.org/{doi}" if doi else ""]
    return " or ".join(filter(None, known)) or "the folder releases/archives of the project's repository"
