"""The one way from users' code to the package of the builders, which fetches articles and checks links.

Nothing else in `espress` imports `espress_build`, and nothing is imported before it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from espress.errors import MissingLibraryError

if TYPE_CHECKING:
    from espress_build.hydrate.links import check_links
    from espress_build.hydrate.run import hydrate

__all__ = ["check_links", "hydrate", "import_builder"]

_MODULES = {"check_links": "links", "hydrate": "run"}
_INSTALL = "pip install 'espress[hydrate]'"


def import_builder(module: str) -> Any:
    """Import a module of `espress_build.hydrate`.

    Raises:
        MissingLibraryError: `espress_build` or a library that it needs is not installed.
    """
    import importlib

    try:
        return importlib.import_module(f"espress_build.hydrate.{module}")
    except ModuleNotFoundError as error:
        raise MissingLibraryError(error.name or module, "Hydrating", _INSTALL) from error


def __getattr__(name: str) -> object:
    """Import `hydrate` or `check_links` when it is first asked for."""
    if name in _MODULES:
        return getattr(import_builder(_MODULES[name]), name)
    raise AttributeError(f"module 'espress.hydration' has no attribute {name!r}")
