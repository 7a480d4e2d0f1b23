"""Read TOML, CSV and records of dataclasses, and list every fault: unknown and missing keys, wrong types."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from espress.errors import InputError
from espress.files import explain_json_error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cattrs import Converter

Kind = TypeVar("Kind")

_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


class _WrongTypeError(TypeError):
    """A value has the wrong type for its key; the message completes `KEY is …`."""


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises InputError if it is missing, not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([f"{path}: {explain_json_error(error)}."]) from error


def read_csv_rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Read a CSV file with a header row; return each row and the number of its line.

    Raises:
        InputError: the file is missing, not UTF-8 or not CSV.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            return [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise InputError([f"{path}: {error}. Save it as CSV in UTF-8."]) from error
    except (OSError, csv.Error) as error:
        raise InputError([f"{path}: {error}. It must be a CSV file in UTF-8."]) from error


@cache
def _converter() -> Converter:
    """Return a converter that checks types and converts nothing, except an integer to a float."""
    from cattrs import Converter

    def check(value: object, kind: type) -> object:
        if type(value) is not kind and (type(value), kind) != (int, float):
            raise _WrongTypeError(f"{value!r}, not {_NAMES[kind]}")
        return value

    def check_strings(value: object, _: object) -> tuple[str, ...]:
        if not isinstance(value, list) or any(type(one) is not str for one in value):
            raise _WrongTypeError(f"{value!r}, not a list of strings")
        return tuple(value)

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], check_strings)
    for kind in _NAMES:
        converter.register_structure_hook(kind, check)
    return converter


def structure(kind: type[Kind], raw: object, where: str) -> tuple[Kind | None, list[str]]:
    """Turn a TOML table into a dataclass.

    Returns:
        The object and no problems; or None and every problem, each beginning with `where`.
    """
    from cattrs import ClassValidationError

    if not isinstance(raw, dict):
        return None, [f"{where} must be a table"]
    try:
        return _converter().structure(raw, kind), []
    except ClassValidationError as error:
        return None, list(_list_faults(error, where))


def _list_faults(group: Any, where: str) -> Iterator[str]:
    from cattrs import ClassValidationError, ForbiddenExtraKeysError

    named, others = group.group_exceptions()
    if missing := sorted(note.name for error, note in named if isinstance(error, KeyError)):
        yield f"{where} lacks {missing}"
    for error, note in named:
        if isinstance(error, ClassValidationError):
            yield from _list_faults(error, f"[{note.name}]")
        elif isinstance(error, _WrongTypeError):
            yield f"{where}: {note.name} is {error}"
        elif is_dataclass(note.type):
            yield f"[{note.name}] must be a table"
        elif not isinstance(error, KeyError):
            yield f"{where}: {note.name}: {error}"
    for error in others:
        if type(error) is ValueError:  # of a check in `__post_init__`
            yield f"{where}: {error}"
            continue
        if not isinstance(error, ForbiddenExtraKeysError):
            raise error
        known = sorted(field.name for field in fields(error.cl))
        yield f"{where} has unknown keys {sorted(error.extra_fields)}; known: {known}"
