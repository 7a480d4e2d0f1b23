"""ESPRESS (Espionage in the Press): a research corpus of news on espionage allegations.

import espress
articles = espress.load("articles")     # a datasets.Dataset; as_="arrow" | "pandas" | "polars"
print(espress.cite())                   # version and content hash
espress.verify().problems               # () when every byte is sound
"""

from __future__ import annotations

from espress.citing import cite
from espress.errors import (
    DamagedDataError,
    DatasetMissingError,
    EspressError,
    InputError,
    MissingLibraryError,
    SchemaError,
    UnknownNameError,
)
from espress.loading import load, versions
from espress.verifying import Problem, Report, verify

__all__ = [
    "DamagedDataError",
    "DatasetMissingError",
    "EspressError",
    "InputError",
    "MissingLibraryError",
    "Problem",
    "Report",
    "SchemaError",
    "UnknownNameError",
    "cite",
    "load",
    "verify",
    "versions",
]
