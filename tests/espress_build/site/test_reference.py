"""The reference names everything that users can call, with arguments, errors and options."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Literal

import espress
from espress_build.site.docstrings import read_docstring
from espress_build.site.sections.reference import describe_commands, describe_module, format_signature

if TYPE_CHECKING:
    from pathlib import Path


def test_every_public_name_is_there(site_folder: Path) -> None:
    page = (site_folder / "reference" / "espress.html").read_text(encoding="utf-8")
    names = [name for name in espress.__all__ if not inspect.ismodule(getattr(espress, name))]
    assert [name for name in names if f'id="{name}"' not in page] == []
    probe = (site_folder / "reference" / "espress.probe.html").read_text(encoding="utf-8")
    assert [
        name for name in espress.probe.__all__ if callable(getattr(espress.probe, name)) and f'id="{name}"' not in probe
    ] == []


def test_arguments_and_errors_are_lists_and_code_is_code() -> None:
    entries = {entry.name: entry for entry in describe_module("espress")[1]}
    parts = {part.kind: part for part in entries["load"].parts}
    assert dict(parts["Args"].items)["split"].startswith('"train", "dev" or "test"')
    assert "MissingLibraryError" in dict(parts["Raises"].items)
    assert "code" in {part.kind for part in describe_module("espress")[0]}
    prose = read_docstring("Return one.\n\nMore words: none.\n\nReturns:\n    The\n    value.\n\nLast words.")
    assert [(part.kind, part.text) for part in prose] == [
        ("text", "Return one."), ("text", "More words: none."), ("Returns", "The value."), ("text", "Last words."),
    ]  # fmt: skip


def test_signatures_are_python() -> None:
    def short(a: int, *, b: str = "x") -> None: ...

    def long(first: Literal["one", "two", "three"], second: dict[str, list[int]], **others: object) -> list[str]:
        return [first]

    assert format_signature("short", short) == "short(a: int, *, b: str = 'x')"
    lines = format_signature("long", long).splitlines()
    assert lines[0] == "long("
    assert lines[-2:] == ["    **others: object,", ") -> list[str]"]


def test_every_command_lists_its_options() -> None:
    commands = {entry.name: entry for entry in describe_commands()}
    assert {"espress show", "espress cite", "espress probe run", "espress export"} <= set(commands)
    options = [name for part in commands["espress cite"].parts for name, _ in part.items]
    assert any(name.startswith("--style") for name in options)
