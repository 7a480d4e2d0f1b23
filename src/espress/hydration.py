"""The only access from `espress` to `espress_build`, for fetching and collecting articles and checking links.

`espress_build` is imported on first use of one of the three functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.errors import MissingLibraryError
from espress.installation import how_to_install

if TYPE_CHECKING:
    from espress_build.collect.run import collect
    from espress_build.hydrate.links import check_links
    from espress_build.hydrate.run import hydrate

__all__ = ["check_links", "collect", "hydrate"]


def __getattr__(name: str) -> object:
    """Import `collect`, `hydrate` or `check_links`.

    Raises:
        MissingLibraryError: `espress_build` or a library that it needs is not installed.
    """
    try:
        if name == "collect":
            from espress_build.collect.run import collect

            return collect
        if name == "hydrate":
            from espress_build.hydrate.run import hydrate

            return hydrate
        if name == "check_links":
            from espress_build.hydrate.links import check_links

            return check_links
    except ModuleNotFoundError as error:
        raise MissingLibraryError(error.name or name, "Hydrating", how_to_install("hydrate")) from error
    raise AttributeError(f"module 'espress.hydration' has no attribute {name!r}")
