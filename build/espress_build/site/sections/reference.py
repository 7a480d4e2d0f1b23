"""The reference: what users can call, from the docstrings, and the commands of `espress` with their options."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espress_build.site.docstrings import Part, read_docstring, split_code
from espress_build.site.page import Page, SearchEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from espress_build.site.dataset import Dataset

ORDER = 90
NAVIGATION = "Reference"
_MODULES = ("espress", "espress.probe", "espress.plot")
_LONG = 88  # characters; a longer signature has one line for each parameter


@dataclass(frozen=True)
class Entry:
    """One name that users may use: a function, a class, an exception or a command."""

    name: str
    anchor: str
    kind: str
    signature: str
    parts: list[Part]
    members: list[Entry]

    @property
    def summary(self) -> str:
        """The first paragraph."""
        return next((part.text for part in self.parts if part.kind == "text"), "")


def _plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return re.sub(r"\b(?:typing|collections\.abc|pathlib)\.", "", text)


def _format_default(value: Any) -> str:
    """Return a default as code; objects whose text holds an address in memory are left out."""
    text = repr(value)
    return "…" if " at 0x" in text or text.startswith("<") else text


def format_signature(name: str, call: Any) -> str:
    """Return the signature of a function or class as Python, with one parameter on each line if it is long."""
    try:
        signature = inspect.signature(call)
    except (TypeError, ValueError):
        return name
    words, star = [], False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            words.append("*")
            star = True
        prefix = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind.name, "")
        star = star or prefix == "*"
        type_ = f": {_plain(parameter.annotation)}" if parameter.annotation is not parameter.empty else ""
        default = f" = {_format_default(parameter.default)}" if parameter.default is not parameter.empty else ""
        words.append(f"{prefix}{parameter.name}{type_}{default}")
    returned = signature.return_annotation
    end = f") -> {_plain(returned)}" if returned not in (signature.empty, "None", None) else ")"
    short = f"{name}({', '.join(words)}{end}"
    return short if len(short) <= _LONG else f"{name}(\n    " + ",\n    ".join(words) + f",\n{end}"


def _describe_members(thing: type, name: str) -> Iterator[Entry]:
    """Yield the properties and methods of a class and of our classes that it inherits from."""
    bases = [base for base in reversed(thing.__mro__) if base.__module__.partition(".")[0] == "espress"]
    for member, value in {member: value for base in bases for member, value in vars(base).items()}.items():
        if member.startswith("_"):
            continue
        anchor = f"{name}.{member}"
        if isinstance(value, property):
            returned = _plain(value.fget.__annotations__.get("return", "")) if value.fget else ""
            parts = read_docstring(inspect.getdoc(value) or "")
            yield Entry(member, anchor, "property", f"{member}: {returned}", parts, [])
        elif inspect.isfunction(value) and value.__doc__:
            yield Entry(member, anchor, "method", format_signature(member, value), read_docstring(value.__doc__), [])


def _describe(name: str, value: Any, prefix: str) -> Entry:
    parts = read_docstring(inspect.getdoc(value) or "")
    if not inspect.isclass(value):
        return Entry(name, name, "function", format_signature(f"{prefix}.{name}", value), parts, [])
    if issubclass(value, BaseException):
        bases = ", ".join(base.__name__ for base in value.__bases__)
        return Entry(name, name, "exception", f"class {prefix}.{name}({bases})", parts, [])
    signature = f"class {prefix}.{name}"
    if dataclasses.is_dataclass(value):
        fields = "".join(f"\n    {field.name}: {_plain(field.type)}" for field in dataclasses.fields(value))
        signature += f":{fields}"
    return Entry(name, name, "class", signature, parts, list(_describe_members(value, name)))


def describe_module(name: str) -> tuple[list[Part], list[Entry]]:
    """Return the docstring of a module and its public names: functions, then classes, then exceptions."""
    module = importlib.import_module(name)
    order = ("function", "class", "exception")
    public = {one: getattr(module, one) for one in sorted(module.__all__, key=str.lower)}
    entries = [_describe(one, value, name) for one, value in public.items() if callable(value)]
    return read_docstring(module.__doc__ or ""), sorted(entries, key=lambda entry: order.index(entry.kind))


def _describe_option(action: argparse.Action) -> tuple[str, str]:
    shown = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    values = f"{{{','.join(map(str, action.choices))}}}" if action.choices else shown
    takes = "" if action.nargs == 0 else f" {values}"
    name = ", ".join(action.option_strings) + takes if action.option_strings else values
    words = dict(vars(action)) | {"prog": "espress"}
    return name, str(action.help or "") % words


def describe_commands() -> list[Entry]:
    """Return the subcommands of `espress`, each with its arguments and options."""
    from espress.cli.main import make_parser

    found = []

    def walk(parser: argparse.ArgumentParser, names: tuple[str, ...], help_: str) -> None:
        deeper = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]  # noqa: SLF001
        options = [one for one in parser._actions if one not in deeper and one.dest != "help"]  # noqa: SLF001
        if len(names) > 1 and (options or not deeper):
            items = tuple(_describe_option(one) for one in options if one.help != argparse.SUPPRESS)
            words = [*names, *(one.dest.upper() for one in options if not one.option_strings)]
            first = f"{help_[:1].upper()}{help_[1:]}."
            parts = [Part("text", first), *([Part("Args", items=items)] if items else [])]
            found.append(Entry(" ".join(names), "-".join(names), "command", " ".join(words), parts, []))
        for one in deeper:
            helps = {listed.dest: str(listed.help) for listed in one._get_subactions()}  # noqa: SLF001
            for name, inner in one.choices.items():
                walk(inner, (*names, name), helps.get(name, ""))

    walk(make_parser(), ("espress",), "")
    return found


def _make_page(name: str, title: str, parts: list[Part], entries: list[Entry]) -> Page:
    path = f"reference/{name}.html"
    search = [
        SearchEntry(f"{path}#{entry.anchor}", entry.signature.split("(")[0].split(":")[0], entry.summary, "reference")
        for entry in entries
    ]
    context = {"parts": parts, "entries": entries, "split_code": split_code}
    return Page(path, title, "reference.html.j2", context, search=search)


def make_pages(dataset: Dataset) -> Iterator[Page]:  # noqa: ARG001  every section has this signature
    """Yield the overview, a page for each module, and one for the commands."""
    modules = {name: describe_module(name) for name in _MODULES}
    commands = describe_commands()
    pages = [_make_page(name, name, parts, entries) for name, (parts, entries) in modules.items()]
    about = [Part("text", "What you can type at a shell's prompt after `pip install`. Each command explains itself "
                  "with `--help`.")]  # fmt: skip
    pages.append(_make_page("commands", "The command espress", about, commands))
    yield Page(
        "reference/index.html", "Reference", "reference_index.html.j2", {"pages": pages, "split_code": split_code}
    )
    yield from pages
