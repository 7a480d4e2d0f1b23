"""The parameters of the build, from `build/params.toml` alone; no environment variable changes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from espress.errors import InputError
from espress_build.inputs.toml_files import read_toml, structure


@dataclass(frozen=True)
class Extract:
    """Limits on source files."""

    max_source_bytes: int
    max_line_bytes: int


@dataclass(frozen=True)
class Language:
    """Settings of language detection."""

    seed: int
    prefix_characters: int
    minimum_letters: int


@dataclass(frozen=True)
class Link:
    """Settings of near-duplicate detection."""

    shingle_words: int
    permutations: int
    bands: int
    near_threshold: float
    minimum_words: int


@dataclass(frozen=True)
class Label:
    """Settings of gold labels."""

    fewest_passes: int


@dataclass(frozen=True)
class Split:
    """Settings of random splits of units, for comparison with the splits that keep articles whole."""

    unit_folds: int


@dataclass(frozen=True)
class Catalogue:
    """Settings for the groups of catalogue entries that look like one wire story."""

    wire_days: int


@dataclass(frozen=True)
class Editions:
    """The numbers of consecutive words of an article that a cell of the open edition must not contain."""

    quoted_words: int
    named_words: int


@dataclass(frozen=True)
class Pages:
    """Limits on saved pages, which may be hostile."""

    max_file_bytes: int
    max_page_bytes: int
    seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class Package:
    """Settings of row groups and compression."""

    batch_articles: int
    compression: str
    compression_level: int


@dataclass(frozen=True)
class Params:
    """All tunable numbers of the build."""

    extract: Extract
    language: Language
    link: Link
    label: Label
    split: Split
    catalogue: Catalogue
    editions: Editions
    pages: Pages
    package: Package


_PACKAGE = Path(__file__).parent.parent
_PACKED = _PACKAGE / "_params.toml"  # in a wheel
PARAMS_FILE = _PACKED if _PACKED.is_file() else _PACKAGE.parent / "params.toml"


def read_params(path: Path = PARAMS_FILE) -> Params:
    """Read the parameters; raises InputError with every unknown or missing key and every value of a wrong type."""
    params, problems = structure(Params, read_toml(path), "the file")
    if params is None:
        raise InputError([f"{path}: {problem}." for problem in problems])
    return params
