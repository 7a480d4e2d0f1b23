"""ESPRESS (Espionage in the Press): a research corpus of news on espionage allegations.

import espress
articles = espress.load("articles")     # a datasets.Dataset; as_="arrow" | "pandas" | "polars"
print(espress.cite())                   # version and root hash
espress.verify().problems               # () if every byte is as released
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from espress.citation import cite
from espress.data.integrity import Problem
from espress.data.load import load
from espress.data.resolve import versions, whereabouts
from espress.data.verification import Report, verify
from espress.errors import (
    CacheError,
    CacheWarning,
    DamagedDataError,
    DatasetMissingError,
    DownloadError,
    ErratumWarning,
    EspressError,
    InputError,
    MissingLibraryError,
    SchemaError,
    UnknownNameError,
    WithdrawnWarning,
)

if TYPE_CHECKING:
    __version__: str
    from espress import plot, probe
    from espress.exporters.export import export
    from espress.hydration import collect, hydrate
    from espress.rejoining.rejoin import rejoin
    from espress.shortcut_audit.audit import audit

__all__ = [
    "CacheError",
    "CacheWarning",
    "DamagedDataError",
    "DatasetMissingError",
    "DownloadError",
    "ErratumWarning",
    "EspressError",
    "InputError",
    "MissingLibraryError",
    "Problem",
    "Report",
    "SchemaError",
    "UnknownNameError",
    "WithdrawnWarning",
    "audit",
    "cite",
    "collect",
    "export",
    "hydrate",
    "load",
    "plot",
    "probe",
    "rejoin",
    "verify",
    "versions",
    "whereabouts",
]


_LAZY = {  # name -> module; imported on first use, because these modules import heavy libraries
    "audit": "espress.shortcut_audit.audit",
    "collect": "espress.hydration",
    "export": "espress.exporters.export",
    "hydrate": "espress.hydration",
    "rejoin": "espress.rejoining.rejoin",
}

if not TYPE_CHECKING:  # so that a type checker still reports misspelt names

    def __getattr__(name: str) -> object:
        """Import a name of the public interface on first use."""
        import importlib

        if name in ("plot", "probe"):
            return importlib.import_module(f"espress.{name}")
        if name == "__version__":
            return importlib.import_module("espress.installation").read_version()
        if name in _LAZY:
            return getattr(importlib.import_module(_LAZY[name]), name)
        raise AttributeError(f"module 'espress' has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return all names, also those that are imported on first use."""
        return sorted({*globals(), *__all__, "__version__"})
