"""Document how to obtain the package and its data: from the project's page or, until it has one, from a clone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.installation import how_to_install, name_wheel, read_address

if TYPE_CHECKING:
    from pathlib import Path


def describe_sources(_: Path) -> str:
    """Return what to download or to build, and how to install it."""
    zips = "zip files of all tables as CSV, Stata, SPSS, Excel, SQLite and DuckDB"
    if homepage := read_address("homepage"):
        doi = read_address("doi")
        named = f" (DOI [{doi}](https://doi.org/{doi}))" if doi else ""
        return f"The wheel, the archives and {zips} are at <{homepage}>{named}. To install: `{how_to_install()}`."
    return (
        f"The package is not yet on a package index. In a clone, `make wheel` writes `dist/{name_wheel()}`, which "
        "holds package and data and can be installed anywhere: `pip install WHEEL`, or `pip install 'WHEEL[audit]'` "
        f"with an extra. `make assets` writes {zips} to `releases/assets/`."
    )


SECTIONS = {"obtaining": describe_sources}
