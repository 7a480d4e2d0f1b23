"""`build/params.toml` as frozen values; an unknown or missing key is an error, and no environment variable counts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from espress.errors import InputError


@dataclass(frozen=True)
class Extract:
    """Limits on what is read."""

    max_source_bytes: int
    max_line_bytes: int


@dataclass(frozen=True)
class Language:
    """How the language of an article is found."""

    seed: int
    prefix_characters: int
    minimum_letters: int


@dataclass(frozen=True)
class Relate:
    """How near-duplicates are found."""

    shingle_words: int
    permutations: int
    bands: int
    near_threshold: float
    minimum_words: int


@dataclass(frozen=True)
class Split:
    """How units are cut at random, for contrast with the splits that keep articles whole."""

    unit_folds: int


@dataclass(frozen=True)
class Catalogue:
    """How pointers that look like one wire story are found."""

    wire_days: int


@dataclass(frozen=True)
class Editions:
    """How many words of an article in a row a cell of the open edition may not share with it."""

    quoted_words: int
    named_words: int


@dataclass(frozen=True)
class Pages:
    """Limits on saved pages, which anybody may have made."""

    max_file_bytes: int
    max_page_bytes: int
    seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class Package:
    """How tables are cut and written."""

    batch_articles: int
    compression: str
    compression_level: int


@dataclass(frozen=True)
class Params:
    """All tunable numbers of the build."""

    extract: Extract
    language: Language
    relate: Relate
    split: Split
    catalogue: Catalogue
    editions: Editions
    pages: Pages
    package: Package


_Section = TypeVar("_Section", Extract, Language, Relate, Split, Catalogue, Editions, Pages, Package)
_PACKAGE = Path(__file__).parent.parent
_PACKED = _PACKAGE / "_params.toml"
PARAMS_FILE = _PACKED if _PACKED.is_file() else _PACKAGE.parent / "params.toml"


def _section(kind: type[_Section], name: str, raw: Any, path: Path) -> _Section:
    expected = {field.name: str(field.type) for field in fields(kind)}
    if not isinstance(raw, dict):
        raise InputError([f"{path}: {name} must be a section, [{name}], with the keys {sorted(expected)}."])
    wrong = sorted(set(expected) ^ set(raw))
    if wrong:
        raise InputError([f"{path}: section [{name}] must have exactly the keys {sorted(expected)}; wrong: {wrong}."])
    for key, wanted in expected.items():
        found = type(raw[key]).__name__
        if found != wanted and (found, wanted) != ("int", "float"):
            raise InputError([f"{path}: section [{name}]: {key} is {raw[key]!r}; it must be of the type {wanted}."])
    return kind(**raw)


def read_params(path: Path = PARAMS_FILE) -> Params:
    """Read the parameters; raises InputError, naming the section and the keys."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([f"{path}: {error}."]) from error
    if set(raw) != {field.name for field in fields(Params)}:
        names = ", ".join(field.name for field in fields(Params))
        raise InputError([f"{path}: the sections must be {names}; found {sorted(raw)}."])
    return Params(
        _section(Extract, "extract", raw["extract"], path),
        _section(Language, "language", raw["language"], path),
        _section(Relate, "relate", raw["relate"], path),
        _section(Split, "split", raw["split"], path),
        _section(Catalogue, "catalogue", raw["catalogue"], path),
        _section(Editions, "editions", raw["editions"], path),
        _section(Pages, "pages", raw["pages"], path),
        _section(Package, "package", raw["package"], path),
    )
